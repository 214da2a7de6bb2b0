"""What a story shows at the end of a step, for the modules that put it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from manim import Mobject

from lstmviz.style.language import Language
from lstmviz.style.notation import Notation
from lstmviz.trace.trace import At, Trace


class Shown(Protocol):
    """The parts of a `Story` that its pictures can be told from."""

    trace: Trace
    now: At
    lang: Language
    mobjects: list[Mobject]
    bands: Sequence[str]
    called: Mapping[str, str]

    @property
    def notation(self) -> Notation:
        """How the readings of its trace are written."""

    def in_view(self) -> list[str]:
        """Say what is drawn, in words."""
