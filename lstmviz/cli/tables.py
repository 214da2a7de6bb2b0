"""The commands that print: what there is, and what a network computed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli import options
from lstmviz.cli.telling import wrote
from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.recording import Array
    from lstmviz.source import Source
    from lstmviz.trace import Trace

ENDINGS = (".npz", ".json", ".csv")


@click.command("list", short_help="List stories, cells, networks, themes, languages and shapes.")
def list_() -> None:
    """List the stories, cells, networks, themes, languages and shapes that there are.

    \b
    Example:
      lstmviz list
    """
    from importlib.metadata import entry_points

    from lstmviz.engine.cells import CELLS
    from lstmviz.engine.demo import NAMES, demo_network
    from lstmviz.gallery import stories
    from lstmviz.settings import ASPECTS, picture_format
    from lstmviz.stage.language import language, languages
    from lstmviz.stage.theme import THEMES

    offered = [
        (point.name, f"from {point.dist.name if point.dist else point.value}")
        for point in entry_points(group="lstmviz.cells")
    ]
    _section("Stories (lstmviz render NAME)", [(s.name, s.summary) for s in stories()])
    _section("Cells (--cell NAME)", [*((c.name, c.title) for c in CELLS), *offered])
    _section("Networks (--network NAME)", [(n, demo_network(n).title) for n in NAMES])
    _section("Themes (--theme NAME)",
             [(t.name, f"{t.ink} on {t.background}") for t in THEMES.values()])  # fmt: skip
    _section("Languages (--lang CODE)",
             [(code, language(code).word("forget gate")) for code in languages()])  # fmt: skip
    _section("Shapes of the picture (--aspect W:H)",
             [(name, "{} × {} at 1080p".format(*picture_format("1080p", aspect=name)))
              for name in ASPECTS])  # fmt: skip


def _section(title: str, rows: Iterable[tuple[str, str]]) -> None:
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
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="The precision to compute in.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write the trace to .npz (as it is computed: a long one does not fill the memory), "
    ".json or .csv instead; those of --inputs are numbered. May be given several times.",
)
@options.quiet
def trace(
    show: str | None, units: tuple[int, ...] | None, outputs: tuple[str, ...], quiet: bool,
    inputs: str | None, **given: Any,
) -> None:  # fmt: skip
    """Run a network and print what it computed: words down, readings across.

    \b
    Examples:
      lstmviz trace --cell gru --input "Amazing! I will buy it again."
      lstmviz trace --show f,c,h --units 1,2
      lstmviz trace --input 0.1,0.5,-1 --hidden 3 -o trace.npz
      lstmviz trace --inputs reviews.txt -o review.npz
    """
    from lstmviz.files import check_target

    paths = options.as_paths(outputs)
    for path in paths:
        if path.suffix.lower() not in ENDINGS:
            raise UsageError(f"A trace cannot become {path}; choose one of {', '.join(ENDINGS)}.")
        check_target(path)
    source, _ = options.source_of(given)
    many = None if inputs is None else _read_inputs(inputs)
    names = None if show is None else [name.strip() for name in show.split(",")]
    if many is None:
        _trace_one(source, paths, names, units, quiet)
    else:
        _trace_many(source, many, paths, names, units, quiet)


def _trace_one(
    source: Source, paths: Sequence[Path], names: Sequence[str] | None,
    units: Sequence[int] | None, quiet: bool,
) -> None:  # fmt: skip
    from lstmviz.engine.demo.review import REVIEW

    archives = [path for path in paths if path.suffix.lower() == ".npz"]
    recorded = archives[0] if archives and source.saved is None else None
    made = source.trace(
        input=REVIEW, tell=lambda text: click.echo(text, err=True), record_to=recorded
    )
    for path in paths:
        if path != recorded:
            _save(made, path)
        wrote(path, quiet)
    if not paths:
        from lstmviz.cli.table import print_table

        print_table(made, names, units, sys.stdout)


def _trace_many(
    source: Source, inputs: Sequence[str | ArrayLike], paths: Sequence[Path],
    names: Sequence[str] | None, units: Sequence[int] | None, quiet: bool,
) -> None:  # fmt: skip
    from lstmviz.cli.table import print_table

    made = source.traces(inputs, tell=lambda text: click.echo(text, err=True))
    digits = len(str(len(made)))
    for number, one in enumerate(made, start=1):
        for path in paths:
            own = path.with_stem(f"{path.stem}-{number:0{digits}}")
            _save(one, own)
            wrote(own, quiet)
        if not paths:
            if number > 1:
                click.echo()
            print_table(one, names, units, sys.stdout)


def _read_inputs(path: str) -> list[str | Array]:
    from lstmviz.engine.inputs import inputs_of, read_inputs

    return inputs_of(sys.stdin.read(), "Standard input") if path == "-" else read_inputs(path)


def _save(made: Trace, path: Path) -> None:
    ending = path.suffix.lower()
    if ending == ".npz":
        made.save(path)
    elif ending == ".json":
        made.to_json(path)
    else:
        made.to_csv(path)


@click.command(short_help="Say what is in the file of a network.")
@click.argument("file", metavar="FILE")
@click.option(
    "--config",
    metavar="FILE",
    help="The model's configuration as JSON, for Keras files of weights alone.",
)
@click.option(
    "--nonlinearity",
    type=click.Choice(["tanh", "relu"]),
    help="That of a PyTorch RNN, which its file does not tell (default: tanh).",
)
def inspect(file: str, config: str | None, nonlinearity: str | None) -> None:
    """Say what is in the file of a network: kind, layers, sizes, what was assumed.

    Nothing in the file is run, and neither PyTorch, Keras nor onnxruntime is needed.

    \b
    Examples:
      lstmviz inspect model.pt
      lstmviz inspect model.weights.h5 --config model.json
    """  # fmt: skip
    from lstmviz.engine.load import inspect_file

    click.echo(str(inspect_file(file, config=config, nonlinearity=nonlinearity)))
