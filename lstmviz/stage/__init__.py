"""The pictures: everything here draws readings of a trace with Manim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.stage.stories.cell.assembly import AssemblyStory
    from lstmviz.stage.stories.cell.cell import CellStory, Pair
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.stories.cell.code import CodeStory
    from lstmviz.stage.mobjects.column import Column
    from lstmviz.stage.stories.cell.comparison import ComparisonStory
    from lstmviz.stage.stories.function.curve import CurveStory
    from lstmviz.stage.text.formula import Formula
    from lstmviz.stage.circuits.gate import Gate, Join, Operator
    from lstmviz.stage.stories.cell.gates import GatesStory
    from lstmviz.stage.stories.cell.gru_gate import GruGateStory
    from lstmviz.stage.stories.cell.gru import GruStory
    from lstmviz.style.language import Language
    from lstmviz.stage.stories.sequence.learning import LearningStory
    from lstmviz.stage.stories.cell.memory import MemoryStory
    from lstmviz.stage.stories.sequence.remembered import RememberedStory
    from lstmviz.stage.stories.function.repeat import RepeatStory
    from lstmviz.stage.stories.sequence.review import ReviewStory
    from lstmviz.stage.stories.cell.rnn import RnnStory
    from lstmviz.stage.stories.sequence.sequence import SequenceStory
    from lstmviz.stage.story.caption_values import Unit
    from lstmviz.stage.story.story import Story
    from lstmviz.style.theme import Theme
    from lstmviz.stage.stories.title.title import TitleStory
    from lstmviz.stage.text.text import Words
    from lstmviz.stage.stories.sequence.unrolled import UnrolledStory
    from lstmviz.stage.circuits.wire import Ride, Wire

# Imported when first asked for, so that the names of themes and languages can be listed
# without waiting for Manim.
_HOMES = {
    "AssemblyStory": "assembly_story",
    "CellStory": "cell_story",
    "Circuit": "circuit",
    "CodeStory": "code_story",
    "Column": "column",
    "ComparisonStory": "comparison_story",
    "CurveStory": "curve_story",
    "Formula": "formula",
    "Gate": "gate",
    "GatesStory": "gates_story",
    "GruGateStory": "gru_gate_story",
    "GruStory": "gru_story",
    "Join": "gate",
    "Language": "language",
    "LearningStory": "learning_story",
    "MemoryStory": "memory_story",
    "Operator": "gate",
    "Pair": "cell_story",
    "RememberedStory": "remembered_story",
    "RepeatStory": "repeat_story",
    "ReviewStory": "review_story",
    "Ride": "wire",
    "RnnStory": "rnn_story",
    "SequenceStory": "sequence_story",
    "Story": "story",
    "Theme": "theme",
    "TitleStory": "title_story",
    "Unit": "spoken",
    "UnrolledStory": "unrolled_story",
    "Wire": "wire",
    "Words": "type",
}

__all__ = [
    "AssemblyStory",
    "CellStory",
    "Circuit",
    "CodeStory",
    "Column",
    "ComparisonStory",
    "CurveStory",
    "Formula",
    "Gate",
    "GatesStory",
    "GruGateStory",
    "GruStory",
    "Join",
    "Language",
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
    "Theme",
    "TitleStory",
    "Unit",
    "UnrolledStory",
    "Wire",
    "Words",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lstmviz.stage' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"lstmviz.stage.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
