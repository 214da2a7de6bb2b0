"""The GRUs as they were published: one state, two gates, a candidate."""

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

# h lies between the old one and the candidate.
LOOKS = {
    "r": Look("forget"),
    "z": Look("input"),
    "n": Look("candidate"),
    "recalled": Look("forget"),
    "h": Look(scale="signed"),
}


def _draw(theme: Theme, language: Language, **variant: bool) -> Circuit:
    from lstmviz.stage.circuits.gru import GruCircuit

    return GruCircuit(theme, language, **variant)


@cell(gates="r z n", state="h", label="GRU", looks=LOOKS, circuit=_draw)
def gru(t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh) -> None:
    """GRU, reset after the product: Cho et al. 2014 (v1), as in PyTorch, cuDNN and Keras."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))  # how much of the past is recalled
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))  # how much of the old output stays
    t.past = t.recurrent("n", t.h_prev)
    t.recalled = t.r * t.past
    t.wx_n = t.input("n", t.x)
    t.a_n = t.wx_n + t.recalled
    t.n = tanh(t.a_n)  # the candidate
    t.rest = 1 - t.z  # how much of the candidate enters
    t.kept = t.z * t.h_prev
    t.added = t.rest * t.n
    t.h = t.kept + t.added


@cell(
    gates="r z n",
    state="h",
    label="GRU, reset before",
    family="gru",
    looks=LOOKS,
    circuit=partial(_draw, reset_after=False),
)
def gru_reset_before(t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh) -> None:
    """GRU, reset before the product: Cho et al. 2014 (v3), Learning Phrase Representations."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))
    t.recalled = t.r * t.h_prev
    t.n = tanh(t.affine("n", t.x, t.recalled))
    t.rest = 1 - t.z  # how much of the candidate enters
    t.kept = t.z * t.h_prev
    t.added = t.rest * t.n
    t.h = t.kept + t.added


@cell(
    gates="r z n",
    state="h",
    label="GRU of Chung et al.",
    family="gru",
    looks=LOOKS,
    circuit=partial(_draw, reset_after=False, keeps=False),
)
def gru_chung(t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh) -> None:
    """GRU whose z opens for the new: Chung et al. 2014, Empirical Evaluation of Gated RNNs."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))  # how much of the candidate enters
    t.recalled = t.r * t.h_prev
    t.n = tanh(t.affine("n", t.x, t.recalled))
    t.rest = 1 - t.z  # how much of the old output stays
    t.kept = t.rest * t.h_prev
    t.added = t.z * t.n
    t.h = t.kept + t.added
