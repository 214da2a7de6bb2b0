"""The pictures: everything here draws readings of a trace with Manim.

Imports the reel and what is below; computes no number that it shows. Begin with `story/story`,
then `stories/cell/cell`, and a scene in `scenes/`. The names below are for stories of your own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.circuits.gate import Gate, Join, Operator
    from lstmviz.stage.circuits.wire import Ride, Wire
    from lstmviz.stage.mobjects.column import Column
    from lstmviz.stage.stories.cell.assembly import AssemblyStory
    from lstmviz.stage.stories.cell.cell import CellStory, Pair
    from lstmviz.stage.stories.cell.code import CodeStory
    from lstmviz.stage.stories.cell.comparison import ComparisonStory
    from lstmviz.stage.stories.cell.gates import GatesStory
    from lstmviz.stage.stories.cell.gru import GruStory
    from lstmviz.stage.stories.cell.gru_gate import GruGateStory
    from lstmviz.stage.stories.cell.layer import LayerStory
    from lstmviz.stage.stories.cell.memory import MemoryStory
    from lstmviz.stage.stories.cell.rnn import RnnStory
    from lstmviz.stage.stories.film import FilmStory
    from lstmviz.stage.stories.function.curve import CurveStory
    from lstmviz.stage.stories.function.repeat import RepeatStory
    from lstmviz.stage.stories.sequence.learning import LearningStory
    from lstmviz.stage.stories.sequence.remembered import RememberedStory
    from lstmviz.stage.stories.sequence.review import ReviewStory
    from lstmviz.stage.stories.sequence.sequence import SequenceStory
    from lstmviz.stage.stories.sequence.unrolled import UnrolledStory
    from lstmviz.stage.stories.sequence.verdict import VerdictStory
    from lstmviz.stage.stories.title.title import TitleStory
    from lstmviz.stage.story.caption_values import Unit
    from lstmviz.stage.story.story import Story
    from lstmviz.stage.text.formula import Formula
    from lstmviz.stage.text.text import TextLine
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme

# Imported when first asked for, so that the names of themes and languages can be listed
# without waiting for Manim.
_HOMES = {
    "AssemblyStory": "lstmviz.stage.stories.cell.assembly",
    "Box": "lstmviz.style.layout",
    "CellStory": "lstmviz.stage.stories.cell.cell",
    "Circuit": "lstmviz.stage.circuits.circuit",
    "CodeStory": "lstmviz.stage.stories.cell.code",
    "Column": "lstmviz.stage.mobjects.column",
    "ComparisonStory": "lstmviz.stage.stories.cell.comparison",
    "CurveStory": "lstmviz.stage.stories.function.curve",
    "FilmStory": "lstmviz.stage.stories.film",
    "Formula": "lstmviz.stage.text.formula",
    "Gate": "lstmviz.stage.circuits.gate",
    "GatesStory": "lstmviz.stage.stories.cell.gates",
    "GruGateStory": "lstmviz.stage.stories.cell.gru_gate",
    "GruStory": "lstmviz.stage.stories.cell.gru",
    "Join": "lstmviz.stage.circuits.gate",
    "Language": "lstmviz.style.language",
    "LayerStory": "lstmviz.stage.stories.cell.layer",
    "LearningStory": "lstmviz.stage.stories.sequence.learning",
    "MemoryStory": "lstmviz.stage.stories.cell.memory",
    "Operator": "lstmviz.stage.circuits.gate",
    "Pair": "lstmviz.stage.stories.cell.cell",
    "RememberedStory": "lstmviz.stage.stories.sequence.remembered",
    "RepeatStory": "lstmviz.stage.stories.function.repeat",
    "ReviewStory": "lstmviz.stage.stories.sequence.review",
    "Ride": "lstmviz.stage.circuits.wire",
    "RnnStory": "lstmviz.stage.stories.cell.rnn",
    "SequenceStory": "lstmviz.stage.stories.sequence.sequence",
    "Story": "lstmviz.stage.story.story",
    "Theme": "lstmviz.style.theme",
    "TitleStory": "lstmviz.stage.stories.title.title",
    "Unit": "lstmviz.stage.story.caption_values",
    "UnrolledStory": "lstmviz.stage.stories.sequence.unrolled",
    "VerdictStory": "lstmviz.stage.stories.sequence.verdict",
    "Wire": "lstmviz.stage.circuits.wire",
    "TextLine": "lstmviz.stage.text.text",
}

__all__ = [
    "AssemblyStory",
    "Box",
    "CellStory",
    "Circuit",
    "CodeStory",
    "Column",
    "ComparisonStory",
    "CurveStory",
    "FilmStory",
    "Formula",
    "Gate",
    "GatesStory",
    "GruGateStory",
    "GruStory",
    "Join",
    "Language",
    "LayerStory",
    "LearningStory",
    "MemoryStory",
    "Operator",
    "Pair",
    "RememberedStory",
    "RepeatStory",
    "ReviewStory",
    "Ride",
    "RnnStory",
    "SequenceStory",
    "Story",
    "TextLine",
    "Theme",
    "TitleStory",
    "Unit",
    "UnrolledStory",
    "VerdictStory",
    "Wire",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lstmviz.stage' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
