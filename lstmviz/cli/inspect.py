"""The command that says what is in the file of a network, and which command to type next."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli import options
from lstmviz.cli.errors import say

if TYPE_CHECKING:
    from lstmviz.load.inspection import Inspection, PartInfo

_MOST = 3  # parts whose command is said
_TYPED = 4  # features that one still types
_BESIDE = {  # files beside a model, the first that is there, and which option takes them
    "tokenizer.json": "tokens",
    "vocab.txt": "vocabulary",
    "vocab.json": "vocabulary",
}
# The story that shows a first gate, by what it must find recorded; any cell has a hidden state.
_STORIES = (
    ("forget-gate", {"a_f", "f", "kept", "c"}),
    ("update-gate", {"z", "rest", "n"}),
    ("input-gate", {"i", "added", "kept"}),
    ("rnn-cell", {"a_h"}),
)


@click.command(short_help="Say what is in the file of a network.")
@click.argument("file", metavar="FILE")
@options.of_file
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for programs.")
def inspect(file: str, as_json: bool, **given: Any) -> None:
    """Say what is in the file of a network: kind, layers, sizes, what was assumed.

    Ends with the command that shows a gate of it. Nothing in the file is run, and neither
    PyTorch, Keras nor onnxruntime is needed. The exit code is 1 where nothing in it can be run.

    \b
    Examples:
      lstmviz inspect model.pt
      lstmviz inspect model.weights.h5 --config model.json
    """
    from lstmviz.load import inspect_file

    context = click.get_current_context()
    found = inspect_file(file, **given)
    usable = [part for part in found.parts if not any(layer.problem for layer in part.layers)]
    typed = {name: value for name, value in given.items() if value is not None}
    if found.row and usable == [*found.parts] and "part" not in typed:
        first, last = (
            next(part for part in found.parts if part.name == found.row[place]) for place in (0, -1)
        )
        usable = [replace(first, name="", readings=last.readings), *usable]  # all as one
    commands = [next_command(context.command, file, found, part, typed) for part in usable]
    if found.names:
        commands.append(f"lstmviz inspect {shlex.quote(file)} --names names.toml")
    if as_json:
        told = {**asdict(found), "next": commands}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        say(str(found), err=False)
        for part, command in zip(usable[:_MOST], commands, strict=False):
            which = f" for part '{part.name}'" if len(usable) > 1 and part.name else ""
            click.echo(f"next{which}:\n  {command}")
            if "series.csv" in command:
                wide = part.layers[0].inputs
                click.echo(f"  (series.csv: a row per tick, {wide} columns, a header if you like)")
                if not found.embeddings:
                    click.echo(
                        f"  (if it reads one-hot tokens: --vocab with all {wide}, and a text)"
                    )
        if found.names:
            click.echo(f"\nnext, with these lines in names.toml:\n  {commands[-1]}")
    if not usable:
        context.exit(1)


def story_of(readings: tuple[str, ...]) -> str:
    """Name the story that shows a first gate of a cell with such readings."""
    return next((name for name, needs in _STORIES if needs <= {*readings}), "hidden-state")


def next_command(
    command: click.Command,
    file: str,
    found: Inspection,
    part: PartInfo,
    given: Mapping[str, Any],
) -> str:
    """Write the command that shows a gate of a part, with the options given and an input."""
    told = dict(given)
    if len(found.parts) > 1 and part.name:
        told["part"] = part.name
    words = [f"lstmviz render {story_of(part.readings)} --network", shlex.quote(file)]
    fed = _input(Path(file), found, part, told)
    for option in command.params:
        value = told.get(str(option.name))
        if value is not None and option.name != "as_json":
            words += [max(option.opts, key=len), shlex.quote(str(value))]
    return " ".join([*words, "--input", shlex.quote(fed), "-o film.mp4"])


def _words_beside(file: Path) -> dict[str, str]:
    """Give the tokenizer or the vocabulary that lies in the folder of a model, as an option."""
    name = next((name for name in _BESIDE if file.is_dir() and (file / name).is_file()), None)
    return {"vocabulary": "vocabulary.txt"} if name is None else {_BESIDE[name]: str(file / name)}


def _input(file: Path, found: Inspection, part: PartInfo, told: dict[str, Any]) -> str:
    """Give an input that the part can read; of words that are not in the file, name their file."""
    width = part.layers[0].inputs
    fits = any(columns == width for _, _, columns in found.embeddings)
    if part.embedding is not None or fits or "vocabulary" in told or found.words:
        if not found.words and not {"tokens", "vocabulary"} & {*told}:
            told.update(_words_beside(file))
        letters = all(len(word) == 1 for word in found.words)
        return ("" if letters else " ").join(found.words) or "a sentence of yours"
    if width == 1:
        return "0.1,0.5,-1"
    if width <= _TYPED:
        rows = [[round(0.1 * (k + 1) * (-1) ** t, 1) for k in range(width)] for t in range(3)]
        return json.dumps(rows)
    return "series.csv"
