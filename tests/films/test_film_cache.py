"""Nothing is drawn twice, and nothing stale is shown."""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from filming import record

import lstmviz
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films import film_key as fingerprint
from lstmviz.films.film_cache import CacheEntry
from lstmviz.films.render import Progress
from lstmviz.reel.reel import Reel
from lstmviz.stage.drawing.slices import Slicer
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language
from lstmviz.style.theme import Logo
from lstmviz.style.themes import theme_named
from lstmviz.system import hashing
from lstmviz.system.disk_cache import CODED, Cache
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 5, "jobs": 1}
SCENE = '''
from pathlib import Path
from beside import LENGTH
from manim import Create, Square
from lstmviz.stage import Story

class Mine(Story):
    """One square."""

    def construct(self):
        with self.step("square", (Path(__file__).parent / "words.txt").read_text()):
            self.play(Create(Square(LENGTH)), run_time=1)
        with self.step("end", "The end."):
            self.wait(1)

class Other(Mine):
    """The same, by another name."""
'''


@pytest.fixture
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="lstm")


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.py").write_text(SCENE, encoding="utf-8")
    (folder / "beside.py").write_text("LENGTH = 2\n", encoding="utf-8")
    (folder / "words.txt").write_text("A square.", encoding="utf-8")
    return folder / "mine.py"


@pytest.fixture(autouse=True)
def forget_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import what lies beside a scene anew, as another process would."""
    monkeypatch.delitem(sys.modules, "beside", raising=False)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the pictures that are drawn."""
    count: list[int] = []
    draw = Slicer.record

    def record(self: Slicer, *given: Any) -> None:
        count.append(1)
        draw(self, *given)

    monkeypatch.setattr(Slicer, "record", record)
    return count


@pytest.fixture
def cache(own_cache: Path) -> Cache:
    return Cache.usual()


def frames(reel: Reel) -> list[tuple[int, int, bytes]]:
    return [(f.number, f.repeat, f.pixels.tobytes()) for f in reel.frames()]


def test_what_was_drawn_is_not_drawn_again(
    trace: Trace, scene: Path, cache: Cache, drawn: list[int]
) -> None:
    heard: list[Progress] = []
    first = record(find_story(scene.with_name("mine.py:Mine")), trace, cache=cache, **SMALL)
    assert drawn
    drawn.clear()
    second = record(find_story(f"{scene}:Mine"), trace, cache=cache, progress=heard.append, **SMALL)
    assert not drawn
    assert heard == [Progress("kept", "mine", 1, 1)]
    assert dataclasses.replace(second, path=first.path) == first
    assert frames(second) == frames(first)
    assert cache.usage()[0] == 1


def test_a_second_format_draws_nothing(drawn: list[int], tmp_path: Path) -> None:
    options: dict[str, Any] = {"input": "good but dull", "quality": "draft", "fps": 2, "jobs": 1}
    lstmviz.render("tanh", tmp_path / "film.mp4", **options)
    assert drawn
    drawn.clear()
    lstmviz.render("tanh", [tmp_path / "film.gif", tmp_path / "film.srt"], **options)
    assert not drawn
    lstmviz.render("tanh", tmp_path / "film.gif", cache=False, **options)
    assert drawn


def logo(path: Path, colour: str) -> Path:
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        f'<rect width="9" height="9" fill="{colour}"/></svg>',
        encoding="utf-8",
    )
    return path


@pytest.mark.verify
def test_each_input_of_the_key_draws_anew(
    trace: Trace,
    scene: Path,
    cache: Cache,
    drawn: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dark = theme_named("dark")
    mark = Logo(logo(tmp_path / "a.svg", "red"), "bottom-left", 1)
    branded = dataclasses.replace(dark, logo=mark)
    given: dict[str, Any] = {"theme": branded, **SMALL}
    words = language("en")

    def tell(name: str = "Mine", told: Trace = trace, **options: Any) -> bool:
        """Tell whether this was drawn."""
        drawn.clear()
        record(find_story(f"{scene}:{name}"), told, cache=cache, **{**given, **options})
        return bool(drawn)

    assert tell()
    assert not tell()

    def rewritten(path: Path, text: str) -> Callable[[], object]:
        return lambda: path.write_text(text, encoding="utf-8")

    changes: dict[str, Callable[[], object]] = {
        "the scene": rewritten(scene, SCENE.replace("wait(1)", "wait(2)")),
        "what it imports": rewritten(scene.parent / "beside.py", "LENGTH = 3\n"),
        "what it reads": rewritten(scene.parent / "words.txt", "Another."),
        "the logo": lambda: logo(tmp_path / "a.svg", "blue"),
        "where it is told": lambda: monkeypatch.chdir(tmp_path),
        "the package": lambda: monkeypatch.setattr(fingerprint, "package", lambda: "newer"),
        "the versions": lambda: monkeypatch.setattr(fingerprint, "versions", lambda: ("9",)),
    }
    for what, change in changes.items():
        change()
        # A module that was imported stays as it was in this process, but the key is the file's.
        assert tell(), what
        assert not tell(), what

    other = lstmviz.run("good but dull", cell="lstm", seed=1)
    longer = dataclasses.replace(words, letters_per_second=5.0)
    renamed = dataclasses.replace(words, terms={**words.terms, "forget": "lose"})
    captioned = dataclasses.replace(words, captions={"mine": {"end": "It ends."}})
    elsewhere = dataclasses.replace(words, captions={"another-story": {"end": "It ends."}})
    options: list[dict[str, Any]] = [
        {"name": "Other"},
        {"told": other},
        {"at": 1},
        {"pace": 1.5},
        {"fps": 6},
        {"size": (162, 90)},
        {"units": (1, 2)},
        {"captions": False},
        {"aspect": "4:3"},
        {"theme": dark},
        {"theme": dataclasses.replace(dark, ink="#FFFFF0")},
        {"lang": longer},
        {"lang": renamed},
        {"lang": captioned},
    ]
    for changed in options:
        assert tell(**changed), changed
        assert not tell(**changed), changed
    assert not tell(lang=elsewhere), "captions of other stories do not matter"
    assert not tell(), "and the first is still there"


def test_fonts_belong_to_the_key(tmp_path: Path) -> None:
    font = tmp_path / "a.ttf"
    font.write_bytes(b"one")
    theme = dataclasses.replace(theme_named("dark"), fonts={"regular": str(font)})
    before = fingerprint.theme_key(theme)
    font.write_bytes(b"two")
    assert fingerprint.theme_key(theme) != before


@pytest.mark.verify
def test_stills_and_films_are_kept_apart(trace: Trace, cache: Cache) -> None:
    story = find_story("tanh")
    stills = record(story, trace, stills=True, cache=cache, **SMALL)
    film = record(story, trace, cache=cache, **SMALL)
    again = record(story, trace, stills=True, cache=cache, **SMALL)
    assert stills.frame_count == again.frame_count == len(again.steps) < film.frame_count


def test_the_package_key_follows_every_file_that_draws(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "stage").mkdir(parents=True)
    (folder / "cli").mkdir()
    for name in ("stage/story.py", "cli/films.py", "render.py"):
        (folder / name).write_text("a", encoding="utf-8")

    def key() -> str:
        return hashing.key_of(*hashing.contents(folder, hashing.NO_PICTURES))

    before = key()
    (folder / "cli/films.py").write_text("b", encoding="utf-8")
    assert key() == before
    for name in ("stage/story.py", "render.py", "stage/new.py"):
        (folder / name).write_text("b", encoding="utf-8")
        assert key() != before
        before = key()


@pytest.mark.verify
def test_a_class_that_no_file_knows_is_drawn_every_time(
    trace: Trace, cache: Cache, drawn: list[int]
) -> None:
    class Inner(find_story("tanh")):  # type: ignore[misc]
        """Made in a function."""

    for _ in range(2):
        drawn.clear()
        record(Inner, trace, cache=cache, **SMALL)
        assert drawn
    assert cache.usage()[0] == 0


@pytest.mark.verify
def test_a_damaged_film_is_drawn_again(trace: Trace, cache: Cache, drawn: list[int]) -> None:
    record(find_story("tanh"), trace, cache=cache, **SMALL)
    (kept,) = cache.folder.glob("*.reel")
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    drawn.clear()
    record(find_story("tanh"), trace, cache=cache, **SMALL)
    assert drawn


def test_what_was_broken_off_goes_on(
    trace: Trace, cache: Cache, drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 5)
    monkeypatch.setattr("lstmviz.stage.drawing.slices.OFTEN", 0.0)
    story = find_story("tanh")
    whole = record(story, trace, **SMALL)
    total = len(drawn)
    drawn.clear()

    def interrupt(progress: Progress) -> None:
        if progress.done > whole.frame_count // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(story, trace, cache=cache, progress=interrupt, **SMALL)
    before = len(drawn)
    assert before < total
    drawn.clear()
    heard: list[Progress] = []
    again = record(story, trace, cache=cache, progress=heard.append, **SMALL)
    assert len(drawn) < total
    assert before + len(drawn) < total + 20, "one slice at the most is drawn twice"
    assert heard[0].done > 0
    assert heard[-1].done == heard[-1].total == whole.frame_count
    assert frames(again) == frames(whole)
    assert not list(cache.folder.glob("*.slices"))


def test_the_oldest_goes_when_the_limit_is_reached(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")

    def film() -> Path:  # another each time: the cache may link to it
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.film"
        path.write_bytes(b"x" * 1000)
        return path

    cache.set_limit(3500)
    for number in range(3):
        cache.keep(f"{number}", film())
        (kept,) = cache.folder.glob(f"{number}-*")
        os.utime(kept, (number + 1, number + 1))
    assert cache.fetch("0", tmp_path / "fetched")  # used just now
    cache.keep("3", film())
    assert [cache.fetch(f"{n}", tmp_path / f"{n}") for n in range(4)] == [True, False, True, True]
    assert cache.usage() == (3, 3000)
    cache.set_limit(900)
    cache.keep("4", film())
    cache.keep("5", film(), CODED)
    assert cache.usage() == (0, 0)
    assert cache.limit == 900


def test_clearing_removes_only_what_is_the_caches_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    film = tmp_path / "film"
    film.write_bytes(b"x" * 1000)
    cache.keep("a", film)
    cache.keep_slice("b", film)
    cache.note_reads("c", [film])
    cache.note("d", ["told"])
    cache.keep("e", film, CODED)
    (cache.folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert cache.clear() > 3000
    assert [path.name for path in cache.folder.iterdir()] == ["notes.txt"]


def test_half_written_files_of_killed_processes_go(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for name, age in ((".old", 2 * 24 * 3600), (".new", 10)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    cache.trim()
    assert [path.name for path in tmp_path.iterdir()] == [".new"]


@pytest.mark.verify
def test_a_cache_that_cannot_be_written_to_harms_no_film(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lstmviz.system.disk_cache.Trying.said", False)
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    cache = Cache(blocked / "cache")
    with caplog.at_level(logging.WARNING):
        reel = record(find_story("tanh"), trace, cache=cache, **SMALL)
    assert sum(frame.repeat for frame in reel.frames()) == reel.frame_count
    said = [each.getMessage() for each in caplog.records if each.name == "lstmviz"]
    assert len(said) == 1
    assert "cannot be written to" in said[0]
    with pytest.raises(LstmvizError, match="cannot be written to"):
        cache.set_limit(5)


def test_the_variable_names_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LSTMVIZ_CACHE", str(tmp_path / "there"))
    assert Cache.usual().folder == tmp_path / "there"
    monkeypatch.delenv("LSTMVIZ_CACHE")
    assert "lstmviz" in Cache.usual().folder.name
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("LSTMVIZ_CACHE", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="not a folder"):
        Cache.usual()


@pytest.mark.verify
def test_one_process_clears_while_another_writes(trace: Trace, cache: Cache) -> None:
    """A film that was fetched stays readable, whatever becomes of the cache."""
    record(find_story("tanh"), trace, cache=cache, **SMALL)
    reel = record(find_story("tanh"), trace, cache=cache, **SMALL)
    shutil.rmtree(cache.folder)
    assert frames(reel)


def test_what_a_story_reads_is_watched(scene: Path, trace: Trace, tmp_path: Path) -> None:
    story = find_story(f"{scene}:Mine")
    entry = CacheEntry(Cache(tmp_path / "cache"), story, "key")
    with entry.watching():
        (scene.parent / "words.txt").read_text(encoding="utf-8")
        (tmp_path / "written").write_text("out", encoding="utf-8")
        Path(np.__file__).read_bytes()
    assert entry.cache.reads("key") == (scene.parent / "words.txt",)


@pytest.mark.verify
def test_two_renders_at_once_do_not_disturb_each_other(scene: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "lstmviz",
        "render",
        f"{scene}:Mine",
        "--quality",
        "draft",
        "--fps",
        "5",
        "--quiet",
        "-o",
        str(tmp_path / "film.mp4"),
        "-o",
        str(tmp_path / "film.reel"),
    ]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for each in both:
        _, said = each.communicate(timeout=120)
        assert (each.returncode, said) == (0, "")
    reel = Reel.load(tmp_path / "film.reel")
    assert sum(frame.repeat for frame in reel.frames()) == reel.frame_count
    with av.open(tmp_path / "film.mp4") as film:
        assert sum(1 for _ in film.decode(video=0)) == reel.frame_count
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "film.mp4", "film.reel"}
    assert Cache.usual().usage()[0] == 1


@pytest.mark.parametrize("noted", ["[" * 100_000, "\xff", '["a\\u0000b"]', "[1]", "3", "9" * 5_000])
def test_a_damaged_note_tells_of_nothing(tmp_path: Path, noted: str) -> None:
    kept = Cache(tmp_path)
    (tmp_path / "key.reads").write_text(noted, encoding="latin-1")
    assert kept.reads("key") is None
