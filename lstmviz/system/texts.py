"""Texts of others: read within bounds, taken for TOML or JSON, and made fit to be written.

TOML and JSON are read by Python's own `tomllib` and `json`, which bound neither size nor depth:
that alone is done here.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError, brief

_LARGEST = 4 << 20  # bytes of a TOML file: some hundred times the largest that comes along
_DEEPEST = 16  # tables and lists within each other, and parts of a key; ours have 2
_SAID = 60  # letters of somebody's word within a sentence of ours

# What may stand in TOML beside tables and lists: strings, cut off or not, and comments.
_ASIDE = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*",
    re.DOTALL,
)
_LINE_END = re.compile(r"\r\n|\n|\r")
# What no kind of file can hold as text: controls but tabs and line ends, halves of characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def read_text(path: str | Path, what: str, most: int = _LARGEST) -> str:
    """Read a file of UTF-8 of at most so many bytes; `what` begins the sentences of errors.

    Raises:
        UsageError: it cannot be read, is larger, or is not text.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:  # a name with a zero in it is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{what} cannot be read: {reason.lower()}.") from None
    if len(content) > most:
        size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} kB"
        raise UsageError(f"{what} is larger than {size}; check that it is the right file.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is no text in UTF-8; save it as that.") from None


def lines_of(text: str) -> list[str]:
    r"""Part a text where files part lines: at \n, \r\n and \r.

    `splitlines` also parts it at what may stand in a line, such as a form feed or U+2028.
    """
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def unlike(names: Sequence[str]) -> list[str]:
    """Names of which each is there once: the second `a` is `a (2)`."""
    given, found = {*names}, dict[str, None]()
    counts: dict[str, int] = {}
    for name in names:
        own = name
        while own in found or (own != name and own in given):
            counts[name] = counts.get(name, 1) + 1
            own = f"{name} ({counts[name]})"
        found[own] = None
    return list(found)


def toml_of(text: str, what: str) -> dict[str, Any]:
    """Take a text for TOML.

    Raises:
        UsageError: it is not valid, or deeper than any file of ours needs.
    """
    if _depth(text) > _DEEPEST:
        raise UsageError(
            f"{what} has lists, tables or keys of more than {_DEEPEST} levels; a few are enough."
        )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of endless digits it is no TOMLDecodeError
        known = isinstance(error, tomllib.TOMLDecodeError)
        reason = str(error) if known else "it has a number of too many digits"
        raise UsageError(f"{what} is not valid TOML: {_end(reason)}") from None


def json_of(text: str | bytes, what: str = "") -> Any:
    """Take a text for JSON; of somebody's, which `what` names, no name may stand in it twice.

    Raises:
        ValueError: it is not valid, too deep, or has numbers of endless digits.
        UsageError: an object has a name twice, of which Python would forget the first.
    """
    try:
        return json.loads(text, object_pairs_hook=partial(_each_once, what) if what else None)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _each_once(what: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise UsageError(f"{what} has {said(twice)} twice in one object; leave one of them out.")
    return found


def writable(text: str) -> str:
    """Show by � what cannot stand in a file of text, such as a control character."""
    return _UNWRITABLE.sub("\ufffd", text)


def said(text: str) -> str:
    """Quote somebody's word within a sentence: on one line, and not endlessly long."""
    return f"'{short(text)}'"


def short(text: str) -> str:
    """Give somebody's name within a sentence, as `said` does without the quotes."""
    return brief(text, _SAID)


def _depth(text: str) -> int:
    """Count the levels of a TOML text, as a reader of it would have to go down or write out."""
    bare = _ASIDE.sub("s", text)
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    keys = max((line.count(".") for line in re.split(r"[\n=,{}\[\]]", bare)), default=0)
    return max(deepest, keys)


def _end(reason: str) -> str:
    return " ".join(reason.split()).rstrip(".") + "."
