"""The pictures: everything here draws readings of a trace with Manim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.stage.cell_story import CellStory, Pair
    from lstmviz.stage.code_story import CodeStory
    from lstmviz.stage.column import Column
    from lstmviz.stage.curve_story import CurveStory
    from lstmviz.stage.formula import Formula
    from lstmviz.stage.gru_story import GruStory
    from lstmviz.stage.memory_story import MemoryStory
    from lstmviz.stage.remembered_story import RememberedStory
    from lstmviz.stage.review_story import ReviewStory
    from lstmviz.stage.rnn_story import RnnStory
    from lstmviz.stage.story import Story, Unit
    from lstmviz.stage.type import Words
    from lstmviz.stage.wire import Ride, Wire

# Imported when first asked for, so that the names of themes and languages can be listed
# without waiting for Manim.
_HOMES = {
    "CellStory": "cell_story",
    "CodeStory": "code_story",
    "Column": "column",
    "CurveStory": "curve_story",
    "Formula": "formula",
    "GruStory": "gru_story",
    "MemoryStory": "memory_story",
    "Pair": "cell_story",
    "RememberedStory": "remembered_story",
    "ReviewStory": "review_story",
    "Ride": "wire",
    "RnnStory": "rnn_story",
    "Story": "story",
    "Unit": "story",
    "Wire": "wire",
    "Words": "type",
}

__all__ = [
    "CellStory",
    "CodeStory",
    "Column",
    "CurveStory",
    "Formula",
    "GruStory",
    "MemoryStory",
    "Pair",
    "RememberedStory",
    "ReviewStory",
    "Ride",
    "RnnStory",
    "Story",
    "Unit",
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
