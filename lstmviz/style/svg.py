"""SVG logos, checked before they are drawn, as a small file may hold endless work.

`defusedxml` was weighed: it refuses entities, which is one line here, and bounds nothing else.

An element can `use` others, which use others in turn; svgelements draws each as often as it is
used, and reads some attributes in a time that grows with the square of their length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import svgelements

from lstmviz.errors import UsageError
from lstmviz.system.texts import read_text

_LARGEST = 1 << 20  # bytes; programs store much beside the shapes
_SHAPES = 1_000  # with those that are used again
_OUTLINES = 100_000  # letters of paths and polygons, which take a second
_ARC = 10  # times as long takes an arc as a line of as many letters
_LONGEST = 256  # letters of what is no outline: a colour, a number, a transformation
_DEEPEST = 40  # groups within groups
_WIDEST = 1e6  # units; what is within a millionth to a million can be scaled
# What svgelements raises over values that it does not expect.
_UNREAD = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
    ElementTree.ParseError,
)


def read_svg(path: Path) -> str:
    """Give a drawing as text that can be drawn in a second.

    Raises:
        UsageError: it cannot be read, is no SVG, or takes longer.
    """
    what = f"The logo {path}"
    text = read_text(path, what, _LARGEST)
    if "<!ENTITY" in text:
        raise UsageError(f"{what} declares entities of its own; save it as plain SVG.")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise UsageError(f"{what} is not valid SVG: {error}.") from None
    if _name(root.tag) != "svg":
        raise UsageError(f"{what} is not an SVG: its outermost element is no <svg>.")
    try:
        _Weights(root).refuse_heavy()
    except UsageError as error:
        raise UsageError(f"{what} {error}; save a simpler one.") from None
    _refuse_empty(text, what)
    return text


class _Weights:
    """Adds up what there is to draw, with all that is used again."""

    def __init__(self, root: ElementTree.Element) -> None:
        self._root = root
        self._by_id: Mapping[str, ElementTree.Element] = {
            name: element for element in root.iter() if (name := element.get("id"))
        }
        self._known: dict[ElementTree.Element, tuple[int, int]] = {}
        self._open: list[ElementTree.Element] = []

    def refuse_heavy(self) -> None:
        """Refuse what cannot be drawn in a second; the sentence goes on behind the file's name."""
        shapes, letters = self._of(self._root)
        if shapes > _SHAPES:
            raise UsageError(f"draws {shapes:,} shapes, more than {_SHAPES:,}")
        if letters > _OUTLINES:
            raise UsageError(f"has outlines of {letters:,} letters, more than {_OUTLINES:,}")

    def _of(self, element: ElementTree.Element) -> tuple[int, int]:
        """Count the elements, and the letters of outlines, that an element stands for."""
        if element in self._known:
            return self._known[element]
        if element in self._open:
            raise UsageError("has an element that is used within itself")
        if len(self._open) > _DEEPEST:
            raise UsageError(f"has more than {_DEEPEST} elements within each other")
        self._open.append(element)
        parts = [self._of(part) for part in element]
        if _name(element.tag) == "use":
            used = self._by_id.get(_link(element).removeprefix("#"))
            parts += [] if used is None else [self._of(used)]
        self._open.pop()
        shapes = 1 + sum(number for number, _ in parts)
        letters = self._letters(element) + sum(number for _, number in parts)
        self._known[element] = shapes, letters
        return shapes, letters

    def _letters(self, element: ElementTree.Element) -> int:
        outlines = 0
        for name, value in element.items():
            if name in ("d", "points"):
                arcs = sum(map(len, re.findall(r"[aA][^a-zA-Z]*", value)))
                outlines += len(value) + (_ARC - 1) * arcs
            elif _name(name) not in ("href", "id") and _longest(value) > _LONGEST:
                raise UsageError(f"has an attribute {_name(name)} of {len(value):,} letters")
        if _name(element.tag) == "style" and _longest(element.text or "") > _LONGEST:
            raise UsageError("has a style sheet with an endless rule")
        return outlines


def _longest(value: str) -> int:
    return max(map(len, re.split(r"[;{}]", value)))


def _name(tag: object) -> str:
    """The name of an element or an attribute, without its namespace; of a comment none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _link(element: ElementTree.Element) -> str:
    return next((value for name, value in element.items() if _name(name) == "href"), "")


def _refuse_empty(text: str, what: str) -> None:
    try:
        with np.errstate(all="ignore"):
            box = svgelements.SVG.parse(StringIO(text)).bbox()
            sides = () if box is None else (box[2] - box[0], box[3] - box[1])
        drawn = [1 / _WIDEST < float(side) < _WIDEST for side in sides]
    except _UNREAD as error:
        raise UsageError(f"{what} has values that mean nothing; save it as plain SVG.") from error
    if not drawn or not all(drawn):
        raise UsageError(
            f"{what} has no shapes that can be drawn; turn its text and pictures into paths."
        )
