"""Where stories put things in a frame of each shape: side by side, or one under the other."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lstmviz.stage.circuits.miniature import SIZE
from lstmviz.stage.stories.cell.comparison_layout import HEIGHT, WIDTH, comparison_places
from lstmviz.stage.stories.cell.gates_layout import ROWS, rows_in
from lstmviz.stage.stories.function.curve_layout import places
from lstmviz.stage.stories.function.repeat_layout import loop_places
from lstmviz.stage.stories.title.title_layout import title_places
from lstmviz.style.layout import CLASSIC, LAYOUTS, SQUARE, TALL, WIDE, Box, Layout

SLACK = 1e-9
every_shape = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
every_count = pytest.mark.parametrize("count", [1, 2, 4, 8])


def around(at: tuple[float, float], width: float, height: float) -> Box:
    (x, y) = at
    return Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def within(inner: Box, outer: Box) -> bool:
    return (
        inner.left >= outer.left - SLACK
        and inner.right <= outer.right + SLACK
        and inner.bottom >= outer.bottom - SLACK
        and inner.top <= outer.top + SLACK
    )


def apart(one: Box, other: Box) -> bool:
    return (
        one.right <= other.left + SLACK
        or other.right <= one.left + SLACK
        or one.top <= other.bottom + SLACK
        or other.top <= one.bottom + SLACK
    )


def rows_that_fit(layout: Layout, count: int) -> int:
    return min(count, layout.most_units)


@every_shape
@every_count
def test_a_curve_and_its_columns_stand_apart(layout: Layout, count: int) -> None:
    count = rows_that_fit(layout, count)
    found = places(layout, count, note=True)
    width, row = found.box
    columns = [around(at, width, row * count) for at in (found.before, found.after)]
    assert apart(*columns)
    for box in (found.curve, *columns):
        assert within(box, layout.whole)
    for column in columns:
        assert apart(found.curve, column)
    assert len(found.rows) == count
    assert all(found.bars.bottom < y < found.bars.top for y in found.rows)


def test_a_curve_is_wider_where_its_columns_stand_under_it() -> None:
    for upright in (SQUARE, TALL):
        found = places(upright, 4, note=False)
        assert found.under
        assert found.curve.width > 0.9 * upright.whole.width
        assert found.before[1] < found.curve.bottom
    for wide in (WIDE, CLASSIC):
        found = places(wide, 4, note=False)
        assert not found.under
        assert found.curve.bottom < found.before[1] < found.curve.top


@every_shape
@every_count
def test_a_loop_and_its_chart_stand_apart(layout: Layout, count: int) -> None:
    count = rows_that_fit(layout, count)
    found = loop_places(layout, count)
    loop = Box(found.left, found.right, found.low, found.high)
    assert apart(loop, found.chart)
    assert within(found.chart, layout.whole)
    width, row = found.box
    column = around((found.left, found.middle), width, row * count)
    assert within(column, layout.whole)
    assert apart(column, found.chart)
    assert found.low < column.bottom < column.top < found.high


@every_shape
def test_the_cells_of_the_title_stand_apart(layout: Layout) -> None:
    head = layout.frame.top - 0.15 * layout.frame.height
    found = title_places(layout, head)
    cells = [around(place.cell, place.size * SIZE[0], place.size * SIZE[1]) for place in found]
    for k, cell in enumerate(cells):
        assert within(cell, layout.frame)
        assert cell.bottom > layout.caption.top
        assert all(apart(cell, other) for other in cells[k + 1 :])
    assert len({place.size for place in found}) == 1
    tops = [place.cell[1] for place in found]
    assert tops == sorted(tops, reverse=True)
    assert len(set(tops)) == {"16:9": 1, "4:3": 1, "1:1": 2, "9:16": 3}[layout.name]


@every_shape
def test_the_compared_cells_and_the_ledger_stand_apart(layout: Layout) -> None:
    found = comparison_places(layout)
    boxes = []
    for stand in (found.lstm, found.gru):
        middle = (stand.x, stand.top - stand.size * HEIGHT / 2)
        # What stands below a body, the wire of x and the signature, is no part of it.
        boxes.append(around(middle, stand.size * WIDTH, stand.size * HEIGHT))
        assert within(boxes[-1], layout.frame)
    lstm, gru = boxes
    assert apart(Box(lstm.left, lstm.right, lstm.bottom + 0.45 * found.lstm.size, lstm.top), gru)
    ledger = Box(found.left, found.left + found.room, found.top - 4 * found.line, found.top)
    assert apart(ledger, gru)
    assert within(ledger, layout.frame)


@pytest.mark.parametrize("shown", [1, 4])
@every_shape
def test_rows_of_gates_stand_in_the_lens_and_can_be_read(layout: Layout, shown: int) -> None:
    box = layout.lens.inset(0.08)
    rows = rows_in(box, shown, zoom=layout.zoom, least=layout.least)
    assert len(rows) == ROWS
    for upper, lower in pairwise(rows):
        assert apart(upper.outline, lower.outline)
        assert lower.outline.left > upper.outline.left or lower.name[1] < upper.name[1]
    for row in rows:
        assert within(row.outline, box)
        assert within(row.values, row.outline)
        assert min(row.name_em, row.job_em) >= layout.least
        assert row.name_room > 4 * row.name_em
        assert row.job_room > 12 * row.job_em
        high = row.job_em / 2
        assert row.outline.bottom < row.job[1] - high < row.job[1] + high < row.name[1]
        assert row.values.top < row.job[1] - high or row.values.bottom > row.job[1] + high
