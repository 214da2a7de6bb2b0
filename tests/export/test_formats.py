"""The registry: which file an ending asks for, and whether it can be written at all."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.common.format import Format
from lstmviz.export.formats import FORMATS, check, export
from lstmviz.reel.reel import Reel


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.slow
def test_every_ending_gives_one_whole_file(reel: Reel, tmp_path: Path, ending: str) -> None:
    path = export(reel, tmp_path / f"film{ending}")
    assert os.listdir(tmp_path) == [path.name]
    assert path.stat().st_size > 100


@pytest.mark.parametrize("ending", FORMATS)
def test_a_format_is_read_as_its_writer_declares_it(ending: str) -> None:
    declared = vars(importlib.import_module(FORMATS[ending].module)).values()
    (own,) = [each for each in declared if isinstance(each, Format) and each.ending == ending]
    assert replace(own, module=FORMATS[ending].module) == FORMATS[ending]
    assert ("transparent" in own_options(own, ending)) == (own.alpha is not None)
    assert (own.kind == "deck") == hasattr(importlib.import_module(FORMATS[ending].module), "deck")


def own_options(declared: Format, ending: str) -> tuple[str, ...]:
    return replace(declared, module=FORMATS[ending].module).options()


def test_formats_are_listed_without_the_libraries_that_write_them() -> None:
    program = (
        "import sys, lstmviz.cli; from lstmviz.export.common.format import endings; "
        "assert len(endings()) > 9; print(*{'av', 'PIL', 'manim', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


def test_a_format_whose_library_is_missing_says_so_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(LstmvizError, match=r"need python-pptx; install it: .*python-pptx>="):
        check(tmp_path / "deck.pptx")


def test_capitals_do_not_matter(reel: Reel, tmp_path: Path) -> None:
    assert export(reel, tmp_path / "FILM.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["film.xyz", "film", "film.", "film.mp4.part"])
def test_an_unknown_ending_lists_the_known_ones(reel: Reel, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"choose one of \.mp4, \.webm, \.mov, \.gif, \.webp"):
        export(reel, tmp_path / name)
    assert not os.listdir(tmp_path)


def test_options_of_another_format_are_named(reel: Reel, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.gif file has no option crf; it takes: width, fps"):
        export(reel, tmp_path / "film.gif", crf=18)
    with pytest.raises(UsageError, match=r"\.reel file has no option fps; it takes: force"):
        check(tmp_path / "film.reel", fps=20)


def test_a_missing_folder_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist; create it"):
        check(tmp_path / "away" / "film.mp4")


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".png"])
@pytest.mark.slow
def test_progress_rises_from_nothing_to_all(reel: Reel, tmp_path: Path, ending: str) -> None:
    told: list[float] = []
    export(reel, tmp_path / f"film{ending}", progress=told.append)
    assert told == sorted(told)
    assert told[0] >= 0
    assert told[-1] == 1


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
@pytest.mark.slow
def test_ctrl_c_leaves_the_older_file(reel: Reel, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"film{ending}"
    path.write_text("older")

    def interrupt(done: float) -> None:
        if done > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(reel, path, progress=interrupt, force=True)
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".png"])
def test_a_lost_reel_leaves_nothing(reel: Reel, tmp_path: Path, ending: str) -> None:
    copy = reel.save(tmp_path / "copy.reel")
    copy.path.unlink()
    with pytest.raises(LstmvizError, match="damaged; render it again"):
        export(copy, tmp_path / f"film{ending}")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".webm", ".gif", ".webp", ".apng"])
@pytest.mark.slow
def test_the_first_picture_is_that_of_the_film(reel: Reel, tmp_path: Path, ending: str) -> None:
    """What says in a story what it is says it in every file of it."""
    opaque = {"transparent": False} if FORMATS[ending].alpha is not None else {}
    path = export(reel, tmp_path / f"film{ending}", **opaque)
    if ending == ".webp":
        first = np.asarray(Image.open(path).convert("RGB"))
    else:
        with av.open(path) as film:
            first = next(film.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(first - reel.frame(0)[..., :3].astype(float)).mean() < 2
