"""The LSTM and its published variants: a memory c beside the output h."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import sigmoid, tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.sketch import Function
from lstmviz.style.notation import Look

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme

LOOKS = {
    "f": Look("forget"),
    "i": Look("input"),
    "g": Look("candidate"),
    "o": Look("output"),
    "added": Look("input"),
    "shown": Look("h"),
}


def _draw(theme: Theme, language: Language, **variant: bool) -> Circuit:
    from lstmviz.stage.circuits.lstm import LstmCircuit

    return LstmCircuit(theme, language, **variant)


@cell(gates="f i g o", state="h c", label="LSTM", looks=LOOKS, circuit=_draw)
def lstm(
    t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh, squash: Function = tanh
) -> None:
    """LSTM: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev))  # how much of the old memory stays
    t.i = sigmoid(t.affine("i", t.x, t.h_prev))  # how much of the candidate enters
    t.g = tanh(t.affine("g", t.x, t.h_prev))  # the candidate
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev))  # how much of the memory is shown
    t.shown = squash(t.c)
    t.h = t.o * t.shown


@cell(
    gates="f i g o",
    state="h c",
    label="LSTM with peepholes",
    family="lstm",
    looks=LOOKS,
    circuit=partial(_draw, peepholes=True),
)
def lstm_peephole(
    t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh, squash: Function = tanh
) -> None:
    """LSTM whose gates see the memory: Gers, Schraudolph & Schmidhuber 2002."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev, t.param("p_f") * t.c_prev))
    t.i = sigmoid(t.affine("i", t.x, t.h_prev, t.param("p_i") * t.c_prev))
    t.g = tanh(t.affine("g", t.x, t.h_prev))
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev, t.param("p_o") * t.c))  # the new memory
    t.shown = squash(t.c)
    t.h = t.o * t.shown


@cell(
    gates="i g o",
    state="h c",
    label="LSTM, coupled gates",
    family="lstm",
    looks=LOOKS,
    circuit=partial(_draw, coupled=True),
)
def lstm_coupled(
    t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh, squash: Function = tanh
) -> None:
    """LSTM that forgets as much as it writes: Greff et al. 2015, A Search Space Odyssey."""
    t.i = sigmoid(t.affine("i", t.x, t.h_prev))
    t.f = 1 - t.i
    t.g = tanh(t.affine("g", t.x, t.h_prev))
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev))
    t.shown = squash(t.c)
    t.h = t.o * t.shown


@cell(
    gates="i g o",
    state="h c",
    label="LSTM, coupled, peepholes",
    family="lstm",
    looks=LOOKS,
    circuit=partial(_draw, coupled=True, peepholes=True),
)
def lstm_coupled_peephole(
    t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh, squash: Function = tanh
) -> None:
    """LSTM that forgets as much as it writes, with gates that see the memory: Greff et al. 2015."""
    t.i = sigmoid(t.affine("i", t.x, t.h_prev, t.param("p_i") * t.c_prev))
    t.f = 1 - t.i
    t.g = tanh(t.affine("g", t.x, t.h_prev))
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev, t.param("p_o") * t.c))
    t.shown = squash(t.c)
    t.h = t.o * t.shown


@cell(
    gates="f i g o",
    state="h c",
    label="LSTM with projection",
    family="lstm",
    looks=LOOKS,
    circuit=partial(_draw, projected=True),
)
def lstm_projected(
    t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh, squash: Function = tanh
) -> None:
    """LSTM with fewer outputs than units: Sak, Senior & Beaufays 2014, as in PyTorch."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev))
    t.i = sigmoid(t.affine("i", t.x, t.h_prev))
    t.g = tanh(t.affine("g", t.x, t.h_prev))
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev))
    t.shown = squash(t.c)
    t.full = t.o * t.shown  # what an LSTM without projection would give
    t.h = t.project(t.full)
