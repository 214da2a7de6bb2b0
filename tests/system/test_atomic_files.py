"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.atomic_files import check_target, made_folder, refuse_inputs, whole_file


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
    with pytest.raises(reason), whole_file(target, force=True) as temporary:
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


def written(target: Path, text: str = "ours", **options: bool) -> None:
    with whole_file(target, **options) as temporary:
        temporary.write_text(text)


def test_what_was_written_here_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    written(target)
    written(target, "ours again")
    assert target.read_text() == "ours again"
    (tmp_path / "empty.mp4").touch()  # as mktemp leaves it
    written(tmp_path / "empty.mp4")


@pytest.mark.parametrize("edited", [False, True])
def test_what_somebody_else_wrote_or_changed_stays(tmp_path: Path, edited: bool) -> None:
    target = tmp_path / "film.mp4"
    if edited:
        written(target)
    target.write_text("mine")
    ways_out = r"film\.mp4 was not written by lstmviz.* name, .* force=True"
    with pytest.raises(UsageError, match=ways_out):
        check_target(target)
    with pytest.raises(UsageError, match=ways_out):
        written(target)
    assert target.read_text() == "mine"
    assert check_target(target, force=True) == target
    written(target, force=True)
    assert target.read_text() == "ours"


@pytest.mark.parametrize("force", [False, True])
def test_a_read_only_file_stays(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "film.mp4"
    written(target)
    target.chmod(0o444)
    with pytest.raises(UsageError, match="is read-only; make it writable, or"):
        written(target, "ours again", force=force)
    assert target.read_text() == "ours"
    target.chmod(0o644)


def test_a_file_that_is_changed_meanwhile_stays_and_the_new_one_is_beside_it(
    tmp_path: Path,
) -> None:
    target = tmp_path / "deck.pptx"
    written(target)
    replaced = r"What would have replaced it is .*deck-"
    with pytest.raises(UsageError, match=replaced) as caught, whole_file(target) as temporary:
        temporary.write_text("new")
        target.write_text("edited meanwhile")
    assert target.read_text() == "edited meanwhile"
    (beside,) = set(tmp_path.iterdir()) - {target}
    assert str(beside) in str(caught.value)
    assert beside.read_text() == "new"


@pytest.mark.parametrize("how", ["itself", "roundabout", "link", "hard link", "scene"])
def test_what_is_read_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    source = Path("model.py" if how == "scene" else "model.npz")
    written(source)
    output, value = str(source), str(source) if how != "scene" else "model.py:Mine"
    if how == "roundabout":
        output = os.path.join("..", tmp_path.name, output)
    elif how in ("link", "hard link"):
        output = "other.npz"
        (Path(output).symlink_to if how == "link" else Path(output).hardlink_to)(source)
    given = ["a sentence. " * 100, None, 3, value]
    with pytest.raises(UsageError, match=r"is also read.* choose another path"):
        refuse_inputs([output], given)
    refuse_inputs(["elsewhere.npz"], given)


def test_a_link_that_leads_nowhere_says_where(tmp_path: Path) -> None:
    link = tmp_path / "film.mp4"
    link.symlink_to(tmp_path / "away" / "film.mp4")
    with pytest.raises(UsageError, match=r"The folder .*away, to which .*film.mp4 leads, does not"):
        check_target(link)
    round_ = tmp_path / "round.mp4"
    round_.symlink_to(round_)
    with pytest.raises(UsageError, match="leads in a circle"):
        check_target(round_)


@pytest.mark.skipif(os.name != "posix", reason="a current folder cannot be removed here")
def test_a_current_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for call in (check_target, made_folder):
        with pytest.raises(UsageError, match="The current folder is no longer there"):
            call(Path("media"))


def test_a_folder_that_cannot_be_made_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "media"):
        with pytest.raises(UsageError, match=r"is not a folder; choose another path"):
            made_folder(place)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(LstmvizError, match=r"\(permission denied\); choose another place"):
        made_folder(tmp_path / "media")
