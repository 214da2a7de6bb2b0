"""What is transparent shows another ground as if it had been drawn there: no fringes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.export.common.transparency import spread
from lstmviz.export.formats import export
from lstmviz.reel.alpha import straight
from lstmviz.reel.reel import Reel

BACKGROUND = np.array([0x0E, 0x11, 0x16], float)
GROUNDS = {"white": 255.0, "black": 0.0}
LOSSLESS = [".webp", ".apng", ".png"]
LOSSY = [".webm", ".mov"]
LAST = 120  # the picture that the film ends with


def last_picture(path: Path) -> np.ndarray:
    """The last picture as red, green, blue and alpha, by a decoder that was not used to write."""
    if path.suffix in LOSSLESS:
        with Image.open(path) as image:
            image.seek(getattr(image, "n_frames", 1) - 1)
            return np.asarray(image.convert("RGBA")).copy()
    with av.open(path) as film:
        stream = film.streams.video[0]
        if path.suffix == ".mov":
            return list(film.decode(stream))[-1].to_ndarray(format="rgba")
        # The decoder that FFmpeg would choose knows nothing of WebM's alpha.
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frames = [f for p in film.demux(stream) if p.size for f in decoder.decode(p)]
        last = [*frames, *decoder.decode(None)][-1]
        return last.reformat(src_colorspace="ITU709", format="rgba").to_ndarray()


def over(picture: np.ndarray, ground: float) -> np.ndarray:
    """Lay a straight picture on a ground, as browsers and slides do."""
    share = picture[..., 3:] / 255
    return picture[..., :3] * share + (1 - share) * ground


def truly_over(drawn: np.ndarray, ground: float) -> np.ndarray:
    """The same from a matted picture: exchange one ground for the other."""
    left = 1 - drawn[..., 3:] / 255
    return drawn[..., :3] - left * BACKGROUND + left * ground


def edges(drawn: np.ndarray) -> np.ndarray:
    """Where something meets the background, two pixels wide."""
    alpha = drawn[..., 3].astype(int)
    change = np.abs(np.diff(alpha, axis=0, prepend=0)) + np.abs(np.diff(alpha, axis=1, prepend=0))
    return np.asarray(change > 20)


@pytest.fixture(scope="module")
def files(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("alpha")
    return {
        ending: export(reel, folder / f"film{ending}", transparent=True)
        for ending in (*LOSSLESS, *LOSSY)
    }


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ending", LOSSLESS)
@pytest.mark.slow
def test_lossless_ones_are_exact_on_any_ground(
    files: dict[str, Path], drawn: Callable[..., np.ndarray], ending: str, ground: str
) -> None:
    shown = over(last_picture(files[ending]), GROUNDS[ground])
    expected = truly_over(drawn(LAST), GROUNDS[ground])
    np.testing.assert_allclose(shown, expected, atol=1.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ending", LOSSY)
def test_lossy_ones_have_no_fringes(
    files: dict[str, Path], drawn: Callable[..., np.ndarray], ending: str, ground: str
) -> None:
    expected = truly_over(drawn(LAST), GROUNDS[ground])
    error = np.abs(over(last_picture(files[ending]), GROUNDS[ground]) - expected)
    ring = edges(drawn(LAST))
    assert ring.sum() > 300
    # A fringe of the old background would change the brightness all along the edges.
    assert error.mean() < 0.6
    assert error[ring].mean() < 6


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_matted_picture_would_fail(drawn: Callable[..., np.ndarray], ground: str) -> None:
    """The test above can tell: the recorded picture itself, taken as straight, is far off."""
    kept = over(drawn(LAST).astype(float), GROUNDS[ground])
    error = np.abs(kept - truly_over(drawn(LAST), GROUNDS[ground]))
    assert error[(drawn(LAST)[..., 3] > 0) & (drawn(LAST)[..., 3] < 255)].mean() > 3


@pytest.mark.parametrize("ending", [".webp", ".apng", ".mov", ".png", ".webm"])
@pytest.mark.slow
def test_a_background_can_stay(reel: Reel, tmp_path: Path, ending: str) -> None:
    path = export(reel, tmp_path / f"film{ending}", transparent=False)
    if ending in LOSSLESS:
        assert last_picture(path)[..., 3].min() == 255
    else:
        with av.open(path) as film:
            assert film.streams.video[0].codec_context.pix_fmt in ("yuv420p", "yuv444p12le")


@pytest.mark.parametrize("ending", [".webm", ".mov"])
def test_films_are_tagged_and_last_as_long(files: dict[str, Path], reel: Reel, ending: str) -> None:
    with av.open(files[ending]) as film:
        context = film.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert film.duration is not None
        assert film.duration / 1e6 == pytest.approx(reel.duration, abs=0.03)
        times = [
            float(packet.pts * packet.time_base)
            for packet in film.demux(video=0)
            if packet.pts is not None and packet.time_base is not None
        ]
    assert len(times) < reel.frame_count
    assert times[1] == pytest.approx(1, abs=0.02), "a held picture is kept once"


def test_players_land_on_the_steps_of_a_webm(files: dict[str, Path], reel: Reel) -> None:
    with av.open(files[".webm"]) as film:
        keys = {
            round(float(p.pts * p.time_base), 2)
            for p in film.demux(video=0)
            if p.is_keyframe and p.pts is not None and p.time_base is not None
        }
    assert {round(step.first_frame / reel.fps, 2) for step in reel.steps} <= keys


@pytest.mark.parametrize("ending", [".webp", ".apng"])
def test_pictures_loop_and_rest_at_the_end(files: dict[str, Path], ending: str) -> None:
    with Image.open(files[ending]) as image:
        assert image.info["loop"] == 0
        times = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            times.append(image.info["duration"])
    assert times[0] == 1000
    assert times[-1] >= 2000
    assert set(times[2:-2]) == {50}


def test_smaller_ones_average_what_they_show(
    reel: Reel, tmp_path: Path, drawn: Callable[..., np.ndarray]
) -> None:
    small = last_picture(export(reel, tmp_path / "small.webp", width=160))
    assert small.shape == (90, 160, 4)
    mean = truly_over(drawn(LAST), 255).reshape(90, 2, 160, 2, 3).mean((1, 3))
    np.testing.assert_allclose(over(small, 255), mean, atol=2.5)


def test_what_flows_is_never_seen() -> None:
    """Half a disc of red and half of blue: their colours flow, alpha and what is solid stay."""
    y, x = np.mgrid[0:37, 0:53]
    picture = np.zeros((37, 53, 4), np.uint8)
    disc = (y - 18) ** 2 + (x - 26) ** 2 < 100
    picture[disc & (x < 26)] = (250, 0, 0, 255)
    picture[disc & (x >= 26)] = (0, 0, 250, 255)
    flown = spread(picture)
    np.testing.assert_array_equal(flown[disc], picture[disc])
    np.testing.assert_array_equal(flown[..., 3], picture[..., 3])
    np.testing.assert_array_equal(flown[18, 16, :3], (250, 0, 0))
    np.testing.assert_array_equal(flown[18, 36, :3], (0, 0, 250))


def test_straight_undoes_the_blending() -> None:
    colour, alpha = np.array([200.0, 100.0, 50.0]), np.arange(256.0)[:, None] / 255
    blended = np.rint(colour * alpha + (1 - alpha) * BACKGROUND)
    pixels = np.hstack([blended, np.rint(alpha * 255)])[None].astype(np.uint8)
    made = straight(pixels, "#0E1116")[0]
    assert (made[0] == 0).all()
    error = np.abs(made[1:, :3] - colour) * alpha[1:]
    assert error.max() < 1.01, "seen on any ground, the rounding is that of one step"


@pytest.mark.parametrize(
    ("ending", "options", "message"),
    [
        (".webm", {"crf": 64}, "crf 64"),
        (".webp", {"fps": 0}, "0 pictures a second"),
        (".apng", {"width": 0}, "not possible"),
        (".mp4", {"transparent": True}, "no option transparent"),
    ],
)
def test_wrong_options(
    reel: Reel, tmp_path: Path, ending: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        export(reel, tmp_path / f"film{ending}", **options)
