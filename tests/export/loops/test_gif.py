"""The GIF is small, looks like the film, loops, and needs little memory however long it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.export.formats import export
from lstmviz.export.loops import gif
from lstmviz.export.loops.gif import LOOP_SIZE, loop_ladder
from lstmviz.export.loops.sampling import default_rate
from lstmviz.reel.reel import Reel

pytestmark = pytest.mark.slow

Shown = list[tuple[float, np.ndarray]]  # when a picture begins (seconds), its red, green, blue


@pytest.fixture(scope="module")
def path(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(reel, tmp_path_factory.mktemp("gif") / "film.gif")


def shown(path: Path) -> tuple[Shown, list[int]]:
    """What another decoder sees, and how long each picture stands in milliseconds."""
    pictures: Shown = []
    delays: list[int] = []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pictures.append((sum(delays) / 1000, np.asarray(image.convert("RGB")).copy()))
            delays.append(image.info["duration"])
    return pictures, delays


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = np.mean((one.astype(float) - other) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def test_it_shows_the_frames_of_the_film(path: Path, drawn: Callable[..., np.ndarray]) -> None:
    pictures, _ = shown(path)
    assert len(pictures) > 35
    for time, pixels in pictures[:-1]:
        number = min(max(round(time * 60) - 59, 0), 120)
        assert psnr(pixels, drawn(number)[..., :3]) > 45
    assert psnr(pictures[-1][1], drawn(120)[..., :3]) > 45


def test_flat_colours_are_exact(
    path: Path, flat: dict[tuple[int, int], tuple[int, int, int]]
) -> None:
    for _, pixels in shown(path)[0]:
        for (x, y), colour in flat.items():
            np.testing.assert_allclose(pixels[y, x], colour, atol=1)


def test_it_loops_for_ever(path: Path) -> None:
    content = path.read_bytes()
    at = content.index(b"NETSCAPE2.0") + 11
    assert content[at : at + 4] == bytes([3, 1, 0, 0])


def test_it_rests_two_seconds_at_the_end(path: Path) -> None:
    _, delays = shown(path)
    assert delays[-1] == 2000
    # Held for a second at the start, told once; three frames of 60 a second while it moves.
    assert delays[0] == 1000
    assert set(delays[1:-1]) == {50}


def test_a_long_rest_is_not_shortened(recorded: Callable[..., Reel], tmp_path: Path) -> None:
    reel = recorded(tmp_path / "film.reel", 20, [(0, 20), (5, 70)], (320, 180))
    _, delays = shown(export(reel, tmp_path / "film.gif"))
    assert delays == [1000, 3500]


def test_it_is_small(path: Path, reel: Reel) -> None:
    raw = reel.width * reel.height * 3 * 40
    assert path.stat().st_size < raw / 100


def test_it_is_never_enlarged_but_made_smaller(reel: Reel, tmp_path: Path) -> None:
    for width, size in ((1000, (320, 180)), (160, (160, 90)), (101, (101, 57))):
        path = export(reel, tmp_path / "film.gif", width=width)
        with Image.open(path) as image:
            assert image.size == size


def test_a_smaller_one_is_the_mean_of_the_film(
    reel: Reel, tmp_path: Path, drawn: Callable[..., np.ndarray]
) -> None:
    pictures, _ = shown(export(reel, tmp_path / "film.gif", width=160))
    mean = drawn(0)[..., :3].reshape(90, 2, 160, 2, 3).mean((1, 3))
    assert psnr(pictures[0][1], mean) > 40


def test_colours_are_a_choice(reel: Reel, path: Path, tmp_path: Path) -> None:
    few = export(reel, tmp_path / "few.gif", colors=8)
    pixels = shown(few)[0][0][1].reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) <= 8
    assert few.stat().st_size < path.stat().st_size


@pytest.mark.parametrize(("fps", "delay"), [(50, 20), (25, 40), (20, 50), (10, 100)])
def test_the_rate_is_a_choice(reel: Reel, tmp_path: Path, fps: int, delay: int) -> None:
    _, delays = shown(export(reel, tmp_path / "film.gif", fps=fps, width=80))
    moving = delays[2:-2]
    assert np.median(moving) == delay
    assert sum(delays[:-1]) == pytest.approx(3000, abs=110)


@pytest.mark.parametrize(
    ("film", "gif"),
    [(60, 20), (50, 25), (30, 25), (24, 20), (25, 25), (20, 20), (15, 10), (120, 20), (6, 10)],
)
def test_the_usual_rate_leaves_frames_out_evenly(film: int, gif: int) -> None:
    assert default_rate(film) == gif


def test_a_film_at_thirty_keeps_its_time(recorded: Callable[..., Reel], tmp_path: Path) -> None:
    moves = [(number, 1) for number in range(30)]
    reel = recorded(tmp_path / "film.reel", 30, moves, (320, 180))
    pictures, delays = shown(export(reel, tmp_path / "film.gif"))
    assert len(pictures) == 25
    assert set(delays[:-1]) == {40}


def test_odd_sizes(odd: Reel, tmp_path: Path) -> None:
    with Image.open(export(odd, tmp_path / "odd.gif")) as image:
        assert image.size == (321, 181)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 30}, "choose one of 50, 25, 20, 10"),
        ({"colors": 1}, "2 to 256 colours, not 1"),
        ({"colors": 257}, "2 to 256 colours, not 257"),
        ({"width": 0}, "not possible"),
    ],
)
def test_wrong_options(
    reel: Reel, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        export(reel, tmp_path / "film.gif", **options)


@pytest.mark.verify
def test_memory_does_not_grow_with_the_length(
    recorded: Callable[..., Reel], tmp_path: Path
) -> None:
    """300 pictures of a megabyte each: what piles up anywhere would show."""
    pytest.importorskip("resource")
    script = """
import resource, sys
from lstmviz.export.formats import export
from lstmviz.reel.reel import Reel
export(Reel.load("short.reel"), "short.gif", fps=20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
export(Reel.load("long.reel"), "long.gif", fps=20)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(grown // (1024 * 1024 if sys.platform == "darwin" else 1024))
"""
    for name, count in (("short", 10), ("long", 300)):
        moves = [(number, 1) for number in range(count)]
        recorded(tmp_path / f"{name}.reel", 20, moves, (640, 400))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert int(done.stdout) < 60


def test_the_best_that_fits_is_chosen(reel: Reel, tmp_path: Path) -> None:
    told: list[str] = []
    whole = export(reel, tmp_path / "whole.gif", fps=50).stat().st_size
    sizes = []
    for share in (1.2, 0.6, 0.3):
        done: list[float] = []
        path = export(
            reel,
            tmp_path / "film.gif",
            max_size=int(whole * share),
            tell=told.append,
            progress=done.append,
        )
        sizes.append(path.stat().st_size)
        assert sizes[-1] <= whole * share
        assert done == sorted(done)
        assert done[-1] == 1
    assert sizes[0] == whole > sizes[1] > sizes[2] > 0.1 * whole
    assert told[0] == "320×180, 50 pictures a second, 256 colours"
    assert len(set(told)) == 3


def test_what_is_asked_for_stays_within_a_budget(reel: Reel, tmp_path: Path) -> None:
    whole = export(reel, tmp_path / "whole.gif", width=160).stat().st_size
    told: list[str] = []
    path = export(
        reel, tmp_path / "film.gif", width=160, max_size=int(whole * 0.8), tell=told.append
    )
    assert path.stat().st_size <= whole * 0.8
    assert told[0].startswith("160×90, ")


def test_a_budget_that_is_too_small_leaves_nothing(reel: Reel, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Even a GIF of 160×90, 10 pictures .* has \d+ kB"):
        export(reel, tmp_path / "film.gif", max_size=500)
    assert not os.listdir(tmp_path)


def sized(reel: Reel, width: int, height: int, fps: int = 30) -> Reel:
    """The same reel, said to be of another size."""
    return replace(reel, width=width, height=height, fps=fps, loops=True)


@pytest.mark.parametrize(
    ("width", "height", "largest"),
    [
        (1280, 720, (1280, 720)),
        (1920, 1080, (1280, 720)),
        (720, 1280, (720, 1280)),
        (720, 720, (720, 720)),
        (320, 180, (320, 180)),
    ],
)
def test_a_loop_keeps_its_letters_longer_than_its_colours(
    reel: Reel, width: int, height: int, largest: tuple[int, int]
) -> None:
    looks = loop_ladder(sized(reel, width, height), None, None, None)
    assert (looks[-1].size, looks[-1].rate, looks[-1].colors) == (largest, 20, 256)
    whole = [look for look in looks if look.size == largest]
    assert looks[-len(whole) :] == whole, "pixels go when nothing else is left"
    assert {look.rate for look in whole} == {20, Fraction(25, 2), 10}
    assert min(look.colors for look in whole) == 48
    sizes = [look.size for look in looks]
    assert sizes == sorted(sizes)
    assert f"{whole[2]}" == f"{largest[0]}×{largest[1]}, 12.5 pictures a second, 64 colours"


def test_what_is_asked_for_of_a_loop_stays(reel: Reel) -> None:
    looks = loop_ladder(sized(reel, 1280, 720), 640, 10, None)
    assert {(look.size, look.rate) for look in looks} == {((640, 360), 10)}
    assert [look.colors for look in looks] == [16, 32, 48, 64, 128, 256]


def test_a_loop_has_a_budget_unless_another_is_asked_for(
    reel: Reel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = replace(reel, loops=True)
    told: list[str] = []
    whole = export(loop, tmp_path / "whole.gif", tell=told.append).stat().st_size
    assert whole < LOOP_SIZE
    monkeypatch.setattr(gif, "LOOP_SIZE", int(whole * 0.8))
    few = export(loop, tmp_path / "few.gif", tell=told.append).stat().st_size
    assert few <= 0.8 * whole
    assert export(loop, tmp_path / "all.gif", max_size=10**6).stat().st_size == whole
    assert told == ["320×180, 20 pictures a second, 256 colours", told[1]]
    assert told[1].startswith("320×180, ")


@pytest.mark.parametrize("seconds", [7.25])
@pytest.mark.verify
def test_twelve_and_a_half_pictures_a_second_keep_the_time(
    recorded: Callable[..., Reel], tmp_path: Path, seconds: float
) -> None:
    moves = [(number % 121, 1) for number in range(round(seconds * 20) - 40)]
    reel = recorded(tmp_path / "film.reel", 20, [*moves, (0, 40)], (160, 90))
    loop, told = replace(reel, loops=True), [""]
    size = export(loop, tmp_path / "film.gif", tell=told.append).stat().st_size
    while "12.5 pictures" not in told[-1]:
        size = int(size * 0.9)
        export(loop, tmp_path / "film.gif", max_size=size, tell=told.append)
    _, delays = shown(tmp_path / "film.gif")
    assert set(delays[:-1]) <= {80, 160}
    assert sum(delays) == pytest.approx(1000 * seconds, abs=80)
