"""The progress display: a bar on a terminal, a line a film in a log, nothing when quiet.

The bar is that of rich, which says nothing in a log before the work is over: so the lines are ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lstmviz.films.render import Listener, Progress

_OFTEN = 0.1  # seconds between two looks of the bar
_VERBS = {"render": "Rendering", "write": "Writing", "kept": "Already drawn:", "make": "Making"}


@contextmanager
def progress(quiet: bool, *, lines: bool = True) -> Iterator[Listener]:
    """Give a listener that shows on standard error how far a render is.

    Without `lines` it says nothing in a log, for a command that says more of each film itself.
    """
    if quiet or not (lines or sys.stderr.isatty()):
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as listener:
            yield listener
    else:
        yield _Lines()


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    # It draws itself when it is told something, not in a thread: this process is copied meanwhile.
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, auto_refresh=False) as bars:
        bar = bars.add_task("Setting the stage", total=None)
        bars.refresh()
        task, shown = "", 0.0

        def listen(now: Progress) -> None:
            nonlocal task, shown
            kind = now.task if now.task in ("render", "make") else now.name
            if kind != task:
                task = kind
                bars.reset(bar)
            bars.update(bar, description=_described(now), completed=now.done, total=now.total)
            if time.monotonic() - shown > _OFTEN:
                bars.refresh()
                shown = time.monotonic()

        yield listen


class _Lines:
    """A line whenever another film begins, or is there already."""

    def __init__(self) -> None:
        self.before: Progress | None = None

    def __call__(self, now: Progress) -> None:
        before, self.before = self.before, now
        if now.task == "kept":
            click.echo(_described(now), err=True)
        elif now.task == "render" and not _goes_on(before, now):
            frames = "1 frame" if now.total == 1 else f"{now.total} frames"
            click.echo(f"{_VERBS[now.task]} {frames}", err=True)


def _goes_on(before: Progress | None, now: Progress) -> bool:
    """Tell whether a film is still being drawn."""
    if before is None or (before.task, before.total) != (now.task, now.total):
        return False
    return before.done <= now.done


def _described(now: Progress) -> str:
    return f"{_VERBS.get(now.task, now.task)} {now.name}"


def wrote(path: Path, quiet: bool, note: str = "") -> None:
    """Say which file was written, how large it is, and what was chosen for it."""
    if not quiet:
        click.echo(f"Wrote {path} ({size(path.stat().st_size)}{note and ': '}{note})")


def size(count: int) -> str:
    """Give a number of bytes as people read it: 812 B, 230 kB, 1.4 MB."""
    number = float(count)
    for unit in ("B", "kB", "MB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if unit != "MB" or number >= 10 else f"{number:.1f} MB"
        number /= 1000
    return f"{number:.1f} GB"
