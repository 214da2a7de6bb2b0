"""The pictures: everything here draws readings of a trace with Manim."""

from lstmviz.stage.cell_story import CellStory, Pair
from lstmviz.stage.column import Column
from lstmviz.stage.formula import Formula
from lstmviz.stage.story import Story, Unit
from lstmviz.stage.type import Words
from lstmviz.stage.wire import Ride, Wire

__all__ = ["CellStory", "Column", "Formula", "Pair", "Ride", "Story", "Unit", "Wire", "Words"]
