"""The pictures: everything here draws readings of a trace with Manim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.stage.assembly_story import AssemblyStory
    from lstmviz.stage.cell_story import CellStory, Pair
    from lstmviz.stage.circuit import Circuit
    from lstmviz.stage.code_story import CodeStory
    from lstmviz.stage.column import Column
    from lstmviz.stage.comparison_story import ComparisonStory
    from lstmviz.stage.curve_story import CurveStory
    from lstmviz.stage.formula import Formula
    from lstmviz.stage.gate import Gate, Join, Operator
    from lstmviz.stage.gates_story import GatesStory
    from lstmviz.stage.gru_gate_story import GruGateStory
    from lstmviz.stage.gru_story import GruStory
    from lstmviz.stage.language import Language
    from lstmviz.stage.learning_story import LearningStory
    from lstmviz.stage.memory_story import MemoryStory
    from lstmviz.stage.remembered_story import RememberedStory
    from lstmviz.stage.repeat_story import RepeatStory
    from lstmviz.stage.review_story import ReviewStory
    from lstmviz.stage.rnn_story import RnnStory
    from lstmviz.stage.sequence_story import SequenceStory
    from lstmviz.stage.spoken import Unit
    from lstmviz.stage.story import Story
    from lstmviz.stage.theme import Theme
    from lstmviz.stage.title_story import TitleStory
    from lstmviz.stage.type import Words
    from lstmviz.stage.unrolled_story import UnrolledStory
    from lstmviz.stage.wire import Ride, Wire

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
