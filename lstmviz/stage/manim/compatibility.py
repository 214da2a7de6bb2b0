"""The compatibility report: what lstmviz relies on in Manim beside what Manim promises.

Each part of this room says of itself what it needs and what comes in its place. What costs the
user time is told once, when pictures are drawn; `lstmviz doctor` tells everything.
"""

from __future__ import annotations

import logging
from functools import cache

from lstmviz.errors import LstmvizError
from lstmviz.stage.manim import (
    fast_copy,
    lazy_import,
    play_internals,
    pure_moves,
    rounded_rectangle,
    vector_camera,
)
from lstmviz.stage.manim.painter import manim_internals
from lstmviz.stage.manim.reliance import Reliance
from lstmviz.system.package import install

_LOG = logging.getLogger("lstmviz")


def compatibility() -> tuple[Reliance, ...]:
    """Look at the Manim at hand: for each thing relied on, whether it holds."""
    return (
        play_internals.reliance(),
        manim_internals.reliance(),
        pure_moves.reliance(),
        fast_copy.reliance(),
        rounded_rectangle.reliance(),
        vector_camera.reliance(),
        lazy_import.reliance(),
    )


def ready() -> None:
    """Let pictures be drawn with the Manim at hand; say once what takes longer with it.

    Raises:
        LstmvizError: no picture can be drawn with it.
    """
    for each in compatibility():
        if not each.holds and each.needed:
            raise LstmvizError(
                f"This Manim has no {each.lacking} as lstmviz knows it, and so {each.otherwise}; "
                f"install the one that it is made for: {install('manim[typst]~=0.22.0')}."
            )
        if not each.holds and each.slower:
            warn_once(f"This Manim has no {each.lacking} as lstmviz knows it: {each.otherwise}.")


@cache
def warn_once(message: str) -> None:
    """Log a warning, unless it has been logged."""
    _LOG.warning("%s", message)
