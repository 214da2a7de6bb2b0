"""Formats: what a writer says of the files that it makes, and the registry of all of them.

A writer is a module of this room that declares `NAME = Format(…)` at its top, in constants, beside
a function `export(reel, path, *, …)`, and for a deck `deck(reels, path, *, …)`. The registry reads
these declarations without running the modules, so that help lists them without waiting for their
libraries. Adding a format is adding such a module.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal, get_args

from lstmviz.errors import LstmvizError
from lstmviz.system.package import install_extra
from lstmviz.system.suggest import nearest

Kind = Literal["film", "loop", "still", "deck", "text", "master"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # in the order in which they are listed

_ROOM = "lstmviz.export"
_DECLARED = re.compile(r"^\w+ = Format\(.*?\)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Format:
    """A kind of output: its ending, what it is, what it is for, and what it needs.

    `alpha` says whether the background is left out unless the user says otherwise; None: it cannot
    be. `encoders` are those of FFmpeg and `pillow` the features of Pillow that write it. What comes
    with an extra of the package names it, with the module and the library that it brings. `order`
    sorts the formats of a kind; `module` is filled in by the registry.
    """

    ending: str
    kind: Kind
    description: str
    purpose: str
    alpha: bool | None = None
    encoders: tuple[str, ...] = ()
    pillow: tuple[str, ...] = ()
    extra: str = ""
    needs: tuple[str, str] | None = None
    order: int = 0
    module: str = ""

    @property
    def maker(self) -> str:
        """Where the function is that writes it: `module:function`."""
        return f"{self.module}:export"

    def function(self, name: str = "export") -> Callable[..., None]:
        """Import the function that writes this kind of file, or `deck`, for several reels."""
        function: Callable[..., None] = getattr(importlib.import_module(self.module), name)
        return function

    def options(self, name: str = "export") -> tuple[str, ...]:
        """Name the options that this function may be given."""
        parameters = inspect.signature(self.function(name)).parameters.values()
        return tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)

    def require(self) -> None:
        """Say what to install where the library of an extra is missing.

        Raises:
            LstmvizError: it is missing.
        """
        if self.needs is not None and not _is_there(self.needs[0]):
            raise LstmvizError(
                f"{self.ending} files need {self.needs[1]}; install it: "
                f"{install_extra(self.extra)}."
            )


@cache
def formats() -> Mapping[str, Format]:
    """Give all formats by their endings, kind by kind."""
    found = sorted(_declared(files(_ROOM), _ROOM), key=lambda f: (KINDS.index(f.kind), f.order))
    return MappingProxyType({each.ending: each for each in found})


_SUCCESSORS = {  # of what people ask for, which lstmviz does not write
    ".mp4": ".avi .wmv .mpeg .mpg .mkv .flv .m4v .3gp .ogv",
    ".pptx": ".ppt .pps .ppsx .odp .key .potx",
    ".png": ".jpg .jpeg .bmp .tif .tiff .heic .avif",
    ".html": ".htm",
    ".srt": ".sub .ass",
    ".pdf": ".doc .docx .odt .ps .eps .tex",
    ".gif": ".gifv",
}


def successors() -> Mapping[str, str]:
    """Give, of endings that are not written, the one that does what they did."""
    return {old: new for new, olds in _SUCCESSORS.items() for old in olds.split()}


def meant_by(ending: str, known: Iterable[str]) -> str:
    """Ask for the ending that does what another one did, or one that is written alike."""
    known = tuple(known)
    successor = successors().get(ending.lower())
    if successor in known:
        return f" (write {successor} in its place)"
    return nearest(ending, known)


def endings(*kinds: Kind) -> tuple[str, ...]:
    """Name the endings of some kinds of formats, or of all."""
    return tuple(each.ending for each in formats().values() if not kinds or each.kind in kinds)


def listed(words: tuple[str, ...], last: str = "or") -> str:
    """Join words as a sentence does: `.mp4, .gif or .png`."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _declared(folder: Traversable, package: str) -> Iterator[Format]:
    """Read what the modules of a package and those within it declare."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = entry.name.removesuffix(".py")
        if entry.is_dir() and not entry.name.startswith("_"):
            yield from _declared(entry, f"{package}.{name}")
        elif entry.name.endswith(".py"):
            for block in _DECLARED.findall(entry.read_text(encoding="utf-8")):
                yield _as_format(block, f"{package}.{name}")


def _as_format(block: str, module: str) -> Format:
    (statement,) = ast.parse(block).body
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        raise TypeError(f"{module} declares no format in constants.")
    call = statement.value
    given = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
    return Format(*map(ast.literal_eval, call.args), **{**given, "module": module})


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # somebody has put None, or half a module, in its place
        return False
