"""Placeholders: the outlines of a cell's parts until these come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import DashedVMobject, VMobject

from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.mobjects.lightable import Lightable
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.theme import Theme

DASH = 0.15  # from dash to dash, in scene units
DRAWN = 0.55  # how much of that is drawn
SHADE = 0.5  # of the faint colour: what is to come is seen, but calls for no attention


class Reserved(VMobject):
    """The outlines of parts that are still to come, dashed and without words, as one shape.

    Where a part comes it covers its outline. Wires have none.
    """

    def __init__(self, parts: Iterable[Lightable], theme: Theme) -> None:
        color = mix(theme.panel, theme.faint, SHADE)
        super().__init__(stroke_color=color, stroke_width=2.5, fill_opacity=0)
        outlines = (
            shape for part in parts if not isinstance(part, Wire) for shape in part.outlines
        )
        self.points = np.concatenate([_dashed(outline) for outline in outlines])


def _dashed(outline: VMobject) -> Any:
    count = max(round(outline.get_arc_length() / DASH), 4)
    dashes = DashedVMobject(outline, num_dashes=count, dashed_ratio=DRAWN)
    return np.concatenate([dash.points for dash in dashes])
