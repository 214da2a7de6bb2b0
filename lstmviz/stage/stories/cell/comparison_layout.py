"""Where an LSTM and the GRU that is built of it stand, in a frame of any shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

WIDTH, HEIGHT = 9.4, 4.95  # of a circuit as it is drawn, from the top of its body
BODY = 4.5  # the height of the body
ALONE, ASIDE, BUILT = 0.95, 0.675, 0.78  # how large the cells are drawn in the wide frame
LEAST = 0.68  # how large a cell must be drawn in the wide frame for its words to be read
SIGNED = 0.7  # and for what is written below a GRU
LEAST_ASIDE = 0.675  # an LSTM, whose gates have wider names
LINE, LINES = 0.28, 5  # from line to line of the ledger, and their number
CALLED = 0.45  # the height of a name above a cell


@dataclass(frozen=True)
class Stand:
    """How large a circuit stands, where its middle is from left to right, where its body ends."""

    size: float
    x: float
    top: float


@dataclass(frozen=True)
class ComparisonPlaces:
    """The places of an LSTM by itself, of both cells, and of the ledger.

    `quiet` says that the LSTM comes out too small for words, `signed` that what is written
    below the GRU can be read. The lines of the ledger begin at
    `left` and `top` and are `room` wide.
    """

    alone: float
    lstm: Stand
    gru: Stand
    quiet: bool
    signed: bool
    left: float
    top: float
    room: float
    line: float
    em: float


def comparison_places(layout: Layout) -> ComparisonPlaces:
    """Find the places: side by side, or the LSTM above the GRU where the frame is not wide."""
    whole, zoom = layout.whole, layout.zoom
    shorter = min(layout.frame.width, layout.frame.height)
    unit = WIDE.frame.height / shorter  # how large a scene unit is, against the wide frame
    alone = min(ALONE, whole.width / WIDTH)
    left, top = whole.left, whole.top
    if layout.beside:
        built = max(BUILT * whole.width / WIDE.whole.width, LEAST / unit)
        aside = min(ASIDE, (whole.width - built * WIDTH - 0.15) / WIDTH)
        high = whole.center[1] - 0.1 + built * 2.475
        quiet = aside * unit < LEAST_ASIDE - 1e-6
        begin = left + 0.8 * aside + (0.0 if quiet else 0.95)  # where the wire of x has ended
        return ComparisonPlaces(
            alone=alone,
            lstm=Stand(aside, left + aside * WIDTH / 2, high),
            gru=Stand(built, whole.right - built * WIDTH / 2, high),
            quiet=quiet,
            signed=built * unit >= SIGNED,
            left=begin,
            top=high - aside * HEIGHT - 0.3 if quiet else high - aside * BODY - 0.2,
            room=left + 8.8 * aside - begin,
            line=LINE,
            em=0.24,
        )
    if whole.height > whole.width:
        aside = LEAST_ASIDE / unit
        first = top - CALLED
        ledger = first - aside * HEIGHT - 0.3
        line = LINE * 1.2
        second = ledger - LINES * line - CALLED
        built = min((second - whole.bottom) / HEIGHT, (whole.width - 0.2) / WIDTH)
        x = whole.center[0]
        return ComparisonPlaces(
            alone=alone,
            lstm=Stand(aside, x, first),
            gru=Stand(built, x, second),
            quiet=False,
            signed=built * unit >= SIGNED,
            left=left + 0.3,
            top=ledger,
            room=whole.width - 0.6,
            line=line,
            em=0.2 * zoom,
        )
    aside = 0.47
    first = top - CALLED
    second = first - aside * BODY - CALLED
    built = min((second - whole.bottom) / HEIGHT, (whole.width - 0.2) / WIDTH)
    begin = left + aside * WIDTH + 0.3
    line = aside * BODY / LINES
    return ComparisonPlaces(
        alone=alone,
        lstm=Stand(aside, left + aside * WIDTH / 2, first),
        gru=Stand(built, whole.center[0], second),
        quiet=True,
        signed=built * unit >= SIGNED,
        left=begin,
        top=first - line / 2,
        room=whole.right - begin,
        line=line,
        em=layout.least,
    )
