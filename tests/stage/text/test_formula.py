"""A formula looks as Typst itself draws it."""

from __future__ import annotations

import io

import cairo
import numpy as np
import pytest
import typst
from manim import VMobject

from lstmviz.stage.text.formula import BREAK, Formula, broken

PIXELS = 80  # an em


def typsts(source: str) -> np.ndarray:
    """Where Typst puts ink, as far as there is any: shares of a pixel."""
    page = "#set page(width: auto, height: auto, margin: 20pt)\n#set text(size: 100pt)\n"
    png = typst.compile(
        f"{page}$ {source} $".encode(),
        format="png",
        ppi=PIXELS * 72 / 100,
        font_paths=typst.Fonts(include_system_fonts=False),
    )
    assert isinstance(png, bytes)

    surface = cairo.ImageSurface.create_from_png(io.BytesIO(png))
    pixels = np.frombuffer(surface.get_data(), np.uint8)
    shape = surface.get_height(), surface.get_stride() // 4, 4
    return cut(1 - pixels.reshape(shape)[:, : surface.get_width(), 1] / 255)


def ours(source: str) -> np.ndarray:
    formula = Formula(source, size=1.0, color="#FFFFFF")
    points = np.concatenate([part.points for part in formula.family_members_with_points()])
    low = points.min(axis=0)
    wide, high = np.ceil((points.max(axis=0) - low)[:2] * PIXELS).astype(int) + 4
    surface = cairo.ImageSurface(cairo.FORMAT_A8, int(wide), int(high))
    context = cairo.Context(surface)
    context.set_matrix(
        cairo.Matrix(PIXELS, 0, 0, -PIXELS, 2 - low[0] * PIXELS, high - 2 + low[1] * PIXELS)
    )
    part: VMobject
    for part in formula.family_members_with_points():
        for path in part.get_subpaths():
            context.move_to(*path[0][:2])
            for curve in path.reshape(-1, 4, 3):
                context.curve_to(*curve[1, :2], *curve[2, :2], *curve[3, :2])
            context.close_path()
    context.fill()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(int(high), -1)
    return cut(rows[:, : int(wide)] / 255)


def cut(ink: np.ndarray) -> np.ndarray:
    """Leave out what is empty around."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.1) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize(
    "source",
    [
        "f_t = sigma(W_(x f) x_t + W_(h f) h_(t-1) + b_f)",
        "(partial L)/(partial h_0)",
        "tilde(c)_t dot.o i_t + sqrt(x/y)",
        'cases(0 "if" x < 0, 1 "else")',
        "cancel(x, angle: #40deg) + macron(y)",
    ],
)
def test_it_has_the_ink_that_typst_puts_there(source: str) -> None:
    one, other = ours(source), typsts(source)
    assert np.abs(np.subtract(one.shape, other.shape)).max() <= 1
    assert one.sum() == pytest.approx(other.sum(), rel=0.03)
    for axis in (0, 1):  # where along the line, and where across
        centre, true = (
            (ink.sum(axis=axis) * np.arange(ink.shape[1 - axis])).sum() / ink.sum()
            for ink in (one, other)
        )
        assert centre == pytest.approx(true, abs=1.5)


def test_each_colour_is_one_shape() -> None:
    formula = Formula("f_t dot.o c", color="#112233", colors={"f_t": "#FF6B6B"})
    assert [part.get_fill_color().to_hex() for part in formula.submobjects] == [
        "#FF6B6B",
        "#112233",
    ]


def test_nothing_is_no_shape() -> None:
    assert not Formula("", color="#FFFFFF").submobjects


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x_t", ["x_t"]),
        ("R_f h_(t-1) + b_(R f)", ["R_f h_(t-1)", "+ b_(R f)"]),
        ("a = b + c + d + e", ["a = b + c", "+ d + e"]),
        (
            "a_n = W_n x_t + r_t dot.o (R_n h_(t-1) + b)",
            ["a_n = W_n x_t", "+ r_t dot.o (R_n h_(t-1) + b)"],
        ),
        ("r_t dot.o (R_n h_(t-1) + b)", ["r_t dot.o (R_n h_(t-1)", "+ b)"]),
    ],
)
def test_a_long_formula_is_broken_before_a_plus(source: str, lines: list[str]) -> None:
    assert broken(source).split(BREAK) == lines
    if len(lines) > 1:
        assert Formula(broken(source)).width < Formula(source).width
