"""Posters and the storyboard show the frames that steps end with, opaque and exact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.formats import export
from lstmviz.export.images.storyboard import storyboard
from lstmviz.reel.reel import Reel

Drawn = Callable[..., np.ndarray]


@pytest.mark.parametrize(
    ("step", "number"),
    [(None, 120), ("read", 10), (1, 10), ("2", 80), ("move", 80), ("forget", 120)],
)
def test_a_poster_is_the_last_frame_of_its_step(
    reel: Reel, tmp_path: Path, drawn: Drawn, step: str | int | None, number: int
) -> None:
    """Frames 0 to 59 show picture 0; steps end with frames 69, 139 and 209."""
    with Image.open(export(reel, tmp_path / "film.png", step=step)) as image:
        assert image.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(image), drawn(number)[..., :3])


def test_an_unknown_step_lists_the_known_ones(reel: Reel, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no step end in this film; its steps are: read, move"):
        export(reel, tmp_path / "film.png", step="end")


def test_a_storyboard_has_every_step(reel: Reel, tmp_path: Path, drawn: Drawn) -> None:
    told: list[float] = []
    storyboard(reel, tmp_path / "sheet.png", columns=2, progress=told.append)
    with Image.open(tmp_path / "sheet.png") as image:
        sheet = np.asarray(image)
    assert told[-1] == 1
    gap, label = 8, round(11 * 1.6)
    assert sheet.shape == (gap + 2 * (180 + label + gap), gap + 2 * (320 + gap), 3)
    for k, number in enumerate((10, 80, 120)):
        y = gap + k // 2 * (180 + label + gap)
        x = gap + k % 2 * (320 + gap)
        np.testing.assert_array_equal(sheet[y : y + 180, x : x + 320], drawn(number)[..., :3])
        below = sheet[y + 180 : y + 180 + label, x : x + 320].astype(int)
        ink = np.abs(below - below[0, 0]).max(-1) > 100
        assert ink[:, :60].sum() > 20, "the name stands on the left"
        assert ink[:, -80:].sum() > 20, "the time stands on the right"
    assert (sheet[-label - gap - 100, -100] == sheet[0, 0]).all(), "the fourth place is empty"


def test_pictures_on_a_storyboard_shrink_but_do_not_grow(reel: Reel, tmp_path: Path) -> None:
    sizes = []
    for width in (160, 320, 5000):
        storyboard(reel, tmp_path / "sheet.png", columns=1, width=width)
        with Image.open(tmp_path / "sheet.png") as image:
            sizes.append(image.width)
    assert sizes == [160 + 2 * 4, 320 + 2 * 8, 320 + 2 * 8]


def test_an_empty_storyboard_is_refused(recorded: Callable[..., Reel], tmp_path: Path) -> None:
    from dataclasses import replace

    reel = recorded(tmp_path / "film.reel", 20, [(0, 9)], (64, 64))
    with pytest.raises(LstmvizError, match="no steps"):
        storyboard(replace(reel, steps=()), tmp_path / "sheet.png")
    with pytest.raises(UsageError, match="0 columns"):
        storyboard(reel, tmp_path / "sheet.png", columns=0)
    assert not (tmp_path / "sheet.png").exists()
