"""The cells of the papers: equations only.

In all of them W is what the input passes through and R what the previous output passes
through: `t.affine("f", t.x, t.h_prev)` is W_f x + b_f + R_f h + rb_f. A published variant
that computes something else is a cell of its own name.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from lstmviz.engine.cell import Cell, Moment, cell
from lstmviz.engine.functions import relu, sigmoid, tanh
from lstmviz.errors import UsageError


@cell(gates="h", state="h")
def rnn(t: Moment) -> None:
    """Simple recurrent network: Elman 1990, Finding Structure in Time."""
    t.h = tanh(t.affine("h", t.x, t.h_prev))


@cell(gates="h", state="h")
def rnn_relu(t: Moment) -> None:
    """Simple recurrent network with rectified units: Le, Jaitly & Hinton 2015."""
    t.h = relu(t.affine("h", t.x, t.h_prev))


@cell(gates="f i g o", state="h c")
def lstm(t: Moment) -> None:
    """LSTM: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev))  # how much of the old memory stays
    t.i = sigmoid(t.affine("i", t.x, t.h_prev))  # how much of the candidate enters
    t.g = tanh(t.affine("g", t.x, t.h_prev))  # the candidate
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev))  # how much of the memory is shown
    t.shown = tanh(t.c)
    t.h = t.o * t.shown


@cell(gates="f i g o", state="h c")
def lstm_peephole(t: Moment) -> None:
    """LSTM whose gates see the memory: Gers, Schraudolph & Schmidhuber 2002."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev, t.param("p_f") * t.c_prev))
    t.i = sigmoid(t.affine("i", t.x, t.h_prev, t.param("p_i") * t.c_prev))
    t.g = tanh(t.affine("g", t.x, t.h_prev))
    t.kept = t.f * t.c_prev
    t.added = t.i * t.g
    t.c = t.kept + t.added
    t.o = sigmoid(t.affine("o", t.x, t.h_prev, t.param("p_o") * t.c))  # the new memory
    t.shown = tanh(t.c)
    t.h = t.o * t.shown


@cell(gates="r z n", state="h")
def gru(t: Moment) -> None:
    """GRU, reset after the product: Cho et al. 2014 (v1), as in PyTorch, cuDNN and Keras."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))  # how much of the past is recalled
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))  # how much of the old output stays
    t.past = t.recurrent("n", t.h_prev)
    t.recalled = t.r * t.past
    t.wx_n = t.input("n", t.x)
    t.a_n = t.wx_n + t.recalled
    t.n = tanh(t.a_n)  # the candidate
    t.kept = t.z * t.h_prev
    t.added = (1 - t.z) * t.n
    t.h = t.kept + t.added


@cell(gates="r z n", state="h")
def gru_reset_before(t: Moment) -> None:
    """GRU, reset before the product: Cho et al. 2014 (v3), Learning Phrase Representations."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))
    t.recalled = t.r * t.h_prev
    t.n = tanh(t.affine("n", t.x, t.recalled))
    t.kept = t.z * t.h_prev
    t.added = (1 - t.z) * t.n
    t.h = t.kept + t.added


@cell(gates="r z n", state="h")
def gru_chung(t: Moment) -> None:
    """GRU whose z opens for the new: Chung et al. 2014, Empirical Evaluation of Gated RNNs."""
    t.r = sigmoid(t.affine("r", t.x, t.h_prev))
    t.z = sigmoid(t.affine("z", t.x, t.h_prev))  # how much of the candidate enters
    t.recalled = t.r * t.h_prev
    t.n = tanh(t.affine("n", t.x, t.recalled))
    t.kept = (1 - t.z) * t.h_prev
    t.added = t.z * t.n
    t.h = t.kept + t.added


CELLS: tuple[Cell, ...] = (
    rnn,
    rnn_relu,
    lstm,
    lstm_peephole,
    gru,
    gru_reset_before,
    gru_chung,
)


def find_cell(name: str) -> Cell:
    """The cell of that name: ours, or one that a package offers as entry point `lstmviz.cells`.

    Raises:
        UsageError: there is none, or the entry point does not give a Cell.
    """
    for known in CELLS:
        if known.name == name:
            return known
    offered = {point.name: point for point in entry_points(group="lstmviz.cells")}
    if name not in offered:
        names = ", ".join([*(known.name for known in CELLS), *offered])
        raise UsageError(f"There is no cell '{name}'; choose one of: {names}.")
    found = offered[name].load()
    if not isinstance(found, Cell):
        raise UsageError(
            f"The entry point '{name}' ({offered[name].value}) gives no Cell; "
            "decorate its function with @cell."
        )
    return found
