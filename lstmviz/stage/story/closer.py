"""Closer: how far a story has zoomed into its picture, level by level, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Mobject

from lstmviz.errors import UsageError
from lstmviz.stage.manim.zooming import Enlargement, Seen, Zoom, around, drawn, in_sight
from lstmviz.style.layout import Box


@dataclass(frozen=True, eq=False)
class _Level:
    """One zoom: the map, and how each member was seen before it and after; they are kept alive."""

    view: Enlargement
    members: tuple[Any, ...]
    before: dict[int, Seen]
    after: dict[int, Seen]


class Closer:
    """Makes the motions of zooms, each of which goes on from the one before it."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    @property
    def depth(self) -> int:
        """How many zooms have not been undone."""
        return len(self._levels)

    def zoom(
        self, world: Sequence[Mobject], parts: Sequence[Mobject], room: Box, **options: Any
    ) -> tuple[Enlargement, list[Zoom]]:
        """Let parts of the world fill a room; what does not come to lie in it is not seen then.

        Raises:
            UsageError: there is nothing to go into, or it is not in the world.
        """
        within = {id(member) for mobject in world for member in mobject.get_family()}
        for part in parts:
            if id(part) not in within:
                raise UsageError(
                    f"zoom cannot go into this {type(part).__name__}, as it does not stand on the "
                    "stage, or belongs to the frame; add it first, or name another part."
                )
        box = around(parts)
        if box is None or box.width + box.height <= 0:
            raise UsageError(
                "zoom needs something to go into: name a part on the stage that has a size."
            )
        view = Enlargement.of(box, room)
        members = tuple(member for mobject in world for member in drawn(mobject))
        before = {id(member): Seen.now(member) for member in members}
        after = {}
        for number, seen in before.items():
            points = view.points(seen.points)
            after[number] = seen.moved(points, hidden=not in_sight(points, room))
        self._levels.append(_Level(view, members, before, after))
        return view, [Zoom(mobject, view, after, **options) for mobject in world]

    def back(self, world: Sequence[Mobject], **options: Any) -> list[Zoom]:
        """Go back to how it was before the last zoom; what came since goes along.

        Raises:
            UsageError: there is no zoom to go back from.
        """
        if not self._levels:
            raise UsageError("zoom_back has no zoom to go back from; call zoom before it.")
        level = self._levels.pop()
        view = level.view.back
        ends = {}
        for member in (member for mobject in world for member in drawn(mobject)):
            now = Seen.now(member)
            ends[id(member)] = self._end(now, level, id(member), view)
        return [Zoom(mobject, view, ends, **options) for mobject in world]

    def _end(self, now: Seen, level: _Level, number: int, view: Enlargement) -> Seen:
        """What was not touched comes to be just as it was; its colours stay if they are others."""
        before, after = level.before.get(number), level.after.get(number)
        if before is None or after is None or not np.array_equal(now.points, after.points):
            return now.moved(view.points(now.points))
        same = _equal(now.fill, after.fill) and _equal(now.stroke, after.stroke)
        return before if same else now.moved(before.points)


def _equal(one: Any, other: Any) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))
