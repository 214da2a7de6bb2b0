"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.files import check_target, whole_file


def test_a_file_appears_when_the_block_succeeds(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    with whole_file(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".mp4"
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_it_gets_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with whole_file(tmp_path / "film.mp4") as temporary:
        temporary.write_text("whole")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_the_block_leaves_the_older_file(
    tmp_path: Path, reason: type[BaseException]
) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("older")
    with pytest.raises(reason), whole_file(target) as temporary:
        temporary.write_text("half")
        raise reason
    assert target.read_text() == "older"
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    with pytest.raises(UsageError, match=r"The folder .*away does not exist; create it or"):
        check_target(folder / "film.mp4")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        check_target(tmp_path)


def test_a_device_is_never_replaced() -> None:
    if os.name != "posix":
        pytest.skip("devices have no path here")
    with pytest.raises(UsageError, match="not an ordinary file"), whole_file(os.devnull):
        pass
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_locked_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LstmvizError, match="not writable"):
        check_target(tmp_path / "film.mp4")


def test_a_folder_that_may_not_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LstmvizError, match="not writable") as caught:
        check_target(tmp_path / "film.mp4")
    assert not isinstance(caught.value, UsageError)


def test_a_name_that_the_disk_refuses(tmp_path: Path) -> None:
    with (
        pytest.raises(LstmvizError, match="could not be written"),
        whole_file(tmp_path / ("x" * 300 + ".mp4")) as temporary,
    ):
        temporary.write_text("whole")
    assert not os.listdir(tmp_path)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    link = tmp_path / "film.mp4"
    try:
        link.symlink_to(tmp_path / "place" / "film.mp4")
    except OSError:
        pytest.skip("links need a permission here")
    with whole_file(link) as temporary:
        temporary.write_text("whole")
    assert link.is_symlink()
    assert (tmp_path / "place" / "film.mp4").read_text() == "whole"


def test_errors_of_others_stay_themselves(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "film.mp4"):
        (tmp_path / "not there").read_text()
