"""Where the rows of a cell's layers stand: what a layer is called, what it is for, its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.style.layout import Box

Point = tuple[float, float]
ROWS = 4  # the most that a cell has
NAME, JOB, NUMBER = 0.28, 0.25, 0.208  # ems where nothing is larger than in the wide frame
TILE = 2.92  # ems of a number's box: `−0.71` and a margin
THREE_LINES = 1.08  # a row so high has its numbers on a line of their own
FLAT = 2.5  # a box wider than so many times its height has two columns of rows


@dataclass(frozen=True)
class GateRow:
    """The places in a row: where its name and its job begin, and the box of its numbers."""

    name: Point
    name_room: float
    name_em: float
    job: Point
    job_room: float
    job_em: float
    values: Box
    tile: float  # the width of a number's box
    outline: Box


def rows_in(box: Box, shown: int, *, zoom: float = 1.0, least: float = 0.0) -> list[GateRow]:
    """Divide a box into rows with `shown` numbers each, and none of their ems below `least`.

    The numbers stand right of the name, or where there is the height, below the job. A flat box
    has two columns of rows, of which the first is filled first.
    """
    columns = 2 if box.width > FLAT * box.height else 1
    lines = ROWS // columns
    width, pitch = box.width / columns, box.height / lines
    return [
        _row(
            Box(
                box.left + width * (number // lines),
                box.left + width * (number // lines + 1),
                box.top - pitch * (number % lines + 1),
                box.top - pitch * (number % lines),
            ),
            shown,
            zoom,
            least,
        )
        for number in range(ROWS)
    ]


def _row(outline: Box, shown: int, zoom: float, least: float) -> GateRow:
    pitch, left, right = outline.height, outline.left + 0.12, outline.right - 0.12
    tile = TILE * max(NUMBER * zoom, least)
    high = 0.75 * tile
    if pitch >= THREE_LINES * zoom:
        tile = min(1.3 * tile, (right - left) / shown)
        at, low, high = (left, outline.top - 0.16 * pitch), 0.43, min(high, 0.32 * pitch)
        bottom = outline.bottom + 0.04 * pitch
        values = Box(left, left + tile * shown, bottom, bottom + high)
        room = right - left
    else:
        at, low = (left, outline.top - 0.3 * pitch), 0.74
        values = Box(right - tile * shown, right, at[1] - high / 2, at[1] + high / 2)
        room = values.left - 0.12 - left
    return GateRow(
        name=at,
        name_room=room,
        name_em=max(NAME * zoom, least),
        job=(left, outline.top - low * pitch),
        job_room=right - left,
        job_em=max(JOB * zoom, least),
        values=values,
        tile=tile,
        outline=outline,
    )
