"""The commands that print what there is, and what a network computed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli import options
from lstmviz.cli.choice import Choice
from lstmviz.cli.errors import say
from lstmviz.cli.progress import wrote
from lstmviz.errors import UsageError
from lstmviz.system.suggest import nearest

if TYPE_CHECKING:
    from lstmviz.engine.inputs.series import Series
    from lstmviz.engine.inputs.wanted import Wanted
    from lstmviz.films.trace_request import TraceRequest
    from lstmviz.trace.recording import Array
    from lstmviz.trace.trace import Trace

ENDINGS = (".npz", ".json", ".csv")
Rows = Iterable[tuple[str, str]]  # a name, and a line about it
SECTIONS = {
    "stories": "Stories (lstmviz render NAME)",
    "cells": "Cells (--cell NAME)",
    "networks": "Networks (--network NAME)",
    "themes": "Themes (--theme NAME)",
    "languages": "Languages (--lang CODE)",
    "shapes": "Shapes of the picture (--aspect W:H)",
}


@click.command("list", short_help="List stories, cells, networks, themes, languages and shapes.")
@click.argument("what", metavar="[WHAT]", required=False, type=Choice([*SECTIONS]))
def list_(what: str | None) -> None:
    """List what there is, or only WHAT: stories, cells, networks, themes, languages or shapes.

    Beside a story stands how long its film is when nothing else is asked for.

    \b
    Examples:
      lstmviz list
      lstmviz list stories
    """
    for section in SECTIONS if what is None else (what,):
        _section(SECTIONS[section], _ROWS[section]())


def _stories() -> Rows:
    from lstmviz.stage.story.discovery import stories
    from lstmviz.stage.story.outlines import outlines

    known = outlines()
    for story in stories():
        long = _time(known[story.name].seconds) if story.name in known else ""
        yield story.name, f"{long:>5}  {story.summary}"


def _time(seconds: int) -> str:
    """Give a duration as players do: 0:42, 12:05."""
    return f"{seconds // 60}:{seconds % 60:02}"


def _cells() -> Rows:
    from importlib.metadata import entry_points

    from lstmviz.engine.model.cells import CELLS

    for cell in CELLS:
        yield cell.name, cell.title
    for point in entry_points(group="lstmviz.cells"):
        yield point.name, f"from {point.dist.name if point.dist else point.value}"


def _networks() -> Rows:
    from lstmviz.demo.networks import NAMES, demo_network

    return ((name, demo_network(name).title) for name in NAMES)


def _themes() -> Rows:
    from lstmviz.style.theme import THEMES

    return ((theme.name, f"{theme.ink} on {theme.background}") for theme in THEMES.values())


def _languages() -> Rows:
    from lstmviz.style.language import language, languages

    return ((code, language(code).word("forget gate")) for code in languages())


def _shapes() -> Rows:
    from lstmviz.style.picture import ASPECTS, picture_format

    for name in ASPECTS:
        yield name, "{} × {} at 1080p".format(*picture_format("1080p", aspect=name))


_ROWS: dict[str, Callable[[], Rows]] = {
    "stories": _stories,
    "cells": _cells,
    "networks": _networks,
    "themes": _themes,
    "languages": _languages,
    "shapes": _shapes,
}


def _section(title: str, rows: Rows) -> None:
    rows = list(rows)
    wide = max((len(name) for name, _ in rows), default=0)
    click.echo(title)
    for name, line in rows:
        click.echo(f"  {name:{wide}}  {line}".rstrip())
    click.echo()


@click.command(short_help="Run a network and print what it computed.")
@options.told
@click.option(
    "--inputs",
    metavar="FILE",
    help="Many inputs of one network, instead: a sentence, numbers or a file's name on each "
    "line; - reads them from standard input.",
)
@click.option(
    "--show",
    metavar="f,i,…",
    help="The readings to print, or `all` (default: the gates and the states).",
)
@options.units("print")
@click.option(
    "--dtype",
    type=Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="The precision to compute in.",
)
@options.outputs(
    "Write the trace to .npz (as it is computed: a long one does not fill the memory), "
    ".json or .csv instead; those of --inputs are numbered. May be given several times."
)
@options.force
@options.quiet
def trace(
    show: str | None,
    units: tuple[int, ...] | None,
    outputs: tuple[str, ...],
    force: bool,
    quiet: bool,
    inputs: str | None,
    **given: Any,
) -> None:
    """Run a network and print what it computed: words down, readings across.

    \b
    Examples:
      lstmviz trace --cell gru --input "Amazing! I will buy it again."
      lstmviz trace --show f,c,h --units 1,2
      lstmviz trace --input 0.1,0.5,-1 --hidden 3 -o trace.npz
      lstmviz trace --inputs reviews.txt -o review.npz
    """
    paths = options.as_paths(outputs)
    for path in paths:
        if path.suffix.lower() not in ENDINGS:
            meant = nearest(path.suffix, ENDINGS)
            raise UsageError(
                f"A trace cannot become {path}{meant}; choose one of {', '.join(ENDINGS)}."
            )
    if not paths and sys.__stdout__ is None:  # as after `>&-`
        raise UsageError("Standard output is closed; write the trace to a file with -o.")
    if inputs is None:
        _check(paths, options.reads(), force)
    source = options.request_of(given)
    names = None if show is None else [name.strip() for name in show.split(",")]
    way = _Way(paths, names, units, force, quiet)
    if inputs is None:
        _trace_one(source, way)
    else:
        _trace_many(source, inputs, way)


@dataclass(frozen=True)
class _Way:
    """The files that a trace is written to, or else what of it is printed."""

    paths: Sequence[Path]
    names: Sequence[str] | None
    units: Sequence[int] | None
    force: bool
    quiet: bool

    def print(self, made: Trace) -> None:
        """Print the table of a trace."""
        from lstmviz.cli.trace_table import print_table

        print_table(made, self.names, self.units, sys.stdout)

    def write(self, made: Trace, path: Path, *, recorded: bool = False) -> None:
        """Write a trace, unless its file has been recorded already, and say so."""
        if not recorded:
            _save(made, path, self.force)
        wrote(path, self.quiet)


def _trace_one(source: TraceRequest, way: _Way) -> None:
    from lstmviz.demo.review import REVIEW

    archives = [path for path in way.paths if path.suffix.lower() == ".npz"]
    recorded = archives[0] if archives and source.saved is None else None
    made = source.trace(
        input=REVIEW,
        tell=say,
        record_to=recorded,
        force=way.force,
    )
    for path in way.paths:
        way.write(made, path, recorded=path == recorded)
    if not way.paths:
        way.print(made)


def _trace_many(source: TraceRequest, listed: str, way: _Way) -> None:
    from lstmviz.films.trace_request import WHOLE_TABLE

    inputs, lines = _read_inputs(listed, source.wanted)
    source = replace(source, **WHOLE_TABLE)
    digits = len(str(len(inputs)))
    numbered = [
        [path.with_stem(f"{path.stem}-{number:0{digits}}") for path in way.paths]
        for number in range(1, len(inputs) + 1)
    ]
    _check(list(chain(*numbered)), [*options.reads(), *lines], way.force)
    made = source.traces(inputs, tell=say)
    for number, (one, named) in enumerate(zip(made, numbered, strict=True), start=1):
        for own in named:
            way.write(one, own)
        if not way.paths:
            if number > 1:
                click.echo()
            way.print(one)


def _read_inputs(
    path: str, wanted: Wanted
) -> tuple[list[str | list[str] | Array | Series], list[str]]:
    """Give the inputs of a list, and its lines, which may be names of files."""
    from lstmviz.engine.inputs.read import inputs_of, read_inputs
    from lstmviz.system.texts import lines_of

    if path == "-":
        text = sys.stdin.read()
        return inputs_of(text, "Standard input", wanted), [line.strip() for line in lines_of(text)]
    text = Path(path).read_text("utf-8", "replace") if os.path.isfile(path) else ""
    return read_inputs(path, wanted), [line.strip() for line in lines_of(text)]


def _check(paths: Sequence[Path], reads: Sequence[object], force: bool) -> None:
    """Refuse before the long work what cannot be written, or is read."""
    from lstmviz.system.atomic_files import check_target, refuse_inputs

    refuse_inputs(paths, reads)
    for path in paths:
        check_target(path, force=force)


def _save(made: Trace, path: Path, force: bool) -> None:
    ending = path.suffix.lower()
    if ending == ".npz":
        made.save(path, force=force)
    elif ending == ".json":
        made.to_json(path, force=force)
    else:
        made.to_csv(path, force=force)
