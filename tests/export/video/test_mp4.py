"""The MP4 has the right colours, length, chapters and tags, as another decoder sees them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.export.common.subtitles import cues
from lstmviz.export.formats import export
from lstmviz.reel.atoms import atoms
from lstmviz.reel.reel import Reel

ATTACHED = Disposition.attached_pic
Flat = dict[tuple[int, int], tuple[int, int, int]]


@pytest.fixture(scope="module")
def path(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(reel, tmp_path_factory.mktemp("mp4") / "film.mp4")


def colour_at(frame: av.VideoFrame, x: int, y: int) -> np.ndarray:
    """Red, green and blue around a point, by the definition of BT.709 and not by swscale."""
    assert frame.format.name == "yuv420p"
    planes = [
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
        for plane in frame.planes
    ]
    luma = (np.median(planes[0][y - 4 : y + 4, x - 4 : x + 4]) - 16) / 219
    v, h = y // 2, x // 2
    blue, red = ((np.median(p[v - 2 : v + 2, h - 2 : h + 2]) - 128) / 224 for p in planes[1:])
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.array([min(max(255 * value, 0.0), 255.0) for value in (r, g, b)])


@pytest.mark.parametrize("index", [0, 100, -1])
@pytest.mark.slow
def test_flat_colours_are_those_of_the_reel(path: Path, flat: Flat, index: int) -> None:
    with av.open(path) as film:
        frame = list(film.decode(video=0))[index]
    for (x, y), colour in flat.items():
        np.testing.assert_allclose(colour_at(frame, x, y), colour, atol=2)


def test_it_is_tagged_and_plays_everywhere(path: Path) -> None:
    with av.open(path) as film:
        stream = film.streams.video[0]
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.color_range == 1
        assert context.pix_fmt == "yuv420p"
        assert context.name == "h264"
        assert stream.profile == "High"
        pictures = [each for each in film.streams.video if each.disposition == ATTACHED]
        assert [*film.streams.video[1:]] == pictures
        assert not film.streams.audio


def test_its_cover_is_its_last_picture(path: Path, reel: Reel) -> None:
    with av.open(path) as film:
        (cover,) = (packet for packet in film.demux(video=1) if packet.size)
    shown = np.asarray(Image.open(io.BytesIO(bytes(cover))))
    np.testing.assert_array_equal(shown, reel.frame(reel.frame_count - 1)[..., :3])


def test_the_container_says_the_colours_too(path: Path) -> None:
    """Browsers read them from the `colr` atom rather than from the pictures."""
    content = path.read_bytes()
    at = content.index(b"colrnclx") + 8
    assert content[at : at + 6] == bytes([0, 1, 0, 1, 0, 1])


def test_the_index_comes_first(path: Path) -> None:
    kinds = [kind for kind, _, _ in atoms(path)]
    assert kinds[0] == "ftyp"
    assert kinds.index("moov") < kinds.index("mdat")


def test_it_has_every_frame_at_a_constant_rate(path: Path, reel: Reel) -> None:
    with av.open(path) as film:
        assert film.duration is not None
        assert film.duration / 1e6 == pytest.approx(reel.duration, abs=1 / reel.fps)
        assert film.streams.video[0].average_rate == reel.fps
        times = [frame.time for frame in film.decode(video=0)]
    assert len(times) == reel.frame_count == 210
    np.testing.assert_allclose(times, np.arange(210) / 60, atol=1e-3)


@pytest.mark.slow
def test_each_frame_shows_its_picture(path: Path, drawn: Callable[..., np.ndarray]) -> None:
    with av.open(path) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    for number in (0, 59, 60, 61, 120, 178, 179, 209):
        shown = min(max(number - 59, 0), 120)

        def distance(other: int, frame: np.ndarray = frames[number]) -> float:
            return float(np.abs(frame - drawn(other)[..., :3].astype(float)).mean())

        assert distance(shown) < 2
        assert min((shown - 1, shown, shown + 1), key=distance) == shown


def test_players_land_on_the_steps(path: Path, reel: Reel) -> None:
    with av.open(path) as film:
        keys = {frame.pts for frame in film.decode(video=0) if frame.key_frame}
        base = film.streams.video[0].time_base
    assert base is not None
    assert {round(step.start / base) for step in reel.steps} <= keys


def test_title_and_chapters(path: Path) -> None:
    with av.open(path) as film:
        assert film.metadata["title"] == "遗忘门"
        assert film.metadata["comment"] == "A gate at work."
        chapters = [
            (chapter["metadata"]["title"], float(chapter["start"] * (chapter["time_base"] or 1)))
            for chapter in film.chapters()
        ]
    assert [title for title, _ in chapters] == ["Moving", "遗忘"]
    # The first begins with the film, the next with its step (140 frames of 60 a second).
    np.testing.assert_allclose([start for _, start in chapters], [0, 140 / 60], atol=1e-3)


def test_where_no_chapter_is_named_the_steps_are(reel: Reel, tmp_path: Path) -> None:
    steps = tuple(replace(step, chapter=None) for step in reel.steps)
    with av.open(export(replace(reel, steps=steps), tmp_path / "steps.mp4")) as film:
        titles = [chapter["metadata"]["title"] for chapter in film.chapters()]
    # A step without a caption has its name.
    assert titles == [reel.steps[0].caption, "move", reel.steps[2].caption]


@pytest.mark.slow
def test_the_best_within_a_size(reel: Reel, path: Path, tmp_path: Path) -> None:
    whole = path.stat().st_size
    done: list[float] = []
    same = export(reel, tmp_path / "same.mp4", max_size=whole, progress=done.append)
    assert same.read_bytes() == path.read_bytes()
    assert done == sorted(done)
    assert done[-1] == 1
    small = export(reel, tmp_path / "small.mp4", max_size=whole - 1)
    assert small.stat().st_size < whole
    with pytest.raises(UsageError, match=r"Even a coarse MP4 .* has \d+ kB"):
        export(reel, tmp_path / "none.mp4", max_size=1000)
    assert not (tmp_path / "none.mp4").exists()


def test_odd_sizes_gain_an_edge(odd: Reel, tmp_path: Path) -> None:
    path = export(odd, tmp_path / "odd.mp4", preset="ultrafast")
    with av.open(path) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert {frame.shape for frame in frames} == {(182, 322, 3)}
    np.testing.assert_allclose(frames[0][181, 321], (0x0E, 0x11, 0x16), atol=2)


@pytest.mark.slow
def test_quality_is_a_choice(reel: Reel, path: Path, tmp_path: Path) -> None:
    small = export(reel, tmp_path / "small.mp4", crf=40, preset="veryfast")
    assert small.stat().st_size < 0.8 * path.stat().st_size


@pytest.mark.parametrize("options", [{"crf": 60}, {"crf": -1}, {"preset": "warp"}])
def test_wrong_options(reel: Reel, tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"crf|preset"):
        export(reel, tmp_path / "film.mp4", **options)


def test_captions_are_inside_but_not_forced_on_anyone(path: Path, reel: Reel) -> None:
    with av.open(path) as film:
        texts = film.streams.subtitles[0]
        assert texts.codec_context.name == "mov_text"
        assert texts.metadata["language"] == "eng"
        assert not texts.disposition & av.stream.Disposition.default
        base = texts.time_base
        assert base is not None
        found = [
            (float(packet.pts * base), part.dialogue.decode())
            for packet in film.demux(texts)
            if packet.pts is not None
            for part in texts.decode(packet)
        ]
    told = [(cue.start / 1000, cue.text) for cue in cues(reel)]
    assert [text for _, text in found if text] == [text for _, text in told]
    starts = [start for start, text in found if text]
    np.testing.assert_allclose(starts, [start for start, _ in told], atol=2e-3)


def test_a_film_that_says_nothing_has_no_subtitles(
    recorded: Callable[..., Reel], tmp_path: Path
) -> None:
    from dataclasses import replace

    reel = recorded(tmp_path / "film.reel", 20, [(0, 9)], (64, 64))
    silent = replace(reel, steps=tuple(replace(step, caption="") for step in reel.steps))
    with av.open(export(silent, tmp_path / "film.mp4")) as film:
        assert not film.streams.subtitles
