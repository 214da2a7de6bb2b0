"""The command itself: help, version, speed, and how it ends."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import Result

import lstmviz
from lstmviz.cli import main
from lstmviz.cli.progress import size

Call = Callable[..., Result]
COMMANDS = sorted(main.commands)


def python(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(["-c", code] if code else []), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def options() -> Iterator[tuple[str, click.Option]]:
    for name, command in main.commands.items():
        for each in command.params:
            if isinstance(each, click.Option):
                yield name, each


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands(call: Call, flag: str) -> None:
    text = call(flag).stdout
    for name in ("render", "storyboard", "trace", "list", "export", "check"):
        assert f"  {name} " in text
    assert "..." not in text.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_shows_an_example(call: Call, command: str) -> None:
    assert f"  lstmviz {command}" in call(command, "-h").stdout


def test_help_is_there_however_a_command_was_used_before(call: Call) -> None:
    for command in COMMANDS:
        known = main.commands[command]
        known._help_option = None
        with suppress(click.ClickException):
            known.make_context(command, [])  # by itself, as the list of a batch is read
        assert f"  lstmviz {command}" in call(command, "-h").stdout


def test_every_option_has_a_help_line() -> None:
    assert len(list(options())) > 30
    for name, option in options():
        assert option.help, (name, option.name)
        assert option.help.endswith((".", ")")), (name, option.name)


def test_version(call: Call) -> None:
    assert call("--version").stdout == f"lstmviz {lstmviz.__version__}\n"
    assert python("-m", "lstmviz", "--version").stdout == f"lstmviz {lstmviz.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["trace"], ["list"], ["render", "--help"]])
@pytest.mark.slow
def test_manim_is_not_imported_where_nothing_is_drawn(arguments: list[str]) -> None:
    code = (
        "import sys; from lstmviz.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "assert 'manim' not in sys.modules"
    )
    done = python(*arguments, code=code)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 200


@pytest.mark.slow
def test_help_is_quick() -> None:
    def best(code: str) -> float:
        times = []
        for _ in range(4):
            start = time.perf_counter()
            python(code=code)
            times.append(time.perf_counter() - start)
        return min(times)

    helped = best("from lstmviz.cli import main; main(['--help'])")
    assert helped < 2.5 * best("import numpy, click")


@pytest.mark.slow
def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("the tea was good . " * 2000, encoding="utf-8")
    with (
        text.open() as words,
        subprocess.Popen(
            [sys.executable, "-m", "lstmviz", "trace", "--input", "-"],
            stdin=words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_an_unexpected_error_of_the_system_is_one_sentence(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(main.commands["list"], "callback", refuse)
    result = call("list", fails=1)
    assert result.stderr == "Error: somewhere: permission denied.\n"


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.ENOMEM, "x"), OSError(errno.EAGAIN, "x")]
)
def test_too_little_memory_is_one_sentence(
    call: Call, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main.commands["list"], "callback", refuse)
    said = call("list", fails=1).stderr
    assert said.startswith("Error: There is not enough memory for this; close other programs, or")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (230_400, "230 kB"),
        (999_600, "1.0 MB"),
        (1_440_000, "1.4 MB"),
        (25_000_000, "25 MB"),
        (3_200_000_000, "3.2 GB"),
    ],
)
def test_sizes_are_written_as_people_read_them(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["trace", "--part", "lstm1", "--part", "lstm2"], "--part"),
        (["trace", "--seed=1", "--input", "good", "--seed", "1"], "--seed"),
        (["render", "tanh", "--at", "1", "--at=2", "-o", "a.gif", "-o", "b.gif"], "--at"),
        (["storyboard", "tanh", "-o", "a.png", "--output", "b.png"], "--output"),
    ],
)
def test_an_option_given_twice_is_refused(
    refused: Callable[..., str], arguments: list[str], option: str
) -> None:
    assert refused(*arguments) == f"{option} is given twice; give it once."


def test_flags_may_stand_twice(call: Call) -> None:
    assert call("trace", "--input", "good", "--quiet", "--quiet").stdout
    assert "Usage" in call("trace", "--help", "--help").stdout
