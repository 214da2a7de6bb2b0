"""`lstmviz watch`: saves, the pictures they give, the page that shows them, and what fails."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from lstmviz.cli.watch_page import Board, Picture, serving
from lstmviz.cli.watching import file_of, forget_modules, lines_at, modules_in, saves
from lstmviz.stage.story.steps_written import steps_written

Refused = Callable[..., str]
HELPER = "SAID = 'Then h is {h[0]}.'\n"


def test_a_board_keeps_a_picture_until_there_is_another() -> None:
    board = Board()
    board.begin("A story", [Picture("a", "One."), Picture("b", "Two.")])
    board.show(0, b"first")
    board.show(1, b"second")
    before = board.state(-1)
    assert [step["fresh"] for step in before["steps"]] == [True, True]
    board.begin("A story", [Picture("b", "Two!"), Picture("c", "Three.")])
    now = board.state(before["version"])
    assert now["steps"][0]["version"] == before["steps"][1]["version"]
    assert not now["steps"][0]["fresh"]
    assert [board.png(place) for place in (0, 1, 2, -1)] == [b"second", b"", b"", b""]
    board.show(0, b"second")
    assert board.state(-1)["steps"][0]["version"] == before["steps"][1]["version"]
    board.fail("It fails.", [(3, "x", True)])
    assert board.state(-1)["error"] == {"said": "It fails.", "lines": [(3, "x", True)]}
    board.begin("A story", [])
    assert board.state(-1)["error"] is None


def test_the_page_is_for_this_machine_and_has_no_other_files() -> None:
    board = Board()
    board.begin("A <story>", [Picture("a", "One.")])
    board.show(0, b"picture")
    with serving(board) as address:
        assert b"<!doctype html>" in urlopen(address).read()
        told = json.load(urlopen(f"{address}state?since=-1"))
        assert told["title"] == "A <story>"
        assert urlopen(f"{address}step/0").read() == b"picture"
        for path in ("step/1", "step/x", "../watch.py", "etc/passwd"):
            with pytest.raises(HTTPError, match="404"):
                urlopen(address + path)
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(address, headers={"Host": "evil.example:80"}))


def test_steps_are_compared_as_they_are_written(mini: str) -> None:
    path = Path(mini)
    before = steps_written(path)
    assert list(before) == ["read", "think"]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Then h is", "Now h is"), encoding="utf-8")
    now = steps_written(path)
    assert [name for name in now if now[name] != before[name]] == ["think"]
    path.write_text("\n" + text, encoding="utf-8")
    assert steps_written(path) == before, "lines that move change no step"
    path.write_text("with (", encoding="utf-8")
    assert steps_written(path) == {}


def test_a_sentence_names_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one\ntwo\nthree\nfour\n", encoding="utf-8")
    assert lines_at(path, "It fails, line 1.") == [
        (1, "one", True),
        (2, "two", False),
        (3, "three", False),
    ]
    assert lines_at(path, "It fails.") == []
    assert lines_at(path, "It fails in line 90.") == []


def test_only_modules_of_the_folder_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in {
        "beside_a_story": tmp_path / "beside_a_story.py",
        "installed_below": tmp_path / ".venv/lib/python3/site-packages/installed_below.py",
        "lstmviz.not_a_room": tmp_path / "lstmviz/not_a_room.py",
    }.items():
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
    assert [module.__name__ for module in modules_in(tmp_path)] == ["beside_a_story"]
    forget_modules(tmp_path)
    assert "beside_a_story" not in sys.modules
    assert "installed_below" in sys.modules


@pytest.mark.parametrize("with_watchfiles", [True, False])
@pytest.mark.slow
def test_a_save_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_watchfiles: bool
) -> None:
    if with_watchfiles:
        pytest.importorskip("watchfiles")
    else:
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    path, other = tmp_path / "a.py", tmp_path / "b.py"
    path.write_text("1", encoding="utf-8")
    heard = saves(lambda: [*tmp_path.glob("*.py")])
    next(heard)
    path.write_text("22", encoding="utf-8")  # while it is drawn
    next(heard)
    threading.Timer(0.1, lambda: path.write_text("333", encoding="utf-8")).start()
    next(heard)
    time.sleep(0.05)
    threading.Timer(0.1, lambda: other.write_text("new", encoding="utf-8")).start()
    next(heard)
    assert other.exists()


def test_a_story_of_the_list_is_watched_in_its_file(refused: Refused) -> None:
    assert file_of("forget-gate").endswith("forget_gate.py:ForgetGate")
    assert file_of("my.py:Mine") == "my.py:Mine"
    assert "did you mean 'tanh'?" in refused("watch", "tanhh")
    assert "There is no Python file lost.py" in refused("watch", "lost.py")


@contextmanager
def watching(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "lstmviz", "watch", *arguments, "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found is not None
        yield process, found[0]
    finally:
        process.kill()
        process.wait()


def until(address: str, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    since, end = -1, time.monotonic() + 60
    while time.monotonic() < end:
        state: dict[str, Any] = json.load(urlopen(f"{address}state?since={since}"))
        if holds(state):
            return state
        since = state["version"]
    raise AssertionError(state)


@pytest.mark.verify
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_story_is_drawn_again_at_each_save(mini: str) -> None:
    path, helper = Path(mini), Path("helper_of_mini.py")
    helper.write_text(HELPER, encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace('"Then h is {h[0]}."', "SAID")
    text = "from helper_of_mini import SAID\n" + text
    path.write_text(text, encoding="utf-8")

    def whole(state: dict[str, Any]) -> bool:
        return bool(state["steps"]) and all(step["fresh"] for step in state["steps"])

    with watching(mini, "--quality", "draft", "--lang", "ZH") as (process, address):
        first = until(address, whole)
        assert [step["name"] for step in first["steps"]] == ["read", "think"]
        assert urlopen(f"{address}step/1").read().startswith(b"\x89PNG")

        helper.write_text(HELPER.replace("Then", "Soon"), encoding="utf-8")
        second = until(address, lambda s: whole(s) and "Soon" in s["steps"][1]["caption"])
        assert second["steps"][1]["version"] > first["steps"][1]["version"]

        path.write_text(text.replace("self.column", "self.pillar"), encoding="utf-8")
        failed = until(address, lambda s: s["error"])
        assert "line 18 of mini.py" in failed["error"]["said"]
        assert [line for _, line, here in failed["error"]["lines"] if here] == [
            '            self.add(self.pillar("h"))'
        ]

        path.write_text(text.replace("{word},", "{word}:"), encoding="utf-8")
        mended = until(address, lambda s: not s["error"] and ":" in s["steps"][0]["caption"])
        assert "Soon" in mended["steps"][1]["caption"]

        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read().rstrip().endswith("Ended.")
