"""The command that makes many films as one run, here or on a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lstmviz.cli import options
from lstmviz.cli.films import MEDIA
from lstmviz.cli.progress import size
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.processes import MOST_JOBS

if TYPE_CHECKING:
    from rich.progress import Progress

    from lstmviz.batch import Done, Job, Report
    from lstmviz.system.disk_cache import Cache


@click.command(short_help="Make many films as one run, here or on a cluster.")
@click.argument("jobs_file", metavar="FILE.toml", required=False)
@click.option("-o", "--output", metavar="DIR", help="The folder to write to (default: media/FILE).")
@click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="The films that are drawn at once (default: one a processor).",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Draw on a Dask cluster; its scheduler is at tcp://host:8786."
)
@click.option(
    "--only",
    metavar="PATTERN",
    help="Make only films of which a file has such a name, with wildcards.",
)
@click.option(
    "--dry-run", is_flag=True, help="Check the list and print what would be written; draw nothing."
)
@click.option("--example", is_flag=True, help="Print a list of jobs to start from.")
@options.force
@options.cache
@options.quiet
def batch(
    jobs_file: str | None,
    output: str | None,
    jobs: int | None,
    dask: str | None,
    only: str | None,
    dry_run: bool,
    example: bool,
    force: bool,
    cache: Cache | None,
    quiet: bool,
) -> None:
    """Make every film of a list, FILE.toml, each like one of `lstmviz render`.

    A job has the options of `lstmviz render` as keys; a list of values makes a film of each.
    Every fault of the list is told before anything is drawn. Started again after an
    interruption a batch goes on where it was, and what has changed since is made again. A film
    that fails stops no other: it is told at the end, with exit code 1.

    \b
    Examples:
      lstmviz batch --example > jobs.toml
      lstmviz batch jobs.toml -o films
      lstmviz batch jobs.toml -o films --dask tcp://scheduler:8786
    """
    from lstmviz.cli.jobs_file import read_jobs, template

    if example:
        click.echo(template(), nl=False)
        return
    if jobs_file is None:
        raise UsageError(
            "Name a file of jobs, as in lstmviz batch jobs.toml; --example prints one."
        )
    if dask is not None and jobs is not None:
        raise UsageError("--jobs is for this machine; a cluster draws as many as it has workers.")
    said: set[str] = set()

    def once(text: str) -> None:
        if text not in said and not quiet:
            said.add(text)
            click.echo(text, err=True)

    found = _chosen(read_jobs(jobs_file, once), only)
    folder = Path(output) if output else Path(MEDIA, Path(jobs_file).stem)
    if dry_run:
        for job in found:
            click.echo("  ".join(str(folder / each.name) for each in job.outputs))
        return

    from lstmviz.batch import batch as make

    with _teller(quiet) as teller:
        report = make(
            found,
            folder,
            processes=jobs,
            dask=dask,
            cache=cache,
            force=force,
            begun=teller.begun,
            tell=teller.tell,
            note=teller.note,
        )
    if not quiet:
        click.echo(_summed_up(report, folder))
    if report.failed:
        failures = "\n".join(f"  {name}: {why}" for name, why in report.failed.items())
        raise LstmvizError(f"{_films(len(report.failed))} could not be made.\n{failures}")


def _chosen(jobs: list[Job], only: str | None) -> list[Job]:
    if only is None:
        return jobs
    chosen = [job for job in jobs if any(fnmatchcase(each.name, only) for each in job.outputs)]
    if not chosen:
        first = jobs[0].outputs[0].name
        raise UsageError(f"No film is named like {only!r}; names are such as {first}.")
    return chosen


class _Quiet:
    """Says nothing unless something is amiss."""

    def begun(self, total: int, kept: int) -> None:
        """Hear how many films there are to make, and how many are there."""

    def tell(self, done: Done) -> None:
        """Hear of a film that is done."""

    def note(self, text: str) -> None:
        """Say what else there is to know."""
        click.echo(f"Note: {text}", err=True)


class _Lines(_Quiet):
    """Says a line of each film."""

    def begun(self, total: int, kept: int) -> None:
        """Say how many films are there already."""
        if kept:
            are = "is" if kept == 1 else "are"
            self.say(f"{_films(kept)} of {total + kept:,} {are} there already.")

    def tell(self, done: Done) -> None:
        """Say what was written, and how long the rest will take."""
        if done.made is None:
            told = f"{done.job.outputs[0].name} failed"
        else:
            sizes = zip(done.paths, done.made.contents, strict=True)
            told = ", ".join(f"{path} ({size(len(content))})" for path, content in sizes)
        left = f"; {duration(done.left)} left" if done.left else ""
        self.say(f"{done.done} of {done.total}: {told}{left}")

    def say(self, line: str) -> None:
        """Print a line."""
        click.echo(line)


class _Bar(_Lines):
    """Says a line of each film, and keeps a bar below them that says how far the whole is."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.bar = bars.add_task("", total=None, left="")

    def begun(self, total: int, kept: int) -> None:
        """Begin the bar."""
        super().begun(total, kept)
        self.bars.update(self.bar, total=total, refresh=True)

    def tell(self, done: Done) -> None:
        """Move the bar."""
        super().tell(done)
        left = f"{duration(done.left)} left"
        self.bars.update(self.bar, completed=done.done, left=left, refresh=True)

    def note(self, text: str) -> None:
        """Say it above the bar."""
        self._above(f"Note: {text}")

    def say(self, line: str) -> None:
        """Print a line above the bar, or where standard output goes."""
        if sys.stdout.isatty():
            self._above(line)
        else:
            click.echo(line)

    def _above(self, line: str) -> None:
        self.bars.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _teller(quiet: bool) -> Iterator[_Quiet]:
    if quiet or not sys.stderr.isatty():
        yield _Quiet() if quiet else _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("Films"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    console = Console(stderr=True)
    # Without a thread that draws it: this process is copied meanwhile.
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, auto_refresh=False
    ) as bars:
        yield _Bar(bars)


def _summed_up(report: Report, folder: Path) -> str:
    parts = {"made": report.made, "kept": report.kept, "failed": len(report.failed)}
    counts = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    return f"{folder}: {counts}."


def _films(count: int) -> str:
    return "1 film" if count == 1 else f"{count:,} films"


def duration(seconds: float) -> str:
    """Give a time as people say it: 40 s, 4 min, 2 h 10 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
