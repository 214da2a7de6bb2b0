"""Turning things on the stage."""

from __future__ import annotations

from math import cos, sin
from typing import TypeVar

import numpy as np
from manim import VMobject

_Shape = TypeVar("_Shape", bound=VMobject)


def turned(shape: _Shape, angle: float) -> _Shape:
    """Turn a shape counterclockwise about the middle of the picture by an angle in radians.

    Manim turns things in space, for which it needs a library that takes long to load.
    """
    shape.apply_matrix(np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]]))
    return shape
