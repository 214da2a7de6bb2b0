"""Legibility: which texts of a scene at a moment could not be read, and what leaves the frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from lstmviz.stage.check.ink import OPAQUE, Patch, Piece, VisibleText, touches
from lstmviz.style.layout import LEAST_EM, Box
from lstmviz.style.theme import READABLE, contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lstmviz.stage.check.ink import Mask

Kind = Literal["overlap", "close", "line", "edge", "covered", "frame", "small", "contrast"]
Fault = tuple[Kind, str, tuple[float, float]]  # what is wrong, in words, and where

MARGIN = 0.012  # scene units: how much air there is at least around letters
QUAD = 0.95  # ems between two formulas side by side: closer, they read as a product
BESIDE = 0.5  # of the lower one's height that two formulas share where they are side by side
UNLIKE = 16 / 255  # two grounds whose channels differ by less look the same
FEW = 4  # pixels that touch by rounding alone
HIDDEN = 0.98  # a text of which a larger share is covered is not there at all


@dataclass(frozen=True)
class View:
    """A moment of a scene, with what is needed to judge it."""

    scale: float  # pixels a unit
    frame: Box
    ground: tuple[float, ...]
    settled: bool
    known: dict[object, list[Fault]]  # what has been found before of the same picture

    def faults(self, writings: Sequence[VisibleText], shapes: Sequence[Piece]) -> Iterator[Fault]:
        """Find the faults of this moment."""
        if not self.settled:
            # What fades in or out is judged where it stays.
            writings = [w for w in writings if w.opacity >= OPAQUE]
            shapes = [s for s in shapes if s.opacity >= OPAQUE]
        there: list[VisibleText] = []
        resting = [s for s in shapes if s.shift is None]
        sides = np.array([(s.box.left, s.box.bottom, -s.box.right, -s.box.top) for s in resting])
        for writing in writings:
            near = _near(writing, resting, sides)
            key = (
                tuple(
                    (p.key, p.order < writing.first, p.turning, p.shift is None)
                    for p in (*writing.pieces, *near)
                ),
                self.ground,
            )
            if key not in self.known:
                self.known[key] = list(self._of_one(writing, near))
            if self.known[key] != [_GONE]:
                there.append(writing)
                yield from self.known[key]
        yield from self._of_pairs(there)
        yield from self._outside(there, shapes)

    def _of_one(self, writing: VisibleText, near: Sequence[Piece]) -> Iterator[Fault]:
        """Judge one text by itself and against the shapes below and above it."""
        patch = Patch(writing.box, self.scale)
        ink = patch.mask(writing.pieces)
        if not ink.any():
            return
        above = [s for s in near if s.order > writing.first and s.opacity >= OPAQUE]
        below = [s for s in near if s.order < writing.first]
        wide = patch.mask(writing.pieces, grow=MARGIN)
        if above:
            hidden = patch.mask(above) & ink
            if hidden.sum() >= HIDDEN * ink.sum():
                yield _GONE
                return
            struck = patch.mask(above) & wide
            if struck.sum() > FEW:
                top = _topmost(patch, above, struck)
                yield _fault("covered", writing, f"is partly covered ({top})", patch, struck)
        if writing.em is not None and writing.em * self.scale < LEAST_EM - 0.05:
            size = f"is set at {writing.em * self.scale:.1f} pixels; {LEAST_EM:.0f} is the least"
            yield _fault("small", writing, size, patch, ink)
        colours = patch.colours(below, self.ground)
        yield from self._on_ground(writing, patch, wide, colours, below)
        if writing.shift is None and not any(p.turning for p in (*writing.pieces, *below)):
            yield from self._contrast(writing, patch, colours)

    def _on_ground(
        self,
        writing: VisibleText,
        patch: Patch,
        wide: Mask,
        colours: NDArray[np.float64],
        below: Sequence[Piece],
    ) -> Iterator[Fault]:
        """Report where the ground changes under the letters: a line, or the edge of a box."""
        levels = np.round(colours[wide] * 255).astype(int)
        codes, counts = np.unique(levels @ [65536, 256, 1], return_counts=True)
        common = int(codes[counts.argmax()])
        usual = np.array([common >> 16, common >> 8 & 255, common & 255]) / 255
        other = wide & (np.abs(colours - usual).max(axis=2) > UNLIKE)
        if other.sum() <= FEW:
            return
        base = next(
            (
                s
                for s in reversed(below)
                if s.fill[3] >= OPAQUE and (patch.mask([s], stroke=False) & wide & ~other).any()
            ),
            None,
        )
        if base is not None and (wide & ~patch.mask([base], stroke=False)).sum() > FEW:
            what = f"runs over the edge of what it stands on ({base.owner})"
            yield _fault("edge", writing, what, patch, other)
        else:
            what = f"is crossed by a line ({_topmost(patch, below, other)})"
            yield _fault("line", writing, what, patch, other)

    def _contrast(
        self, writing: VisibleText, patch: Patch, colours: NDArray[np.float64]
    ) -> Iterator[Fault]:
        """Report letters too much like what is under them."""
        for shade in {piece.fill for piece in writing.pieces}:
            ink = patch.mask([p for p in writing.pieces if p.fill == shade])
            if not ink.any() or shade[3] <= 0:
                continue
            under = np.median(colours[ink], axis=0)
            seen = np.array(shade[:3]) * shade[3] + under * (1 - shade[3])
            ratio = contrast(_hex(seen), _hex(under))
            if ratio < READABLE - 0.005:
                what = (
                    f"has a contrast of {ratio:.2f}:1, {_hex(seen)} on {_hex(under)}; "
                    f"{READABLE}:1 is the least"
                )
                yield _fault("contrast", writing, what, patch, ink)

    def _of_pairs(self, writings: Sequence[VisibleText]) -> Iterator[Fault]:
        """Report texts that touch each other."""
        for k, one in enumerate(writings):
            for other in writings[k + 1 :]:
                if _read_as_one(one, other):
                    what = f"“{one.text}” stands less than an em from “{other.text}”"
                    yield "close", what, _middle(one.box)
                if not touches(one.box, other.box, MARGIN):
                    continue
                key = tuple(piece.key for piece in (*one.pieces, *other.pieces))
                if key not in self.known:
                    patch = Patch(one.box, self.scale)
                    both = patch.mask(one.pieces, grow=MARGIN) & patch.mask(other.pieces)
                    what = f"overlaps “{other.text}”"
                    self.known[key] = (
                        [_fault("overlap", one, what, patch, both)] if both.sum() > FEW else []
                    )
                yield from self.known[key]

    def _outside(self, writings: Sequence[VisibleText], shapes: Sequence[Piece]) -> Iterator[Fault]:
        """Report what leaves the frame, except what is on its way in or out."""
        for writing in writings:
            if writing.shift is None and not _within(writing.box, self.frame):
                yield "frame", f"“{writing.text}” leaves the frame", _middle(writing.box)
        for shape in shapes:
            if (
                shape.shift is None
                and not _within(shape.box, self.frame)
                and not _within(self.frame, shape.box)
                and not self._enters(shape)
            ):
                yield "frame", f"a shape leaves the frame ({shape.owner})", _middle(shape.box)

    def _enters(self, shape: Piece) -> bool:
        """Whether a shape is a line that begins or ends at the frame's edge."""
        if shape.fill[3] > 0 or np.allclose(shape.points[0], shape.points[-1]):
            return False
        inner = self.frame.inset(0.05)
        return any(
            not (inner.left < x < inner.right and inner.bottom < y < inner.top)
            for x, y in shape.points[[0, -1]]
        )


def _read_as_one(one: VisibleText, other: VisibleText) -> bool:
    """Tell whether two formulas stand so close side by side that they read as a product."""
    if one.quad is None or other.quad is None or one.shift or other.shift:
        return False
    a, b = one.box, other.box
    shared = min(a.top, b.top) - max(a.bottom, b.bottom)
    side_by_side = shared > BESIDE * min(a.height, b.height)
    return side_by_side and _gap(a, b) < QUAD * min(one.quad, other.quad)


def _gap(a: Box, b: Box) -> float:
    return max(a.left, b.left) - min(a.right, b.right)


def _near(
    writing: VisibleText, resting: Sequence[Piece], sides: NDArray[np.float64]
) -> list[Piece]:
    """Find the shapes that bear on a text, which they do only where neither is on its way.

    `sides` holds left, bottom, −right and −top of each shape.
    """
    if writing.shift is not None or not resting:
        return []
    box = writing.box
    reach = np.array([box.right, box.top, -box.left, -box.bottom]) + MARGIN
    return [resting[int(k)] for k in np.nonzero((sides < reach).all(axis=1))[0]]


_GONE: Fault = ("covered", "", (0.0, 0.0))


def _fault(kind: Kind, writing: VisibleText, what: str, patch: Patch, mask: Mask) -> Fault:
    return kind, f"“{writing.text}” {what}", patch.place(mask)


def _topmost(patch: Patch, shapes: Sequence[Piece], where: Mask) -> str:
    """Name the topmost shape that is seen at a place."""
    hits = ((shape, (patch.mask([shape]) & where).sum()) for shape in reversed(shapes))
    return next((shape.owner for shape, count in hits if count > 0), "a shape")


def _within(box: Box, frame: Box, slack: float = 0.01) -> bool:
    return (
        box.left >= frame.left - slack
        and box.right <= frame.right + slack
        and box.bottom >= frame.bottom - slack
        and box.top <= frame.top + slack
    )


def _middle(box: Box) -> tuple[float, float]:
    return (round(box.center[0], 2), round(box.center[1], 2))


def _hex(colour: Iterable[float]) -> str:
    return "#" + "".join(f"{round(255 * min(max(v, 0.0), 1.0)):02X}" for v in colour)
