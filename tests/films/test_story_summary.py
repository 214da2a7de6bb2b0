"""What is drawn already is known without Manim, and nothing that has changed is known so."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filming import record

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.films import film_key as fingerprint
from lstmviz.films import story_summary as stand_in
from lstmviz.films.render import trace_for
from lstmviz.films.story_summary import StorySummary, known_story, opened
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.story.discovery import find_story, scenes_folder, stories
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook
from lstmviz.system.disk_cache import Cache

pytestmark = pytest.mark.verify

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 5, "jobs": 1}


@pytest.fixture
def cache(own_cache: Path) -> Cache:
    return Cache.usual()


def test_a_stand_in_says_what_the_class_says(cache: Cache) -> None:
    trace = lstmviz.run("good but dull", cell="lstm")
    for listed in stories():
        story = find_story(listed.name)
        assert known_story(listed.name, cache) is story
        noted = known_story(listed.name, cache)
        assert isinstance(noted, StorySummary)
        assert noted == StorySummary.of(story)
        assert (noted.story_name(), noted.summary()) == (story.story_name(), story.summary())
        assert (noted.input, noted.cell, noted.network) == (story.input, story.cell, story.network)
        assert opened(noted) is story
        keys = [fingerprint.film_key(each, trace, Telling(), FilmLook()) for each in (story, noted)]
        assert keys[0] == keys[1]
        assert keys[0] is not None


PROGRAM = """
import sys, lstmviz
from lstmviz.cli import main
sys.argv = ["lstmviz", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("manim" in sys.modules)
"""


def imports_manim(*command: str | Path) -> bool:
    """Run our command in a process of its own, and tell whether it imported Manim."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, command)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1] == "True"


def test_a_second_format_needs_no_manim(tmp_path: Path) -> None:
    look = ("--quality", "draft", "--fps", "2", "--quiet")
    first = ("render", "tanh", *look, "--input", "good but dull")
    assert imports_manim(*first, "-o", tmp_path / "film.mp4")
    endings = ("mp4", "gif", "png", "srt", "vtt", "webm", "mov", "webp", "apng", "pdf", "html")
    further = [tmp_path / f"further.{ending}" for ending in (*endings, "pptx", "reel")]
    assert not imports_manim(*first, *(part for path in further for part in ("-o", path)))
    assert all(path.stat().st_size for path in further)
    deck = ("slides", "tanh", *look, "--input", "good but dull", "-o", tmp_path / "deck.html")
    assert not imports_manim(*deck)
    assert imports_manim(*first, "--no-cache", "-o", tmp_path / "film.mp4")
    assert imports_manim(*first, "--pace", "2", "-o", tmp_path / "film.mp4")


def test_a_figure_that_is_there_needs_no_manim(tmp_path: Path) -> None:
    command: tuple[str | Path, ...] = (
        "article",
        "--only",
        "title",
        "--quality",
        "draft",
        "--fps",
        "2",
        "--format",
        "mp4",
        "--quiet",
        "-o",
        tmp_path / "article",
    )
    assert imports_manim(*command)
    assert not imports_manim(*command)


def test_a_note_is_forgotten_with_anything_that_it_depends_on(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def known() -> bool:
        return isinstance(known_story("tanh", cache), StorySummary)

    assert not known()
    assert known()
    scenes = tmp_path / "scenes"
    shutil.copytree(scenes_folder(), scenes, ignore=shutil.ignore_patterns("__pycache__"))
    with monkeypatch.context() as patch:
        patch.setattr(stand_in, "scenes_folder", lambda: scenes)
        assert known(), "where the scenes are does not matter"
        for name in ("tanh.py", "sigmoid.py", "new.py"):
            path = scenes / name
            before = path.read_bytes() if path.exists() else None
            path.write_text("# another", encoding="utf-8")
            assert not known(), name
            path.unlink() if before is None else path.write_bytes(before)
            assert known(), name
    for name, value in (("package", "newer"), ("versions", ("9",))):
        monkeypatch.setattr(stand_in, name, lambda value=value: value)
        assert not known(), name
        assert known(), name
    cache.clear()
    assert not known()


def test_a_damaged_note_is_none(cache: Cache) -> None:
    known_story("tanh", cache)
    (note,) = cache.folder.glob("*.note")
    sound = note.read_text(encoding="utf-8")
    check, told = json.loads(sound)
    for damaged in (
        sound[:-5],
        "[]",
        "5",
        "null",
        json.dumps([check, {**told, "input": "another"}]),
        json.dumps(["", told]),
        json.dumps([check, {}]),
    ):
        note.write_text(damaged, encoding="utf-8")
        assert isinstance(known_story("tanh", cache), type), damaged
        assert isinstance(known_story("tanh", cache), StorySummary), "it is noted anew"


def test_stories_of_ones_own_have_none(cache: Cache, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text((scenes_folder() / "tanh.py").read_text(encoding="utf-8"), encoding="utf-8")
    for name in (mine, f"{mine}:Tanh", f"{scenes_folder() / 'tanh.py'}:Tanh"):
        for _ in range(2):
            assert isinstance(known_story(name, cache), type)
    assert isinstance(known_story("tanh", None), type)
    with pytest.raises(UsageError, match="There is no story 'tanhh'"):
        known_story("tanhh", cache)


@pytest.mark.parametrize(
    ("name", "cell"), [("lstm-cell", "lstm-coupled"), ("forget-gate", "gru"), ("lstm-code", "gru")]
)
def test_what_a_story_refuses_is_refused_in_the_same_words(
    cache: Cache, name: str, cell: str
) -> None:
    source = TraceRequest(input="good but dull", cell=cell)
    with pytest.raises(UsageError) as refused:
        trace_for(find_story(name), source)
    for _ in range(2):
        with pytest.raises(UsageError) as again:
            story = known_story(name, cache)
            record(story, trace_for(story, source), cache=cache, **SMALL)
        assert str(again.value) == str(refused.value)
    assert not list(cache.folder.glob("*.reel"))
