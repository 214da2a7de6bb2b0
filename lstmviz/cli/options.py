"""Options that several commands have, and what their words mean."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lstmviz.cli import completion
from lstmviz.cli.choice import Choice
from lstmviz.cli.errors import CACHED
from lstmviz.errors import UsageError
from lstmviz.export.common.format import endings, formats, listed
from lstmviz.style.picture import ASPECTS, FASTEST, MOST_FRAMES, QUALITIES, SLOWEST, WIDE_ASPECT
from lstmviz.system.processes import MOST_JOBS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.engine.inputs.wanted import Wanted
    from lstmviz.films.trace_request import TraceRequest
    from lstmviz.system.disk_cache import Cache

Command = TypeVar("Command", bound=Callable[..., Any])


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Make one decorator of several options, in the order in which help lists them."""

    def decorate(command: Command) -> Command:
        return functools.reduce(lambda made, option: option(made), reversed(options), command)

    return decorate


def _units(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Read units as people count them: `1,3` gives (0, 2)."""
    if value is None:
        return None
    from lstmviz.trace.units import units_asked

    try:
        return units_asked(value)
    except UsageError:
        raise click.BadParameter(f"write units as 1,2, counted from 1, not {value!r}.") from None


def units(purpose: str) -> Callable[[Command], Command]:
    """Give the option for the units of a wide network."""
    return click.option(
        "--units",
        callback=_units,
        metavar="1,2,…",
        help=f"The units to {purpose}, counted from 1 (default: of a wide network "
        "those that move most).",
    )


# What the file of a network does not say.
of_file = together(
    click.option(
        "--vocab",
        "vocabulary",
        metavar="FILE",
        help="The tokens of the network's rows: as JSON, a word per line, or a tokenizer's file.",
    ),
    click.option(
        "--tokens",
        metavar="HOW",
        help="How a text is cut: words, chars, or a tokenizer's file (default: as the vocabulary "
        "says, or words).",
    ),
    click.option(
        "--unknown",
        metavar="WORD",
        help="The word of the vocabulary that stands for all others (default: <unk> and the like).",
    ),
    click.option(
        "--embedding",
        metavar="KEY",
        help="The embedding's name in the network's file, where several would do.",
    ),
    click.option(
        "--config",
        metavar="FILE",
        help="The model's configuration as JSON, for Keras files of weights alone.",
    ),
    click.option(
        "--part",
        metavar="NAME",
        help="The recurrent part of the network's file, where there are several; a,b for "
        "parts that feed one another.",
    ),
    click.option(
        "--nonlinearity",
        type=Choice(["tanh", "relu"]),
        help="That of a PyTorch RNN, which its file does not tell (default: tanh).",
    ),
    click.option(
        "--names",
        metavar="FILE",
        help="A TOML file that says which array of the file is which weight; `lstmviz "
        "inspect` proposes one.",
    ),
    click.option(
        "--head",
        metavar="NAME",
        help="The layer that gives the answer, which PyTorch's files do not tell, as in fc or "
        "fc1:relu,fc2 or fc:mean+max; one of several outputs of a Keras or ONNX model; or none.",
    ),
    click.option(
        "--labels",
        metavar="FILE",
        help="What the answers are called: a file of a name per line, or good,bad.",
    ),
    click.option(
        "--pad",
        type=click.IntRange(1, 10**4),
        metavar="N",
        help="The steps to which inputs were padded in training, where nothing masks the padding.",
    ),
    click.option(
        "--pad-side",
        type=Choice(["left", "right"]),
        help="Where that padding stands (default: left).",
    ),
)

# What is wanted of a table of numbers.
of_table = together(
    click.option(
        "--columns",
        metavar="a,b",
        help="The columns of a table that are features, in their order: names, or numbers from 1 "
        "(default: all but the times).",
    ),
    click.option(
        "--time",
        metavar="NAME",
        help="The column that has the times, where a table does not show it.",
    ),
    click.option(
        "--fill",
        type=Choice(["forward", "linear", "zero", "mean"]),
        help="What fills the gaps of a table (default: none may be there).",
    ),
    click.option(
        "--gap",
        metavar="NUMBER",
        help="The number that stands for a gap in a table, as -9999 (or several: -9999,-999); "
        "--fill then fills it.",
    ),
    click.option(
        "--sheet",
        metavar="NAME",
        help="The sheet of an .xlsx file (default: the first with a table of numbers).",
    ),
    click.option(
        "--encoding",
        metavar="NAME",
        help="How the letters of a text file are written, as gbk or cp1251 (default: as it shows).",
    ),
)

told = together(
    click.option(
        "--input",
        metavar="TEXT",
        help='A sentence, numbers ("0.1,0.5,-1"), a table of numbers (.csv, .tsv, .xlsx, .parquet, '
        ".json, .npy, .npz), a .txt with any of these, or - to read it from standard input.",
    ),
    of_table,
    click.option(
        "--cell",
        shell_complete=completion.cells,
        metavar="NAME",
        help="The kind of cell; see `lstmviz list`, or file.py:name for one of your own.",
    ),
    click.option(
        "--network",
        shell_complete=completion.networks,
        metavar="FILE",
        help="A trained network: a file of PyTorch (.pt, .pth), safetensors, Keras "
        "(.keras, .h5), ONNX or lstmviz (.npz), or the name of one that comes with "
        "lstmviz.",
    ),
    of_file,
    click.option(
        "--layer",
        type=click.IntRange(1),
        metavar="N",
        help="The layer to show, from 1 (default: the last).",
    ),
    click.option(
        "--direction",
        type=Choice(["forward", "backward"]),
        help="The direction to show of a bidirectional layer (default: forward).",
    ),
    click.option(
        "--check",
        metavar="FILE.npy",
        help="What the framework computed for this input; refuse to go on if our numbers differ.",
    ),
    click.option(
        "--trace",
        "saved",
        metavar="FILE",
        help="A saved trace (.npz), instead of all of these; gradients need its --network, too.",
    ),
    click.option(
        "--hidden",
        type=click.IntRange(1, 65536),
        metavar="N",
        help="The number of units of a network with random weights (default: 4).",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**32 - 1),
        metavar="N",
        help="The seed of these weights (default: 0).",
    ),
)


def fields_of(kind: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give those of the options that are fields of a kind of value: a TraceRequest, a Look."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in given.items() if name in names}


def request_of(given: Mapping[str, Any]) -> TraceRequest:
    """Give what the options of `told` ask to be run."""
    from lstmviz.films.trace_request import WHOLE_TABLE, TraceRequest

    request = TraceRequest(**fields_of(TraceRequest, given))
    if request.input is None:
        return request
    read = given_input(given["input"], request.wanted)
    return dataclasses.replace(request, input=read, **WHOLE_TABLE)


theme = click.option(
    "--theme",
    shell_complete=completion.themes,
    default="dark",
    metavar="NAME",
    show_default=True,
    help="The colours; see `lstmviz list`, or a TOML file of your own; see `lstmviz theme`.",
)


def _lang(context: click.Context, option: click.Parameter, value: str) -> str:
    """Say once which texts a language file of the user's lacks, and what no font has of it."""
    from lstmviz.style.language import language, languages, missing_note, said

    if value not in languages() and not context.params.get("quiet"):
        from lstmviz.stage.text.fonts import undrawn_note

        note = missing_note(value, language(value))
        if note and context.info_name != "check":  # which says more
            click.echo(f"Note: {note}", err=True)
        boxed = undrawn_note(said(language(value)))
        if boxed:
            click.echo(f"Note: {boxed}", err=True)
    return value


lang = click.option(
    "--lang",
    shell_complete=completion.languages,
    default="en",
    metavar="CODE",
    show_default=True,
    callback=_lang,
    help="The language of all texts; see `lstmviz list`, or a TOML file of your own; see "
    "`lstmviz language`.",
)

compare = click.option(
    "--compare",
    metavar="TEXT",
    help="A second input, whatever --input takes, for stories that tell of two, as verdict does.",
)

look = together(
    compare,
    click.option(
        "--at",
        shell_complete=completion.words,
        metavar="WORD|N",
        help="The word to tell, or its number from 1; `again:2` is the second `again` "
        "(default: where most happens).",
    ),
    units("show"),
    theme,
    lang,
)


def _on(context: click.Context, option: click.Parameter, value: str) -> bool:
    return value == "on"


captions = click.option(
    "--captions",
    type=Choice(["on", "off"]),
    default="on",
    show_default=True,
    callback=_on,
    help="Whether the sentences are written below the picture; slides, "
    "subtitles and notes have them anyway.",
)

loop = click.option(
    "--loop",
    shell_complete=completion.steps,
    is_flag=False,
    flag_value="",
    metavar="[STEP]",
    help="Make a loop of 6 to 12 seconds: of the step that shows the idea, or of STEP, a name or a "
    "number from 1; also of several, without their captions (weigh:squash, or : for all).",
)

_UNITS = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "K": 10**3,
    "M": 10**6,
}


_WITH_UNIT = 1000  # fewer bytes are a number whose unit was left out
SMALLEST = 10_000  # bytes of a film


def as_bytes(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """Read a size as people write it: `5MB`, `800 kB`, `500000`."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", value, re.ASCII)
    unit = _UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None or float(found[1]) == 0:
        raise click.BadParameter(f"write a size as 5MB or 800kB, not {value!r}.")
    if not found[2] and float(found[1]) < _WITH_UNIT:
        raise click.BadParameter(f"{value} bytes are none; write a unit, as in {value}MB.")
    return int(float(found[1]) * unit)


def _most(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """Read the most that a file may have; what no film fits into is refused before it is drawn."""
    most = as_bytes(context, option, value)
    if most is not None and most < SMALLEST:
        raise click.BadParameter(
            f"no film fits into {value}; give {SMALLEST // 1000}kB or more, as in 5MB."
        )
    return most


def _with_alpha(without: bool) -> str:
    """Name the formats that leave the background out by default, or those that keep it."""
    return listed(tuple(f.ending for f in formats().values() if f.alpha is without), "and")


kinds = together(
    click.option(
        "--transparent/--opaque",
        default=None,
        help=f"Leave the background out, or keep it (default: {_with_alpha(True)} have none; "
        f"{_with_alpha(False)} have it).",
    ),
    click.option(
        "--max-size",
        callback=_most,
        metavar="SIZE",
        help="Make a GIF or an MP4 as good as it can be in, say, 5MB.",
    ),
)

pace = click.option(
    "--pace",
    type=click.FloatRange(SLOWEST, FASTEST),
    default=1.0,
    show_default=True,
    metavar="X",
    help="How fast it is told: 0.5 is half as fast, 2 twice.",
)


def quality(default: str) -> Callable[[Command], Command]:
    """Give the option for the size of the picture."""
    choices = Choice(list(QUALITIES))
    return click.option(
        "--quality",
        type=choices,
        default=default,
        show_default=True,
        help="The size of the picture, and the frames a second.",
    )


aspect = click.option(
    "--aspect",
    type=Choice(list(ASPECTS)),
    default=WIDE_ASPECT,
    show_default=True,
    help="The shape of the picture, laid out for it: wide or 4:3 for talks, "
    "square or tall for phones.",
)
fps = click.option(
    "--fps",
    type=click.IntRange(1, MOST_FRAMES),
    metavar="N",
    help="Frames a second, instead of those of the quality.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="The processes that share the work (default: one a processor). The film "
    "is the same for every number.",
)


def _cache(context: click.Context, option: click.Parameter, value: bool) -> Cache | None:
    """Open the cache of films, unless it is not wanted."""
    from lstmviz.system.disk_cache import Cache

    context.meta[CACHED] = value
    return Cache.usual() if value else None


cache = click.option(
    "--cache/--no-cache",
    default=True,
    callback=_cache,
    help="Whether to take what was drawn before and has not changed (default), "
    "or to draw anew; see `lstmviz cache`.",
)
work = together(jobs, cache)


def outputs(purpose: str) -> Callable[[Command], Command]:
    """Give the option for the files to write, of which there may be several."""
    return click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help=purpose)


force = click.option(
    "--force",
    is_flag=True,
    help="Replace even files that lstmviz did not write, or that were changed "
    "since (read-only ones stay).",
)
quiet = click.option(  # eager: other options may have something to say
    "--quiet", is_flag=True, is_eager=True, help="Say nothing unless something fails."
)


def given_input(text: str, wanted: Wanted) -> str | ArrayLike:
    """Read what stands after --input, of a table what is wanted."""
    from lstmviz.engine.inputs.read import read_input, sentence_or_numbers

    if text == "-":
        given = dataclasses.replace(wanted, encoding=None)
        return sentence_or_numbers(_standard_input(wanted.encoding), "Standard input", given)
    return read_input(text, **dataclasses.asdict(wanted))


def _standard_input(encoding: str | None) -> str:
    from lstmviz.engine.inputs.text_encoding import decoded

    if encoding is None:
        return sys.stdin.read()
    return decoded(sys.stdin.buffer.read(), "Standard input", encoding)


def reads() -> list[object]:
    """Give whatever may name a file that this command reads: all that was given but outputs."""
    given = click.get_current_context().params
    found = [value for name, value in given.items() if name not in ("output", "outputs")]
    found += given.get("stories", ())
    theme = given.get("theme")
    if theme is not None and os.path.isfile(theme):
        from lstmviz.style.themes import theme_named

        found += theme_named(theme).files
    return found


def as_paths(outputs: tuple[str, ...]) -> list[Path]:
    """Give the paths named with -o."""
    return [Path(output) for output in outputs]


def is_folder(output: str) -> bool:
    """Tell whether -o names a folder to write into: one that is there, or ends in a slash."""
    if output.endswith(("/", os.sep)):
        return True
    return os.path.isdir(output) and Path(output).suffix.lower() not in endings()


def placed(outputs: tuple[str, ...], name: str) -> list[Path]:
    """Give the paths named with -o; in a folder the file has the name of what it shows."""
    return [Path(each, name) if is_folder(each) else Path(each) for each in outputs]
