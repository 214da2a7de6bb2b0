"""Where the rows of a cell's layers stand: what a layer is called, what it is for, its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.stage.mobjects.value_row import WIDEST
from lstmviz.style.layout import Box

Point = tuple[float, float]
ROWS = 4  # the most that a cell has
PITCH, EM = 0.34, 0.2  # of rows of one line
WIDTH = 6.9  # that they have room in
NAME = 1.42  # the width of a name
VALUES = 2.6  # of the numbers
GAP = 0.03  # between a name and what follows it, at least
PAIR, TALL = 0.45, 0.9  # rows of such a height have two lines, or the numbers below the words


@dataclass(frozen=True)
class GateRow:
    """The places in a row: where its name and its job begin, and the box of its numbers."""

    name: Point
    name_room: float
    job: Point
    job_room: float
    values: Box
    em: float
    widest: float  # of a number's box


@dataclass(frozen=True)
class GateRows:
    """The rows below a circuit, in a box.

    Where there is little room, they have one line each and stand at the bottom of the box.
    With more, the job stands below the name, and the numbers at their right or, where there
    is the height, below them.
    """

    box: Box
    pitch: float

    def row(self, number: int) -> GateRow:
        """Give the places of the row with this number, the top one first."""
        box, pitch = self.box, self.pitch
        y = box.bottom + 0.03 + pitch * (ROWS - number - 0.5)
        left, right = box.left + 0.1, box.right - 0.05
        if pitch < PAIR:
            large = pitch / PITCH
            begin, edge = left + NAME * large, right - VALUES * large
            values = Box(edge, right, y - 0.41 * pitch, y + 0.41 * pitch)
            room = edge - 0.12 - begin
            return GateRow(
                (left, y), begin - left - GAP, (begin, y), room, values, EM * large, WIDEST * large
            )
        if pitch < TALL:
            room = right - VALUES - 0.12 - left
            values = Box(right - VALUES, right, y - 0.36 * pitch, y + 0.36 * pitch)
            up, down = (left, y + 0.2 * pitch), (left, y - 0.2 * pitch)
            return GateRow(up, room, down, room, values, min(0.38 * pitch, 1.25 * EM), WIDEST)
        em = 1.2 * EM
        high, begin = y + 0.26 * pitch, left + 1.2 * NAME
        values = Box(left, right, y - 0.36 * pitch, y + 0.06 * pitch)
        return GateRow(
            (left, high), begin - left - GAP, (begin, high), right - begin, values, em, right - left
        )


def line_pitch(width: float) -> float:
    """Give the height of rows of one line that fill a width."""
    return PITCH * max(width / WIDTH, 1.0)


def rows_in(box: Box) -> GateRows:
    """Divide a box into rows."""
    pitch = (box.height - 0.03) / ROWS
    return GateRows(box, min(pitch, line_pitch(box.width)) if pitch < PAIR else pitch)
