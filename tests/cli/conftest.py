"""A scene of one's own, and a way to call the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lstmviz.cli import main

MINI = '''"""A scene file."""

from lstmviz.stage import Story


class Mini(Story):
    """A story of two steps."""

    needs = ("h",)
    input = "good but dull , good"

    def construct(self) -> None:
        told = "It reads {word}, number {number} of {total}."
        with self.step("read", told, number=self.now.tick + 1):
            self.wait(0.2)
        with self.step("think", "Then h is {h[0]}."):
            self.add(self.column("h"))
'''

Call = Callable[..., Result]


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A story in the current folder, in which there is nothing else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mini.py").write_text(MINI, encoding="utf-8")
    return "mini.py"


@pytest.fixture
def call() -> Call:
    """Call lstmviz with arguments; anything but an orderly end is an error of the test."""

    def run(*arguments: object, stdin: str | bytes | None = None, fails: int = 0) -> Result:
        result = CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == fails, result.output
        return result

    return run


@pytest.fixture
def refused(call: Call) -> Callable[..., str]:
    """Call lstmviz with what it must refuse: gives the sentence; 2 is the exit code."""

    def run(*arguments: object, stdin: str | bytes | None = None, fails: int = 2) -> str:
        result = call(*arguments, stdin=stdin, fails=fails)
        assert result.stdout == ""
        errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
        assert len(errors) == 1, result.stderr
        assert result.stderr.endswith(errors[0] + "\n")
        assert errors[0].endswith((".", "?"))
        return errors[0].removeprefix("Error: ")

    return run
