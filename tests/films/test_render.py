from __future__ import annotations

import errno
import gc
import importlib
import logging
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from filming import record
from manim import Create, Square, config, tempconfig

import lstmviz
from lstmviz.demo.review import RECALL
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films.render import Progress, trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.reel.reel import Reel
from lstmviz.stage import Story
from lstmviz.style.layout import LAYOUTS, layout_named
from lstmviz.style.picture import ASPECTS, QUALITIES, picture_format
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 5, "pace": 2.0}


class Mini(Story):
    """A story of two steps."""

    needs = ("h",)
    cell = "gru"
    input = "good but dull"

    def construct(self) -> None:
        with self.step("read", "It reads “{word}”."):
            self.play(Create(Square()), run_time=0.8)
        with self.step("think", "Then h is {h[0]}.", chapter="Thinking"):
            self.add(self.column("h"))


class Broken(Mini):
    """A story that fails on its way."""

    def construct(self) -> None:
        super().construct()
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="gru")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("task", ["render", "write"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_listener_raises_comes_through_as_it_is(
    trace: Trace, tmp_path: Path, task: str, jobs: int
) -> None:
    error = OSError(errno.ENOSPC, "of the listener itself")

    def listen(now: Progress) -> None:
        if now.task == task and now.done:
            raise error

    with pytest.raises(OSError, match="itself") as caught:
        lstmviz.render(
            Mini,
            tmp_path / "film.mp4",
            trace=trace,
            quality="draft",
            fps=2,
            jobs=jobs,
            progress=listen,
        )
    assert caught.value is error
    assert not list(tmp_path.iterdir())


def test_a_reel_has_the_steps_of_the_story(trace: Trace, tmp_path: Path) -> None:
    reel = record(Mini, trace, at="but", path=tmp_path / "film.reel", **SMALL)
    assert (reel.width, reel.height, reel.fps, reel.language) == (160, 90, 5, "en")
    assert [step.name for step in reel.steps] == ["read", "think"]
    assert reel.steps[0].caption == "It reads “but”."
    assert reel.steps[1].chapter == "Thinking"
    first, second = reel.steps
    assert (first.first_frame, second.last_frame) == (0, reel.frame_count - 1)
    assert first.last_frame + 1 == second.first_frame
    assert second.end == pytest.approx(reel.duration)
    assert sum(frame.repeat for frame in reel.frames()) == reel.frame_count
    assert Reel.load(tmp_path / "film.reel") == reel
    assert reel.title == "A story of two steps"
    assert all(part in reel.alt for part in ("A story of two steps.", "It reads “but”."))


def test_something_is_drawn_and_moves(trace: Trace) -> None:
    pictures = [frame.pixels[..., :3] for frame in record(Mini, trace, **SMALL).frames()]
    assert len(pictures) > 3
    assert all(len(np.unique(picture.reshape(-1, 3), axis=0)) > 20 for picture in pictures)


def test_progress_counts_every_frame_and_names_every_step(trace: Trace) -> None:
    heard: list[Progress] = []
    reel = record(Mini, trace, progress=heard.append, **SMALL)
    done = [progress.done for progress in heard]
    assert done == sorted(set(done))
    assert {progress.total for progress in heard} == {done[-1]} == {reel.frame_count}
    assert list(dict.fromkeys(progress.name for progress in heard)) == ["read", "think"]
    for progress in heard:
        step = reel.step(progress.name)
        assert step.first_frame < progress.done <= step.last_frame + 1


def test_stills_are_the_frames_that_the_steps_end_with(trace: Trace) -> None:
    heard: list[Progress] = []
    film = record(Mini, trace, **SMALL)
    stills = record(Mini, trace, stills=True, progress=heard.append, **SMALL)
    assert stills.frame_count == len(film.steps)
    assert [(p.name, p.done, p.total) for p in heard] == [("read", 1, 2), ("think", 2, 2)]
    for number, (still, step) in enumerate(zip(stills.steps, film.steps, strict=True)):
        assert (still.name, still.start, still.end) == (step.name, step.start, step.end)
        np.testing.assert_array_equal(stills.frame(number), film.frame(step.last_frame))


def test_nothing_global_is_changed(trace: Trace, capfd: pytest.CaptureFixture[str]) -> None:
    before = dict(config), logging.getLogger("manim").level
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    record(Mini, trace, theme="light", **SMALL)
    after = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    assert after == (random.random(), np.random.random())  # noqa: NPY002
    assert (dict(config), logging.getLogger("manim").level) == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "settings",
    [
        {"preview": True, "show_in_file_browser": True, "save_sections": True},
        {"background_color": "#FF0000", "frame_width": 3.0, "transparent": True},
        {"from_animation_number": 3, "upto_animation_number": 4, "format": "gif"},
    ],
)
def test_what_a_manim_cfg_says_changes_nothing(trace: Trace, settings: dict[str, Any]) -> None:
    expected = record(Mini, trace, **SMALL)
    with tempconfig(settings):
        reel = record(Mini, trace, **SMALL)
    for first, second in zip(expected.frames(), reel.frames(), strict=True):
        np.testing.assert_array_equal(first.pixels, second.pixels)


def test_opengl_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "manim.cfg").write_text("[CLI]\nrenderer = opengl\n")
    done = subprocess.run(
        [sys.executable, "-m", "lstmviz", "storyboard", "tanh", "-o", "a.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: Manim is configured to draw with opengl")


def test_the_same_film_twice(trace: Trace) -> None:
    one, other = record(Mini, trace, **SMALL), record(Mini, trace, **SMALL)
    for first, second in zip(one.frames(), other.frames(), strict=True):
        np.testing.assert_array_equal(first.pixels, second.pixels)


@pytest.mark.parametrize("failing", [Broken, Mini])
def test_what_ends_early_leaves_nothing(
    trace: Trace, tmp_path: Path, temporary: Path, failing: type[Story]
) -> None:
    def interrupt(now: Progress) -> None:
        if failing is Mini and now.name == "think":
            raise KeyboardInterrupt

    expected = LstmvizError if failing is Broken else KeyboardInterrupt
    for path in (None, tmp_path / "film.reel"):
        with pytest.raises(expected):
            record(failing, trace, path=path, progress=interrupt, **SMALL)
    assert list(tmp_path.iterdir()) == [temporary]
    assert not list(temporary.iterdir())


def test_a_temporary_reel_goes_away_with_its_object(trace: Trace, temporary: Path) -> None:
    reel = record(Mini, trace, **SMALL)
    kept = reel.save(temporary.parent / "kept.reel")
    assert reel.path.is_file()
    assert reel.path.is_relative_to(temporary)
    del reel
    gc.collect()
    assert not list(temporary.iterdir())
    assert kept.frame(0).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"quality": "8k"}, "There is no quality '8k'; choose one of: draft, 720p"),
        ({"fps": 0}, "0 frames a second are not possible"),
        ({"fps": 121}, "from 1 to 120"),
        ({"fps": 29.97}, "29.97 frames a second are not possible"),
        ({"pace": 0.4}, "A pace of 0.4 is not possible; give one from 0.5"),
        ({"pace": float("nan")}, "A pace of nan"),
        ({"size": (4, 4)}, "4×4 pixels is too small"),
        ({"units": (4,)}, "There is no unit 5; the network has 4"),
        ({"units": (-1,)}, "There is no unit 0"),
        ({"units": (1, 1)}, "different units"),
        ({"units": ()}, "Choose 1 to 8"),
        ({"theme": "purple"}, "There is no theme 'purple'"),
        ({"lang": "xx"}, "There is no language 'xx'"),
        ({"at": "never"}, "There is no 'never' in the input"),
        ({"at": 3}, "There is no tick 3"),
        (
            {"aspect": "2:1"},
            "There is no aspect '2:1' (did you mean '1:1'?); choose one of: 16:9, 4:3, 1:1, 9:16.",
        ),
    ],
)
def test_what_is_not_possible(trace: Trace, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as failed:
        record(Mini, trace, **{**SMALL, **options})
    assert sentence in str(failed.value)


def test_qualities_are_even_and_their_names_true() -> None:
    for name, (width, height, fps) in QUALITIES.items():
        assert width % 2 == height % 2 == 0
        assert width / height == pytest.approx(16 / 9, rel=2e-3)
        assert 1 <= fps <= 60
        if name.endswith("p"):
            assert height == int(name[:-1])


@pytest.mark.parametrize(
    ("quality", "aspect", "size"),
    [
        ("draft", "16:9", (854, 480)),
        ("draft", "4:3", (640, 480)),
        ("draft", "1:1", (480, 480)),
        ("draft", "9:16", (480, 854)),
        ("720p", "4:3", (960, 720)),
        ("720p", "9:16", (720, 1280)),
        ("1080p", "16:9", (1920, 1080)),
        ("1080p", "4:3", (1440, 1080)),
        ("1080p", "1:1", (1080, 1080)),
        ("1080p", "9:16", (1080, 1920)),
        ("4k", "9:16", (2160, 3840)),
    ],
)
def test_every_shape_has_the_shorter_side_of_its_quality(
    quality: str, aspect: str, size: tuple[int, int]
) -> None:
    assert picture_format(quality, aspect=aspect) == (*size, QUALITIES[quality][2])


def test_every_shape_has_a_layout_of_its_own_with_all_zones_in_the_frame() -> None:
    assert list(LAYOUTS) == list(ASPECTS)
    for name, (wide, high) in ASPECTS.items():
        layout = layout_named(name)
        assert layout.name == name
        assert layout.frame.width / layout.frame.height == pytest.approx(wide / high)
        assert layout.frame.center == (0, 0)
        zones = [layout.strip, layout.status, layout.stage, layout.lens, layout.caption]
        for k, zone in enumerate(zones):
            assert zone.width > 1
            assert zone.height > 0.3
            assert layout.frame.left < zone.left < zone.right < layout.frame.right
            assert layout.frame.bottom < zone.bottom < zone.top < layout.frame.top
            for other in zones[k + 1 :]:
                beside = zone.right <= other.left or other.right <= zone.left
                above = zone.bottom >= other.top or other.bottom >= zone.top
                assert beside or above, (name, zone, other)
        assert layout.frame.bottom < layout.dots[1] < layout.caption.bottom
        assert layout.beside == (wide > high)


def test_a_film_has_the_shape_that_was_asked_for(trace: Trace) -> None:
    seen: list[str] = []

    class Looking(Mini):
        __doc__ = Mini.__doc__  # the title, which is seen

        def construct(self) -> None:
            seen.append(self.layout.name)
            super().construct()

    small = {**SMALL, "size": (90, 160)}
    reel = record(Looking, trace, aspect="9:16", **small)
    assert set(seen) == {"9:16"}
    assert (reel.width, reel.height) == (90, 160)
    again = record(Mini, trace, aspect="9:16", jobs=2, **small)
    for one, other in zip(reel.frames(), again.frames(), strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)


def test_the_trace_of_a_story_is_of_its_own_cell_and_input() -> None:
    made = trace_for(Mini, TraceRequest())
    assert (made.cell, made.tokens[1].text) == ("gru", "but")
    assert trace_for(Mini, TraceRequest(cell="rnn", input="good")).cell == "rnn"


def test_a_network_that_reads_no_reviews_has_a_text_of_its_own() -> None:
    made = trace_for(Mini, TraceRequest(network="recall-gru"))
    assert "".join(token.text for token in made.tokens) == RECALL
    assert trace_for(Mini, TraceRequest(network="recall-gru", input="ab?")).tokens[1].text == "b"


def test_a_story_may_be_told_of_another_network_than_its_cell_s_unless_something_is_asked() -> None:
    class Recalling(Mini):
        """A story of letters."""

        network = "recall-gru"

    def origin(request: TraceRequest) -> str:
        source = trace_for(Recalling, request).network.source
        return "" if source is None else source.name

    assert origin(TraceRequest()) == "recall-gru"
    assert origin(TraceRequest(input="good")) == "gru"
    assert origin(TraceRequest(cell="lstm")) == "lstm"
    assert origin(TraceRequest(network="rnn")) == "rnn"
    assert origin(TraceRequest(seed=3)) == "3"
    with pytest.raises(UsageError, match="no use for vocabulary"):
        origin(TraceRequest(vocabulary=["a"]))
    told = Recalling.own_trace()
    assert told.network.source is not None
    assert told.network.source.name == "recall-gru"
    assert told.tokens[0].text == RECALL[0]


def test_a_network_says_the_cell_itself() -> None:
    assert trace_for(Mini, TraceRequest(network="lstm-unpenalised")).cell == "lstm"


def test_a_saved_trace_is_told_without_a_network(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace.save(tmp_path / "trace.npz")
    run = importlib.import_module("lstmviz.load.run")
    monkeypatch.setattr(run, "run", lambda *_, **__: pytest.fail("A network was run."))
    made = trace_for(Mini, TraceRequest(saved=tmp_path / "trace.npz"))
    np.testing.assert_array_equal(made["h"], trace["h"])
    reel = record(Mini, made, stills=True, **SMALL)
    assert reel.frame_count == 2


def test_a_trace_and_an_input_contradict_each_other(trace: Trace) -> None:
    with pytest.raises(UsageError, match="leave out input= and cell="):
        trace_for(Mini, TraceRequest(saved=trace, input="good", cell="rnn"))


def test_a_story_refuses_a_cell_that_has_not_what_it_shows() -> None:
    with pytest.raises(UsageError, match="cells that do: lstm, lstm-peephole"):
        lstmviz.render("forget-gate", cell="rnn")


@pytest.mark.parametrize(
    ("at", "told"), [("Good:2", "good"), ("don’t", "don't"), ("a but", "a"), ("2", "but"), (2, "a")]
)
def test_python_takes_the_words_that_the_command_takes(at: int | str, told: str) -> None:
    reel = lstmviz.render(
        Mini, input="good but a but don't good", at=at, quality="draft", fps=1, pace=2
    )
    assert reel.steps[0].caption == f"It reads “{told}”."


def test_every_output_comes_from_one_rendering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["lstmviz.films.render"]
    drawn: list[Reel] = []
    usual = module.record

    def draw(*arguments: Any, **options: Any) -> Reel:
        drawn.append(usual(*arguments, **options))
        return drawn[-1]

    monkeypatch.setattr(module, "record", draw)
    paths = [tmp_path / name for name in ("a.mp4", "a.gif", "a.png", "a.srt", "a.reel")]
    heard: list[Progress] = []
    reel = lstmviz.render(Mini, paths, quality="draft", fps=2, pace=2, progress=heard.append)
    assert drawn == [reel]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    with av.open(str(paths[0])) as film:
        assert sum(1 for _ in film.decode(video=0)) == reel.frame_count
    assert Reel.load(paths[-1]).steps == reel.steps
    written = [progress.name for progress in heard if progress.task == "write"]
    assert list(dict.fromkeys(written)) == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("a.xyz", "ends in .xyz"),
        ("nowhere/a.mp4", "nowhere does not exist"),
        (["a.mp4", "./a.mp4"], "named twice"),
    ],
)
def test_an_impossible_output_is_refused_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str | list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    module = sys.modules["lstmviz.films.render"]
    monkeypatch.setattr(module, "record", lambda *_, **__: pytest.fail("Something was drawn."))
    with pytest.raises(UsageError, match=sentence):
        lstmviz.render(Mini, output)


def test_rendering_needs_no_manim_before_it_draws() -> None:
    code = "import sys, lstmviz; lstmviz.render; assert 'manim' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
