"""How commands end: with one sentence when something failed, and never with half a file."""

from __future__ import annotations

import atexit
import errno
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NoReturn

import click

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.files import GONE, folder_is_gone

INTERRUPTED = 130  # what shells give for Ctrl-C
TERMINATED = 143


class Failure(click.ClickException):
    """A sentence for the user when something failed."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on standard error."""
        click.echo(f"Error: {self.format_message()}", file=file or sys.stderr)


class Misuse(Failure):
    """A sentence for the user when what was asked for is not possible."""

    exit_code = UsageError.exit_code


class Commands(click.Group):
    """A group whose commands turn errors into one sentence and an exit code."""

    def main(self, *args: Any, **given: Any) -> Any:
        """Run the command that was typed, and end at once.

        Python would look through all of Manim for cycles that nobody holds before it ends.
        """
        atexit.register(gc.freeze)
        _open_streams()
        return super().main(*args, **given)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a letter that a terminal lacks is no error
                stream.reconfigure(errors="replace")
        try:
            with _orderly_end(), _plain_warnings():
                return super().invoke(ctx)
        except LstmvizError as error:
            kind = Misuse if error.exit_code == Misuse.exit_code else Failure
            raise kind(str(error)) from error
        except (KeyboardInterrupt, click.Abort):
            raise SystemExit(INTERRUPTED) from None
        except MemoryError as error:
            raise Failure("There is not enough memory for this; ask for less.") from error
        except OSError as error:
            if isinstance(error, FileNotFoundError) and folder_is_gone():
                raise Misuse(GONE) from error
            if error.errno == errno.EPIPE:  # nobody reads on, as with `| head`
                raise
            raise Failure(_sentence(error)) from error


def _open_streams() -> None:
    """Let streams that a shell has closed lead nowhere, and not into a file that we open."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(opened)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _sentence(error: OSError) -> str:
    reason = (error.strerror or str(error) or type(error).__name__).rstrip(".")
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{reason[:1].lower()}{reason[1:]}."


class _Plain(logging.Handler):
    """Says a warning of ours in a line of its own, whatever else is set up for logging."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print it on standard error."""
        click.echo(f"Warning: {record.getMessage()}", err=True)


@contextmanager
def _plain_warnings() -> Iterator[None]:
    ours, handler = logging.getLogger("lstmviz"), _Plain(logging.WARNING)
    before = ours.propagate
    ours.addHandler(handler)
    ours.propagate = False
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.propagate = before


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let a termination clean up as Ctrl-C does."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
