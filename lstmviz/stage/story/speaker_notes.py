"""What a speaker can say of the numbers in the picture at a step's end, beyond its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.story.alt_text import answer_in_words, in_words, visible, where
from lstmviz.stage.story.protocol import Shown
from lstmviz.stage.text.fonts import undrawn
from lstmviz.stage.text.text import TextLine
from lstmviz.style.notation import quantity, written

Line = list[TextLine]  # numbers with a sign between each two

_RESULTS = frozenset("=≈→")
_SIGNS = _RESULTS | frozenset("×+")
_LEVEL = 0.12  # what differs less in height stands on one line
_REACH = 6.0  # ems from a number to the sign beside it, at most
_MOST = 3  # readings of which it is said between what they lie


def notes_text(story: Shown, unit: int | None = None) -> str:
    """Say where in the input the step is told, a row of its arithmetic, and how large results are.

    Of each sum, product or function that stands unit by unit on screen, one row is told: that of
    `unit`, or of the unit that changes most; then the least and the largest value of what comes
    out, and of what else is seen. With a needle it says the answer. It is empty
    where no numbers are seen.
    """
    words = list(visible(story))
    numbers = [each for each in words if isinstance(each, Number)]
    said, within, results = list(_over_time(story)), set(), set()
    for rows in _tables(words):
        row = max(rows, key=lambda row: (_numbers_of(row)[0].unit == unit, _change(row)))
        keys = [_key(number) for number in _numbers_of(row)]
        within |= {*keys}
        results.add(keys[-1])
        said.append(_row_in_words(row, story))
    shown: dict[str, tuple[str, int]] = {}
    for number in numbers:
        name, tick = _key(number)
        if name not in shown or tick == story.now.tick:
            shown[name] = (name, tick)
    single = []
    for key in [key for key in shown.values() if key not in within or key in results][-_MOST:]:
        column = [number for number in numbers if _key(number) == key]
        if len(column) == 1:
            single.append(f"{in_words(key[0], story)} = {column[0].text}")
        else:
            said += _range(column, story)
    if single:
        said.append(story.lang.say("On screen: {values}.", values="; ".join(single)))
    answer = answer_in_words(story)
    return " ".join(filter(None, [where(story), answer, *said])) if said or answer else ""


def undrawn_in(story: Shown) -> list[str]:
    """Give the characters that are written in the picture and that no font has."""
    written = (
        part.text
        for mobject in story.mobjects
        for part in mobject.get_family()
        if isinstance(part, TextLine)
    )
    return undrawn(written)


def _row_in_words(row: Line, story: Shown) -> str:
    return story.lang.say(
        "Take unit {unit}: {row}. That is {names}.",
        unit=_numbers_of(row)[0].unit + 1,
        row=" ".join(each.text.lstrip("+") or each.text for each in row),
        names=" ".join(
            in_words(each.reading.name, story) if isinstance(each, Number) else each.text
            for each in row
        ),
    )


def _over_time(story: Shown) -> Iterator[str]:
    """Say where a gate that is shown over all steps is least and most open."""
    for name in story.bands:
        if quantity(name, cell=story.notation).is_gate and len(story.trace) > 1:
            open_ = story.trace[name].mean(axis=1)
            low, high = int(open_.argmin()), int(open_.argmax())
            tokens = [written(token.text, story.trace.kind) for token in story.trace.tokens]
            yield story.lang.say(
                "{name} is least at “{low}” ({lowest}) and greatest at “{high}” ({highest}), "
                "taken over all units.",
                name=in_words(name, story),
                low=tokens[low],
                lowest=low + 1,
                high=tokens[high],
                highest=high + 1,
            )


def _range(numbers: Sequence[Number], story: Shown) -> Iterator[str]:
    """Say between what the values of a reading lie."""
    low, high = (
        choose(numbers, key=lambda number: float(number.reading[number.unit]))
        for choose in (min, max)
    )
    if low.text != high.text:
        name = in_words(low.reading.name, story)
        yield story.lang.say(
            "{name} lies between {low} (unit {lowest}) and {high} (unit {highest}).",
            name=name,
            low=low.text,
            lowest=low.unit + 1,
            high=high.text,
            highest=high.unit + 1,
        )


def _tables(words: Sequence[TextLine]) -> list[list[Line]]:
    """Find the rows of arithmetic, those of the same readings together, from left to right."""
    found: dict[tuple[str, ...], list[Line]] = {}
    wanted = [each for each in words if isinstance(each, Number) or each.text in _SIGNS]
    for line in _lines(wanted):
        for row in _rows(line):
            names = tuple(str(_key(n)) if isinstance(n, Number) else "" for n in row)
            found.setdefault(names, []).append(row)
    return sorted(found.values(), key=lambda rows: float(rows[0][0].get_x()))


def _lines(words: Sequence[TextLine]) -> Iterator[Line]:
    """Give what stands at one height, from left to right."""
    level = 0.0
    marked: list[tuple[float, TextLine]] = []
    for each in sorted(words, key=lambda each: -float(each.get_y())):
        if not marked or level - float(each.get_y()) > _LEVEL:
            level = float(each.get_y())
        marked.append((level, each))
    for _, group in groupby(marked, key=lambda pair: pair[0]):
        yield sorted((each for _, each in group), key=lambda each: float(each.get_x()))


def _rows(line: Line) -> Iterator[Line]:
    """Cut a line into rows in which numbers and signs take turns."""
    row: Line = []
    for each in [*line, None]:
        follows = (
            each is not None
            and bool(row)
            and isinstance(row[-1], Number) != isinstance(each, Number)
            and float(each.get_left()[0] - row[-1].get_right()[0]) < _REACH * each.em
        )
        if not follows or each is None:
            if row and not isinstance(row[-1], Number):
                row.pop()
            if _RESULTS & {part.text for part in row}:
                yield row
            row = []
        if each is not None and (follows or isinstance(each, Number)):
            row.append(each)


def _change(row: Line) -> float:
    """How far the result of a row is from what it begins with."""
    numbers = _numbers_of(row)
    first, last = (float(each.reading[each.unit]) for each in (numbers[0], numbers[-1]))
    return abs(last - first)


def _numbers_of(row: Line) -> list[Number]:
    return [each for each in row if isinstance(each, Number)]


def _key(number: Number) -> tuple[str, int]:
    return number.reading.name, number.reading.tick
