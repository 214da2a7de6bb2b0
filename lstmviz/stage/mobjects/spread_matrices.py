"""The matrices of an opened layer, as large as its box, before one row after the other is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VGroup, VMobject

from lstmviz.engine.lessons.gate_sum import Product
from lstmviz.stage.mobjects.level import minus_in
from lstmviz.stage.mobjects.opened_layer import Addend, OpenedLayer, fewer
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity, shown

MARGIN, APART = 0.25, 0.45  # around all, and between two matrices
HEAD, NAME = 2.6, 1.9  # ems: the room for the name of a matrix, and its own em
WIDEST, TALLEST = 1.3, 0.95  # of the box of a weight
LARGEST, PAD = 0.34, 0.12  # the em of a number, and what is free beside it in its box
NUMBERS = 1.6  # ems left of the rows, for the numbers of units


def spread(layer: OpenedLayer, box: Box, least: float) -> VGroup:
    """Let the small matrices of a layer fill a box; give what is to be read there beside them.

    They go back to their own places by `restore`. Where there is room the weights are written in
    their boxes, and each matrix has above it what it is multiplied with.
    """
    room = box.inset(MARGIN)
    parts = [
        (grid, part)
        for grid, part in zip(layer.grids, layer.told.parts, strict=True)
        if isinstance(part, Product)
    ]
    width = (room.width - APART * (len(parts) - 1)) / len(parts)
    beside = VGroup()
    for k, (grid, part) in enumerate(parts):
        left = room.left + k * (width + APART)
        place = Box(left, left + width, room.bottom, room.top)
        beside.add(_one(layer, grid, part, place, least))
    return beside


def _one(layer: OpenedLayer, grid: VGroup, part: Product, box: Box, least: float) -> VGroup:
    """Let one matrix fill a box, and give its numbers and names."""
    grid.save_state()
    rows: Any = grid[0]
    name: Any = grid[1]
    count, columns = len(rows), len(rows[0])
    side, head = NUMBERS * least, HEAD * least
    wide = min((box.width - side) / columns, WIDEST)
    tall = min((box.height - head) / count, TALLEST)
    x, y = box.center[0] + side / 2, box.center[1] - head / 2
    rows.stretch_to_fit_width(wide * columns).stretch_to_fit_height(tall * count).move_to((x, y, 0))
    symbol = quantity(part.values.name, cell=layer.cell).symbol
    color, level = layer.color_of(part), y + tall * count / 2 + head / 2
    name.set_opacity(0)
    source = f"{part.matrix} {symbol}"
    beside = VGroup(Formula(source, size=NAME * least, color=color, at=(x, level)))
    for k, unit in enumerate(layer.units):
        at = (x - wide * columns / 2 - side / 2, float(rows[k].get_y()))
        beside.add(TextLine(str(unit + 1), size=least, color=layer.theme.faint, at=at))
    return beside.add(*_weights(layer, rows, part, (wide, tall), least))


def _weights(
    layer: OpenedLayer, rows: Any, part: Product, size: tuple[float, float], least: float
) -> list[VMobject]:
    """Write the weights in their boxes, or where there is no room for all of them, their signs."""
    columns = len(part.values)
    values = part.weights[list(layer.units)]
    widest = max(text_width(shown(float(value), "free"), 1.0) for value in np.ravel(values))
    em = min((size[0] - PAD) / widest, 0.6 * size[1], LARGEST)
    if len(rows[0]) < columns or em < least:
        return _signs(layer, rows, values)
    made: list[VMobject] = []
    for tiles, unit in zip(rows, layer.units, strict=True):
        weights = part.row(unit, range(columns)).weights
        layer.readings.append([weights])
        for k, tile in enumerate(tiles):
            color = layer.theme.on(layer.theme.value(float(weights[k]), "signed"))
            at = (float(tile.get_x()), float(tile.get_y()))
            made.append(Addend(weights, k, scale="free", size=em, color=color, at=at))
    return made


def _signs(layer: OpenedLayer, rows: Any, values: np.ndarray) -> list[VMobject]:
    """Put a minus into each box of a weight below 0."""
    made: list[VMobject] = []
    for tiles, row in zip(rows, fewer(values, len(rows[0])), strict=True):
        for tile, value in zip(tiles, row, strict=True):
            size, at = (float(tile.width), float(tile.height)), tile.get_center()
            made += minus_in(layer.theme, float(value), "signed", size, (at[0], at[1]))
    return made
