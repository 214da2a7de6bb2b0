"""The simple recurrent networks: one layer, whose output is its state."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import relu, tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.sketch import Function

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme


def _draw(theme: Theme, language: Language, function: str = "tanh") -> Circuit:
    from lstmviz.stage.circuits.rnn import RnnCircuit

    return RnnCircuit(theme, language, function=function)


@cell(gates="h", state="h", label="RNN", circuit=_draw)
def rnn(t: Moment, tanh: Function = tanh) -> None:
    """Simple recurrent network: Elman 1990, Finding Structure in Time."""
    t.h = tanh(t.affine("h", t.x, t.h_prev))


@cell(
    gates="h",
    state="h",
    label="RNN with ReLU",
    family="rnn",
    circuit=partial(_draw, function="relu"),
)
def rnn_relu(t: Moment, relu: Function = relu) -> None:
    """Simple recurrent network with rectified units: Le, Jaitly & Hinton 2015."""
    t.h = relu(t.affine("h", t.x, t.h_prev))
