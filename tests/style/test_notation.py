"""How numbers and names are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lstmviz
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import CELLS, find_cell
from lstmviz.style.notation import (
    MINUS,
    Look,
    Made,
    Notation,
    holds,
    quantity,
    read_back,
    shown,
    sum_of,
    written,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.floats(min_value=-12, max_value=12)
SCALES = st.sampled_from(["gate", "signed", "free"])


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0.974, "gate", "0.97"),
        (0.0, "gate", "0.00"),
        (1.0, "gate", "1.00"),
        (0.999, "gate", "1.00"),
        (0.92, "signed", "+0.92"),
        (-0.35, "signed", "−0.35"),
        (-0.0, "signed", "0.00"),
        (-0.004, "signed", "0.00"),
        (0.004, "free", "0.00"),
        (-0.006, "free", "−0.01"),
        (2.5, "free", "+2.50"),
        (9.994, "free", "+9.99"),
        (9.996, "free", "+10.0"),
        (-12.345, "free", "−12.3"),
        (99.96, "free", "+100"),
        (-12345.6, "free", "−12346"),
        (123456.0, "free", "+1.2e5"),
        (-1e300, "free", "−1.0e300"),
        (0.004, "small", "+0.004"),
        (0.00951, "small", "+0.01"),
        (-0.0000151, "small", "−0.000\u202f02"),
        (0.00096, "size", "0.001"),
        (0.0000004, "size", "4×10⁻⁷"),
        (-3e-61, "small", "−3×10⁻⁶¹"),
        (0.0, "size", "0.00"),
        (1.284, "size", "1.28"),
        (math.inf, "free", "∞"),
        (-math.inf, "free", "−∞"),
        (math.nan, "free", "?"),
    ],
)
def test_shown(value: float, scale: str, text: str) -> None:
    assert shown(value, scale) == text  # type: ignore[arg-type]


def test_shown_with_more_digits() -> None:
    assert shown(0.12345, "gate", 4) == "0.1235"
    assert shown(0.5, "signed", 0) in {"0", "+0", "+1"}


@given(FINITE, SCALES, st.integers(0, 5))
def test_zero_never_has_a_sign(value: float, scale: str, digits: int) -> None:
    text = shown(value, scale, digits)  # type: ignore[arg-type]
    if not text.strip(f"+-{MINUS}0."):
        assert text[0] == "0"


@given(FINITE, SCALES)
def test_the_minus_is_a_real_one(value: float, scale: str) -> None:
    text = shown(value, scale)  # type: ignore[arg-type]
    assert "-" not in text
    assert (MINUS in text) == (read_back(text) < 0)


@given(st.floats(-1e9, 1e9), st.sampled_from(["size", "small"]))
def test_a_small_number_can_be_told_from_0_and_read_back(value: float, scale: str) -> None:
    text = shown(value, scale)  # type: ignore[arg-type]
    told = read_back(text)
    assert (told == 0) == (value == 0)
    assert abs(told) == pytest.approx(abs(value), rel=0.51)
    assert ("+" in text or MINUS in text[0]) == (value < 0 or (scale == "small" and value > 0))


@given(NEAR, SCALES, st.integers(1, 5))
def test_reading_back_gives_the_value_to_half_a_unit_of_the_last_place(
    value: float, scale: str, digits: int
) -> None:
    text = shown(value, scale, digits)  # type: ignore[arg-type]
    places = len(text.partition(".")[2])
    assert abs(Decimal(text.replace(MINUS, "-")) - Decimal(value)) <= Decimal(5).scaleb(-places - 1)
    assert read_back(text) == float(text.replace(MINUS, "-"))


@given(FINITE, SCALES)
def test_a_number_is_short(value: float, scale: str) -> None:
    assert len(shown(value, scale)) <= 8  # type: ignore[arg-type]


def test_holds() -> None:
    assert holds("×", ["+0.92", "0.97"], "+0.89")
    assert not holds("×", ["+0.92", "0.97"], "+0.90")
    assert holds("×", ["−0.94", "0.06"], "−0.06")
    assert not holds("×", ["−0.94", "0.06"], "−0.05")
    assert holds("+", ["−3.82", "+0.12"], "−3.70")
    assert holds("+", ["−0.10", "+0.05", "+0.05"], "0.00")
    assert not holds("+", ["+0.17", "−2.98"], "−2.80")
    assert holds("+", ["+12.3", "+0.04"], "+12.3")


@given(st.integers(-999, 999), st.integers(0, 100), st.integers(-999, 999))
def test_holds_agrees_with_exact_arithmetic(a: int, b: int, c: int) -> None:
    first, second, result = (shown(n / 100, "free") for n in (a, b, c))
    assert holds("+", [first, second], result) == (a + b == c)
    exact = Decimal(a) * Decimal(b) / 100
    assert holds("×", [first, second], result) == (abs(exact - c) <= Decimal("0.5"))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_every_recorded_name_has_a_symbol(cell: Cell) -> None:
    names = [*cell.names, *(f"{state}_prev" for state in cell.state), "x"]
    symbols = {}
    for name in names:
        known = quantity(name, cell=cell.notation)
        assert known.name == name
        assert known.symbol
        symbols[name] = known.symbol
    assert len(set(symbols.values())) == len(symbols), symbols


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_what_is_drawn_between_0_and_1_is_so(cell: Cell) -> None:
    trace = lstmviz.run(4 * np.random.default_rng(2).normal(size=(40, 3)), cell=cell, hidden=6)
    for name in trace.names:
        values, known = trace[name], quantity(name, cell=trace.notation)
        if known.scale != "free":
            assert values.max() <= 1, name
            assert values.min() >= (0 if known.is_gate else -1), name
        gate = name in cell.gates and cell.spelt.get(name) == "sigmoid"
        assert known.is_gate or not gate, name


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (" ", "␣"),
        ("\n", "⏎"),
        ("\r\n", "⏎"),
        ("\t", "⇥"),
        ("\u3000", "␣"),
        (" the", "␣the"),
        ("New York", "New York"),
        ("a\nb ", "a⏎b␣"),
        ("well-made", "well-made"),
    ],
)
def test_blanks_of_a_token_are_seen(token: str, text: str) -> None:
    assert written(token, "words") == written(token, "characters") == text


def test_products_are_written_by_what_they_are_made_of() -> None:
    assert symbol("kept", "lstm") == "f_t dot.o c_(t-1)"
    assert symbol("shown", "lstm") == "tanh(c_t)"
    assert symbol("kept", "gru") == "z_t dot.o h_(t-1)"
    assert symbol("kept", "gru-chung") == "(1 - z_t) dot.o h_(t-1)"
    assert symbol("added", "gru") == "(1 - z_t) dot.o n_t"
    assert symbol("added", "gru-chung") == "z_t dot.o n_t"
    assert symbol("recalled", "gru") == "r_t dot.o R_n h_(t-1)"
    assert symbol("rh_n", "gru-chung") == "R_n (r_t dot.o h_(t-1))"
    assert symbol("added", "ugrnn") == "(1 - g_t) dot.o c_t"
    assert symbol("rh_h", "rnn") == "R h_(t-1)"


def symbol(name: str, cell: str) -> str:
    return quantity(name, cell=find_cell(cell).notation).symbol


def test_an_unknown_name_gets_a_plain_symbol() -> None:
    mystery = quantity("mystery", cell=find_cell("lstm").notation)
    assert mystery.symbol == '"mystery"'
    assert mystery.scale == "free"
    assert quantity("c", cell=Notation()).role == "ink"


def test_scales() -> None:
    def scale(name: str, cell: str = "lstm") -> str:
        return quantity(name, cell=find_cell(cell).notation).scale

    assert scale("c") == scale("c_prev") == scale("a_f") == "free"
    assert scale("h") == scale("h_prev") == scale("g") == "signed"
    assert scale("h", "rnn-relu") == scale("h_prev", "rnn-relu") == "free"
    assert scale("g", "ugrnn") == scale("rest", "ugrnn") == "gate"
    assert scale("c", "ugrnn") == "signed"


def test_the_same_letter_has_the_colour_that_its_cell_gives_it() -> None:
    def role(name: str, cell: str) -> str:
        return quantity(name, cell=find_cell(cell).notation).role

    assert [role(name, "lstm") for name in "figoch"] == [
        *("forget", "input", "candidate", "output", "c", "h"),
    ]
    assert [role(name, "ugrnn") for name in ("g", "c", "a_g", "a_c", "kept", "added", "rest")] == [
        *("input", "candidate", "input", "candidate", "h", "candidate", "input"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Look(scale="wide"),  # type: ignore[arg-type]
        lambda: Look(symbol="#read(h)"),
        lambda: Look(symbol="h" * 61),
        lambda: Made("×", ()),
        lambda: Made("%", ("f",)),
        lambda: Made("×", ("f", "#g")),
    ],
)
def test_what_is_no_notation_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"scale|symbol|made"):
        wrong()


def test_a_reading_that_is_made_of_too_much_is_called_by_its_name() -> None:
    many = Made("+", tuple("abcdefghijklmno"))
    assert Notation(made={"all": many}).symbol("all") == '"all"'
    doubled = {f"n{k}": Made("+", (f"n{k - 1}", f"n{k - 1}")) for k in range(1, 60)}
    assert Notation(made=doubled).symbol("n59")  # at once


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_what_is_said_to_be_added_up_gives_the_sum(cell: Cell) -> None:
    trace = lstmviz.run([0.5, -1.0, 2.0], cell=cell, hidden=3)
    sums = [name for name in trace.names if name.startswith("a_")]
    assert sums
    for name in sums:
        parts, formula = sum_of(name[2:], cell=cell.notation)
        assert np.allclose(sum(trace[part] for part in parts), trace[name], atol=1e-6), name
        assert ("p_" in formula) == (f"pc_{name[2:]}" in trace.names)


def test_what_stood_before_a_tick_is_called_so_whatever_cell_it_is_of() -> None:
    for notation in (Notation(), CELLS[0].notation):
        assert notation.symbol("v_prev") == "v_(t-1)"
        assert notation.symbol("state_prev") == '"state"_(t-1)'
