"""The cells of tables: numbers, gaps and times, as people and programs write them."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from lstmviz.engine.inputs.numbers import is_number
from lstmviz.trace.times import is_time

Kind = Literal["number", "gap", "time", "text"]

_GAPS = frozenset(
    "- -- – — . ? nan +nan -nan na n/a #n/a #na <na> nat null none nil missing "
    "#value! #div/0!".split()
) | {""}
_FLAGS = {"true": 1.0, "false": 0.0}
_PLAIN = str.maketrans(
    {
        "−": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "’": "'",
        "％": "%",
        "–": "-",
        "－": "-",
        "．": ".",
        "，": ",",
    }
)
_AMERICAN = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})")  # 1,234.5
_EUROPEAN = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})")  # 1.234,5
_SPACED = re.compile(r"[+-]?\d{1,3}(?P<mark>[ '])\d{3}(?:(?P=mark)\d{3})*(?P<rest>[.,]\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")  # 0,5
_UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234: a decimal, or more than a thousand
_UNCLEAR_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # 1.234
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_LONGEST = 400  # letters of a number; float() takes its time over more


@dataclass(frozen=True)
class Marks:
    """How the numbers of a table are written: 1,234.5 has the marks "." and ","."""

    decimal: str = "."
    thousands: str = ""
    sure: bool = False  # whether a number had one of them
    unclear: str = ""  # how 1,234 is read, where it may be meant otherwise


def marks_of(cells: Iterable[Any], delimiter: str) -> Marks:
    """How numbers are written in a table, of some of its cells and of what parts them.

    Commas alone, as in 1,234, are taken for decimal ones, unless they part cells, too, or other
    numbers have points.
    """
    comma = point = american = european = unclear = pointed = False
    spaced = ""
    for cell in cells:
        text = _plain(cell).removesuffix("%").rstrip() if isinstance(cell, str) else ""
        if text[:1] + text[-1:] == "()":
            text = text[1:-1]
        if _AMERICAN.fullmatch(text):
            american = True
        elif _EUROPEAN.fullmatch(text):
            european = True
        elif parted := _SPACED.fullmatch(text):
            spaced = parted["mark"]
            comma |= (parted["rest"] or "").startswith(",")
            point |= (parted["rest"] or "").startswith(".")
        elif _UNCLEAR.fullmatch(text):
            unclear = True
        elif _COMMA.fullmatch(text):
            comma = True
        elif _UNCLEAR_POINT.fullmatch(text):
            pointed = True
        elif _POINT.fullmatch(text):
            point = True
    if comma or european:
        return Marks(",", "." if european else spaced, sure=True)
    if american or (unclear and (point or pointed)):
        return Marks(".", ",", sure=True)
    if unclear:
        decimal, thousands = (".", ",") if delimiter == "," else (",", spaced)
        meant = "1,234 as 1.234" if decimal == "," else "1,234 as 1234"
        told = f"the commas are read as in {meant}; write numbers with points"
        return Marks(decimal, thousands, sure=True, unclear=told)
    # Where commas part the cells, nobody writes decimals with them.
    doubt = pointed and not point and delimiter not in ("", ",")
    told = "the points are read as in 1.234 as 1.234, not as 1234; write thousands without a mark"
    sure = point or pointed or bool(spaced)
    return Marks(".", spaced, sure=sure, unclear=told if doubt else "")


def kind_of(cell: Any, marks: Marks) -> Kind:
    """What a cell of text, or an object of Python, is."""
    if isinstance(cell, str):
        if is_gap(cell):
            return "gap"
        if number_of(cell, marks) is not None:
            return "number"
        return "time" if is_time(cell.strip()) else "text"
    if is_gap(cell):
        return "gap"
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return "time"
    return "text" if number_of(cell, marks) is None else "number"


def is_gap(cell: Any) -> bool:
    """Whether nothing stands in a cell: it is empty, NaN, `n/a` or the like."""
    if isinstance(cell, str):
        return len(cell) < 100 and cell.strip().lower() in _GAPS
    if cell is None or type(cell).__name__ in ("NaTType", "NAType"):  # those of pandas
        return True
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):
        return False


def number_of(cell: Any, marks: Marks) -> float | None:
    """The number of a cell, 10% as 0.1, or None."""
    if not isinstance(cell, str):
        try:
            return None if isinstance(cell, bytes | list | dict) else float(cell)
        except OverflowError:  # a whole number of many digits
            return math.inf
        except (TypeError, ValueError):
            return None
    if len(cell) > _LONGEST:
        return None
    text = _plain(cell)
    if text.endswith("%"):
        found = _parsed(text[:-1].rstrip(), marks)
        return None if found is None else found / 100
    return _parsed(text, marks)


def is_percent(cell: Any) -> bool:
    """Whether a cell has a percent sign behind it."""
    return isinstance(cell, str) and cell.rstrip().endswith(("%", "％"))


def label_of(cell: Any) -> str:
    """A cell as the label of a tick: a time as it is written, a whole number without a point."""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _plain(text: str) -> str:
    text = text.strip()
    return text if text.isascii() else text.translate(_PLAIN)


def _parsed(text: str, marks: Marks) -> float | None:
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    if text[:1] + text[-1:] == "()" and text[1:2].isdigit():  # as accountants write it
        inside = _parsed(text[1:-1], marks)
        return None if inside is None else -inside
    mark = marks.thousands
    if mark and mark in text:
        grouped = rf"[+-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:{re.escape(marks.decimal)}\d+)?"
        if not re.fullmatch(grouped, text):
            return None
        text = text.replace(mark, "")
    if marks.decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    if not is_number(text):
        return None
    number = float(text)
    return None if math.isnan(number) else number
