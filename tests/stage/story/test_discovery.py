from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.load.find import find_network
from lstmviz.stage.story import discovery
from lstmviz.stage.story.discovery import find_story, stories, stories_in

MINI = '''
"""A scene file."""

from lstmviz.stage import Story


class Mini(Story):
    """The shortest story.

    It has no end.
    """
'''
SHIPPED = [story.name for story in stories()]


def scene(folder: Path, text: str, name: str = "my_scene.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_stories_are_listed() -> None:
    assert {"forget-gate", "sigmoid", "tanh"} <= set(SHIPPED)
    assert sorted(SHIPPED) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_listed_is_what_the_class_says(name: str) -> None:
    (listed,) = [story for story in stories() if story.name == name]
    story = find_story(name)
    assert story.__module__ == f"lstmviz.scenes.{Path(str(listed.source)).stem}"
    assert (story.story_name(), story.summary()) == (listed.name, listed.summary)
    assert listed.summary.endswith(".")


def test_listing_runs_no_scene_and_needs_no_manim() -> None:
    code = (
        "import sys; from lstmviz.stage.story.discovery import stories; print(len(stories())); "
        "assert not {'manim', 'lstmviz.scenes.tanh'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(SHIPPED)


def test_stories_are_read_from_a_file_without_running_it(tmp_path: Path) -> None:
    text = MINI + "\n\nclass Longer(Mini):\n    '''Longer.'''\n\n\nclass _Base(Story):\n    pass\n"
    path = scene(tmp_path, text + "\n\nclass Helper:\n    pass\n\n\nraise SystemExit(3)\n")
    found = [(story.name, story.summary) for story in stories_in(path)]
    assert found == [("mini", "The shortest story."), ("longer", "Longer.")]


@pytest.mark.parametrize("name", ["forget-gate", "forget_gate", "ForgetGate"])
def test_a_name_may_be_written_in_several_ways(name: str) -> None:
    assert find_story(name).__name__ == "ForgetGate"


def test_a_shipped_story_is_opened_once() -> None:
    assert find_story("tanh") is find_story("tanh")


def test_an_unknown_name_gets_the_nearest_one_and_all() -> None:
    with pytest.raises(UsageError) as failed:
        find_story("forgetgate")
    assert "did you mean 'forget-gate'?" in str(failed.value)
    assert all(name in str(failed.value) for name in SHIPPED)


def test_a_story_of_a_file(tmp_path: Path) -> None:
    path = scene(tmp_path, MINI)
    assert find_story(f"{path}:Mini").summary() == "The shortest story."
    assert find_story(path).__name__ == "Mini"


def test_an_edited_file_is_opened_again(tmp_path: Path) -> None:
    find_story(scene(tmp_path, MINI))
    edited = find_story(scene(tmp_path, MINI.replace("shortest", "edited")))
    assert edited.summary() == "The edited story."


def test_a_file_of_the_users_does_not_take_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    find_story(scene(tmp_path, MINI, "tanh.py"))
    assert find_story("tanh").__name__ == "Tanh"


def test_a_scene_imports_what_lies_beside_it(tmp_path: Path) -> None:
    scene(tmp_path, "WORD = 'neighbour'\n", "beside_this_scene.py")
    path = scene(tmp_path, MINI + "\n\nfrom beside_this_scene import WORD\nMini.word = WORD\n")
    before = list(sys.path)
    assert getattr(find_story(path), "word", None) == "neighbour"
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "call", "sentence"),
    [
        (MINI + "\n\nclass Other(Mini):\n    pass\n", "", "several stories; choose one: "),
        ("x = 1\n", "", "holds no story"),
        ("x = 1\n", ":Mini", "it holds no story"),
        (MINI, ":Mimi", "(did you mean 'Mini'?); it has: Mini."),
        ("class Fake:\n    pass\n", ":Fake", "is no story; make the class from"),
        ("def broken(:\n", "", "is no valid Python"),
        (MINI + "\n1 / 0\n", "", "fails in line 13: ZeroDivisionError: division by zero."),
        ("import nothing_of_this_name\n" + MINI, "", "fails in line 1: ModuleNotFoundError"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, text: str, call: str, sentence: str) -> None:
    path = scene(tmp_path, text)
    with pytest.raises(LstmvizError) as failed:
        find_story(f"{path}{call}")
    assert sentence in str(failed.value)


def test_a_file_that_fails_leaves_no_module(tmp_path: Path) -> None:
    with pytest.raises(LstmvizError):
        find_story(scene(tmp_path, MINI + "\n1 / 0\n", "fails_when_opened.py"))
    assert not [name for name in sys.modules if "fails_when_opened" in name]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"There is no Python file nowhere\.py"):
        find_story("nowhere.py:Mini")


def offer(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    points = [EntryPoint("of-others", value, discovery.GROUP)]
    monkeypatch.setattr(discovery, "entry_points", lambda group: points)


def test_a_story_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "lstmviz.stage.stories.cell.cell:CellStory")
    assert "of-others" in [story.name for story in stories()]
    assert find_story("of-others").__name__ == "CellStory"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("pathlib:Path", "is no story"),
        ("nothing_of_this_name:Story", "fails: ModuleNotFoundError"),
    ],
)
def test_an_entry_point_that_does_not_work(
    monkeypatch: pytest.MonkeyPatch, value: str, sentence: str
) -> None:
    offer(monkeypatch, value)
    with pytest.raises(LstmvizError, match=sentence):
        find_story("of-others")


@pytest.mark.parametrize("name", NAMES)
def test_the_networks_that_come_with_the_package_have_names(name: str) -> None:
    assert find_network(name) is demo_network(name)


def test_a_network_of_a_file(tmp_path: Path) -> None:
    demo_network("gru").save(tmp_path / "mine.npz")
    assert find_network(tmp_path / "mine.npz").title == demo_network("gru").title


def test_a_network_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="did you mean 'lstm'"):
        find_network("lstmm")
