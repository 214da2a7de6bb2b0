"""What a cell's equations say of its pictures: what each reading is made of, and how it looks."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.cell import Cell, cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.functions import sigmoid, tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Made


@cell(gates="i c q", state="y", looks={"q": Look(symbol="tilde(y)_t")})
def own(t: Moment) -> None:
    """A cell whose letters mean something else than an LSTM's."""
    t.i = tanh(t.affine("i", t.x, t.y_prev))
    t.c = sigmoid(t.affine("c", t.x, t.y_prev))
    t.q = 1 / (1 + np.exp(-t.affine("q", t.x, t.y_prev)))
    t.both = t.c * t.i * t.y_prev
    t.nested = (1 - t.c) * tanh(t.i)
    t.half = 0.5 * t.q
    t.less = t.i - t.q
    t.power = t.i**2
    t.chosen = np.where(t.i > 0, t.i, t.c)
    t.long = t.both + t.nested + t.half + t.less
    t.y = t.both + t.nested


def test_what_readings_are_made_of_is_noted() -> None:
    assert own.made["i"] == Made("tanh", ("a_i",))
    assert own.made["c"] == Made("sigmoid", ("a_c",))
    assert own.made["q"] == Made("sigmoid", ("a_q",))
    assert own.made["a_c"] == Made("+", ("wx_c", "rh_c"))
    assert own.made["both"] == Made("×", ("c", "i", "y_prev"))
    assert own.made["nested"] == Made("×", (Made("1−", ("c",)), Made("tanh", ("i",))))
    assert own.made["half"] == Made("×", ("0.5", "q"))
    assert own.made["less"] == Made("−", ("i", "q"))
    assert not {"power", "chosen"} & {*own.made}


def test_symbols_follow_from_it() -> None:
    symbol = own.notation.symbol
    assert symbol("both") == "c_t dot.o i_t dot.o y_(t-1)"
    assert symbol("nested") == "(1 - c_t) dot.o tanh(i_t)"
    assert symbol("half") == "0.5 dot.o tilde(y)_t"
    assert symbol("less") == "i_t - tilde(y)_t"
    assert [symbol(name) for name in ("power", "long", "y", "y_prev")] == [
        *('"power"', '"long"', "y_t", "y_(t-1)"),
    ]


def test_looks_follow_from_it_and_from_no_letter() -> None:
    looks = {name: (look.role, look.scale) for name, look in own.looks.items()}
    assert looks["i"] == ("candidate", "signed")
    assert looks["c"] == ("forget", "gate")  # the first gate
    assert looks["q"] == ("input", "gate")  # the second one
    assert looks["a_c"] == ("forget", "free")
    assert looks["both"] == ("h", "free")
    assert looks["y"] == ("h", "free")
    assert own.notation.look("y_prev") == own.notation.look("y")


def test_a_function_keeps_its_scale_when_another_one_is_put_in_its_place() -> None:
    other = find_cell("lstm").configured({"squash": Activation("softsign")})
    assert other.notation.symbol("shown") == '"softsign"(c_t)'
    assert other.looks == find_cell("lstm").looks


def test_a_look_is_of_what_is_recorded() -> None:
    with pytest.raises(UsageError, match=r"'z', which is not recorded; there is: wx_h"):
        cell(gates="h", state="h", looks={"z": Look("forget")})(leaky)


def leaky(t: Moment) -> None:
    """Half of the old output stays."""
    t.h = 0.5 * t.h_prev + 0.5 * t.affine("h", t.x, t.h_prev)


def test_what_is_computed_does_not_depend_on_what_is_noted() -> None:
    def odd(t: Moment) -> None:
        v = np.asarray(t.affine("h", t.x, t.h_prev))
        v = np.concatenate([v[:1], v[1:]])
        v += 1
        t.h = np.maximum(v, t.h_prev.sum())

    made = cell(gates="h", state="h")(odd)
    assert isinstance(made, Cell)
    assert made.names == ("wx_h", "rh_h", "a_h", "h")
    assert made.notation.symbol("h") == "h_t"
