"""Numbers as people write them: parted by commas, semicolons or blanks, or in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lstmviz.errors import UsageError
from lstmviz.system.texts import lines_of

# What typing aids and other keyboards write instead; the text itself is left as it is.
_PLAIN = str.maketrans("−–﹣－，、；［］（）．", "----,,;[]().")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")  # 0,5
_MAY_BE_ONE = re.compile(  # 0,5 and 1,000.5 and 1.000,5
    r"[+-]?(?:\d+,\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+)"
)
_GROUP = re.compile(r"0\d\d")  # as in 1 050: nobody begins a number with 0
_CALL = re.compile(r"(?:(?:np|numpy|torch)\.)?(?:array|tensor)\((\[.*\])[^\[\]]*\)", re.DOTALL)
_NESTED = re.compile(r"\[\s*(?:\[[^\[\]]*\][\s,;]*)+\]")
_PAIRS = ("[]", "()", "{}")
_ENDS = tuple(".!?。！？")
_LONGEST = 40  # letters of an input that are told in an error
_MOST = 4  # numbers that are told of what was read


@dataclass(frozen=True)
class NumberText:
    """The numbers of a text, or rows of them, and how they were read if it may be misread."""

    values: list[float] | list[list[float]]
    note: str = ""


def numbers_in(text: str) -> NumberText | None:
    """The numbers of a text that holds nothing else; None where it is no list of numbers.

    Commas, semicolons or blanks part them, one kind of these at a time. "0,5" in a list that
    blanks or semicolons part is 0.5; where commas alone part them, "0,5" is 0 and 5. Brackets
    around them do not matter, those around rows give rows.
    """
    body = text.translate(_PLAIN).strip()
    if called := _CALL.fullmatch(body):
        body = called[1]
    if _NESTED.fullmatch(body):
        rows = [_parted(row) for row in re.findall(r"\[([^\[\]]*)\]", body)]
        found = [row.values for row in rows if row is not None]
        if len(found) == len(rows):
            return NumberText(found)
    elif (flat := _parted(body)) is not None:
        return _with_note(text, flat)
    return None


def refuse_unclear(text: str) -> None:
    """Refuse a text of numbers alone of which it is not clear where one ends.

    Raises:
        UsageError: it says how numbers are written.
    """
    pieces = list(filter(None, re.split(r"[\s,;\[\](){}]+", text.translate(_PLAIN))))
    if pieces and all(is_number(piece) for piece in pieces):
        raise UsageError(
            f"In '{short(text)}' it is not clear where one number ends and the next begins; write "
            "0.1,0.5,-1, with a point in each and a comma between two, or put rows of several "
            "numbers into a .csv file."
        )


@dataclass(frozen=True)
class _Flat:
    values: list[float]
    decimal: bool = False  # commas were read as points
    one: bool = False  # all of it may have been meant as a single number


def _parted(body: str) -> _Flat | None:
    """The numbers of one list, if they are parted in one way alone."""
    inner = body.strip()
    bracketed = any(inner[:1] + inner[-1:] == pair for pair in _PAIRS)
    if bracketed:
        inner = inner[1:-1].strip()
    elif any(len(re.split(r"[\s,;]+", line.strip(" \t,;"))) > 1 for line in _lines(inner)):
        return None
    decimal = False
    if ";" in inner:
        cells = inner.split(";")
        decimal = "," in inner
    elif "," not in inner:
        cells = inner.split()
        if any(map(_GROUP.fullmatch, cells[1:])) and not _GROUP.fullmatch(cells[0]):
            return None  # 1 050
    else:
        loose = re.search(r"[^\s,]\s+[^\s,]", inner)
        chunks = inner.split() if loose else re.split(r"\s*,\s+|\s+,", inner)
        decimals = "." not in inner and any(map(DECIMAL_COMMA.fullmatch, chunks))
        if loose or (decimals and len(chunks) > 1):
            cells, decimal = chunks, True
            if not loose:
                return None  # 0,1, 0,5
        else:
            cells = inner.split(",")
    if decimal and "." in inner:
        return None
    values = []
    for cell in cells:
        plain = cell.strip()
        if decimal and DECIMAL_COMMA.fullmatch(plain):
            plain = plain.replace(",", ".")
        if not is_number(plain):
            return None
        values.append(float(plain))
    if not values:
        return None
    one = not bracketed and not decimal and _MAY_BE_ONE.fullmatch(inner) is not None
    return _Flat(values, decimal, one)


def _lines(text: str) -> list[str]:
    """The lines of a text of several."""
    lines = [line for line in lines_of(text) if line.strip()]
    return lines if len(lines) > 1 else []


def _with_note(text: str, read: _Flat) -> NumberText:
    count = len(read.values)
    some = [f"{value:g}" for value in read.values[:_MOST]]
    if count > _MOST:
        told = f"{', '.join(some)}, …"
    else:
        told = " and ".join(filter(None, [", ".join(some[:-1]), some[-1]]))
    numbers = f"'{short(text)}' is read as {count} number{'s' * (count > 1)}"
    if read.decimal:
        return NumberText(read.values, f"{numbers} with decimal commas: {told}.")
    if read.one:
        return NumberText(read.values, f"{numbers}: {told}; write a single one as 0.5 or 1000.")
    return NumberText(read.values)


def refuse_broken_list(text: str) -> None:
    """Refuse what is a list of numbers but for a slip; a sentence may have numbers and commas.

    It is a sentence where a piece between commas has several words, most have no number, one
    number is set off by a comma and a space, or it ends as sentences do; between blanks or
    semicolons, also where a piece has no figure in it.

    Raises:
        UsageError: it says which piece is no number.
    """
    body = text.translate(_PLAIN).strip()
    if any(body[:1] + body[-1:] == pair for pair in _PAIRS):
        body = body[1:-1]
    commas = "," in body and ";" not in body
    cells = body.split("," if commas else ";" if ";" in body else None)
    cells = [cell.strip() for cell in cells]
    odd = [(place, cell) for place, cell in enumerate(cells, start=1) if not is_number(cell)]
    count = len(cells) - len(odd)
    if not odd or count == 0 or 2 * count < len(cells):
        return
    if any(len(cell.split()) > 1 for _, cell in odd):
        return
    if not commas and (count == 1 or not all(_has_figure(cell) for _, cell in odd)):
        return
    if (count == 1 and ", " in text) or (odd[-1][0] == len(cells) and odd[-1][1][-1:] in _ENDS):
        return
    place, cell = odd[0]
    what = f"'{cell}', which is no number" if cell else "empty"
    raise UsageError(
        f"In the list of numbers '{short(text)}', number {place} is {what}; mend it, or put the "
        "text into a .txt file if it is a sentence."
    )


def _has_figure(cell: str) -> bool:
    return not cell or any(character.isdigit() for character in cell)


def short(text: str) -> str:
    """The beginning of a text, as much as an error tells of it, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_number(cell: str) -> bool:
    """Whether a text is a number; float() also takes "1_000", by which nobody means one."""
    if "_" in cell:
        return False
    try:
        float(cell)
    except ValueError:
        return False
    return True
