"""Rectangles with round corners, of which pictures are full."""

from __future__ import annotations

from typing import Any, Self

import manim
import numpy as np

from lstmviz.stage.manim.reliance import Reliance, recognised

_KNOWN = "64dfb6c5"  # of the source of the method that is replaced
_BEND = 4 / 3 * (2**0.5 - 1)  # how far the handles of a quarter of a circle reach to its corner


def reliance() -> Reliance:
    """Look whether this Manim rounds corners in the way that is done here."""
    return Reliance(
        "rectangles with round corners",
        None if recognised(manim.Polygram.round_corners, _KNOWN) else "Polygram.round_corners",
        "Manim rounds them by itself, which takes longer for each",
        slower=True,
    )


class RoundedRectangle(manim.RoundedRectangle):
    """Manim's rectangle with round corners, point for point.

    To bend the corners Manim makes arcs and turns them into place in space, which takes as long
    as making twenty plain rectangles, and needs a library that takes long to load.
    """

    def round_corners(self, radius: Any = 0.5, *rest: Any, **more: Any) -> Self:
        """Round the corners, from the first one on, as Manim does."""
        own = rest or more or isinstance(radius, list) or radius <= 0
        if own or not reliance().holds:
            return super().round_corners(radius, *rest, **more)
        corners = self.get_vertices()
        edges = np.roll(corners, -1, axis=0) - corners
        lengths = np.linalg.norm(edges, axis=1, keepdims=True)
        cut = min(radius, float(lengths.min()) / 2) * edges / lengths
        begins, ends = corners - np.roll(cut, 1, axis=0), corners + cut
        handles = [place + _BEND * (corners - place) for place in (begins, ends)]
        sides = np.roll(begins, -1, axis=0) - ends
        lines = [ends + share * sides for share in (0, 1 / 3, 2 / 3, 1)]
        self.set_points(np.stack([begins, *handles, ends, *lines], axis=1).reshape(-1, 3))
        return self
