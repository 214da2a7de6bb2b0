"""Draws the frames that Manim would draw, bit for bit, but only the parts that change.

A frame of a film differs little from the one before. The painter remembers what every shape
looked like when it was last drawn, compares, and draws again only the squares of the picture
(`tiles`) that a change can have touched. `manim_internals` says what it relies on in Manim, and
recognises what the painter does not know; such frames are left to Manim's own camera.
"""

from lstmviz.stage.manim.painter.manim_internals import Unknown, known
from lstmviz.stage.manim.painter.painter import Painter

__all__ = ["Painter", "Unknown", "known"]
