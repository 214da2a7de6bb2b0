"""Errors and exit codes of commands: one sentence when something failed, and never half a file."""

from __future__ import annotations

import atexit
import errno
import gc
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, NoReturn

import click

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.atomic_files import GONE, folder_is_gone
from lstmviz.system.package import address
from lstmviz.system.texts import writable

_ENDED_BY = 128  # what shells add to the number of the signal
CACHED = "lstmviz.cached"  # where a context notes whether what is drawn is kept
# An argument in a sentence for Python: its name, and its value or nothing.
AS_IN_PYTHON = re.compile(
    r"(?<![\w.'-])([a-z_]+)=(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|True|False|'[^']*'|)(?=[\s,;:.)]|$)"
)
# Arguments of Python that no command has, as a sentence on the command line calls them.
OF_PYTHON_ALONE = {"initial": "initial= of lstmviz.run, in Python,"}
_GO_ON = ("render", "slides", "article", "batch")  # with what they had made before
_ENDINGS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Ended(SystemExit):
    """A signal asked the command to end."""


class Failure(click.ClickException):
    """A sentence for the user when something failed."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on standard error; a text of somebody's in it rules no terminal."""
        click.echo(f"Error: {writable(self.format_message())}", file=file or sys.stderr)


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed; say what is meant by words that it does not know.

        An option that is given twice is refused, of which one would go.
        """
        if ctx.resilient_parsing:  # the shell completes it
            name, command, rest = super().resolve_command(ctx, args)
            return name, command, rest if command is None else _with_value(command, rest)
        from lstmviz.cli.meant import other_command, refuse_other_words

        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from lstmviz.stage.story.discovery import stories

            raise UsageError(other_command(self, args[0], [story.name for story in stories()]))
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not {"-h", "--help"} & set(rest):
            inner = click.Context(command, info_name=name, parent=ctx)
            refuse_other_words(inner, rest)
            _refuse_twice(command, inner, rest)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a letter that a terminal lacks is no error
                stream.reconfigure(errors="replace")
        _refuse_gone_folder()
        try:
            with _orderly_end(), _plain_warnings():
                return super().invoke(ctx)
        except LstmvizError as error:
            kind = Misuse if error.exit_code == Misuse.exit_code else Failure
            raise kind(self._in_options(ctx, str(error))) from error
        except (KeyboardInterrupt, click.Abort, Ended) as error:
            _say_interrupted(ctx)
            code = error.code if isinstance(error, Ended) else _ENDED_BY + signal.SIGINT
            raise SystemExit(code) from None
        except MemoryError as error:
            raise Failure(_NO_MEMORY) from error
        except OSError as error:
            if error.errno in (errno.ENOMEM, errno.EAGAIN):  # the latter for want of a thread
                raise Failure(_NO_MEMORY) from error
            if isinstance(error, FileNotFoundError) and folder_is_gone():
                raise Misuse(GONE) from error
            if error.errno == errno.EPIPE:  # nobody reads on, as with `| head`
                raise
            raise Failure(_sentence(error)) from error
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            traceback.print_exc()
            raise Failure(_fault()) from error

    def _in_options(self, ctx: click.Context, text: str) -> str:
        command = self.get_command(ctx, ctx.invoked_subcommand or "")
        return text if command is None else in_options(text, command)


def say(text: str, *, err: bool = True) -> None:
    """Print a sentence in the words of the command line, on standard error; not if --quiet."""
    context = click.get_current_context()
    if not context.params.get("quiet"):
        click.echo(in_options(text, context.command), err=err)


def in_options(text: str, command: click.Command) -> str:
    """Say a sentence in the words of the command line: `part=` of Python is `--part` there.

    So `jobs=1` is `--jobs 1`, `force=True` is `--force` and `head='fc'` is `--head fc`. Of what no
    command has it is said that only Python does.
    """
    options = {each.name: each for each in command.params if isinstance(each, click.Option)}

    def said(found: re.Match[str]) -> str:
        option = options.get(found[1])
        if option is None:
            return OF_PYTHON_ALONE.get(found[1], found[0])
        if option.is_flag:
            return max(option.opts if found[2] != "False" else option.secondary_opts, key=len)
        return f"{max(option.opts, key=len)} {found[2].strip(chr(39))}".rstrip()

    return AS_IN_PYTHON.sub(said, text)


_NO_MEMORY = (
    "There is not enough memory for this; close other programs, or ask for less: fewer --jobs, a "
    "lower --quality, a shorter input."
)


def _fault() -> str:
    """Ask for a report of what is no single sentence, at the address if there is one."""
    known = address()
    where = f"at {known}" if known else "to those from whom you have it"
    return (
        f"This is a fault of lstmviz, and none of yours: please report it {where}, with what "
        "stands above and what `lstmviz doctor` prints."
    )


def _refuse_gone_folder() -> None:
    """Refuse to work where no path can be told."""
    if folder_is_gone():
        raise Misuse(GONE)


def _say_interrupted(ctx: click.Context) -> None:
    cached = ctx.invoked_subcommand in ("article", "batch") or ctx.meta.get(CACHED)
    goes_on = cached and ctx.invoked_subcommand in _GO_ON
    rest = "; started again, it goes on where it was" if goes_on else ""
    with suppress(OSError):  # the terminal may be gone
        click.echo(f"Interrupted{rest}.", err=True)


def _refuse_twice(command: click.Command, context: click.Context, args: list[str]) -> None:
    """Refuse an option with a value that stands twice in a command, unless it collects them."""
    with suppress(click.UsageError):  # the command itself says it better
        _, _, given = command.make_parser(context).parse_args(list(args))
        seen: set[str | None] = set()
        for option in given:
            if not isinstance(option, click.Option):
                continue
            if option.is_flag or option.count or option.multiple:
                continue
            if option.name in seen:
                raise UsageError(f"{max(option.opts, key=len)} is given twice; give it once.")
            seen.add(option.name)


def _with_value(command: click.Command, args: list[str]) -> list[str]:
    """Give the option that stands last its value, without which click reads no arguments."""
    needs = {
        name
        for each in command.params
        if isinstance(each, click.Option) and not (each.is_flag or each.count)
        for name in each.opts
        if each.flag_value is None or not isinstance(each.flag_value, str)
    }
    return [*args, ""] if args and args[-1] in needs else args


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
    """Let a termination, and the end of the terminal, clean up as Ctrl-C does.

    The first of them is heeded, and no other until the process has ended: a terminal that is
    closed tells of it more than once. What was ignored before, as by `nohup`, still is.
    """
    ending = False

    def end(number: int, _: object) -> NoReturn:
        nonlocal ending
        ending = True
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(_ENDED_BY + number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        known = {each: signal.getsignal(each) for each in _ENDINGS}
        before = {each: how for each, how in known.items() if how not in (signal.SIG_IGN, None)}
    for each in before:
        signal.signal(each, end)
    try:
        yield
    finally:
        if not ending:
            for each, how in before.items():
                signal.signal(each, how)
