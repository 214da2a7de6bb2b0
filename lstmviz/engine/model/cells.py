"""The cells of the papers: equations only.

In all of them W is what the input passes through and R what the previous output passes
through: `t.affine("f", t.x, t.h_prev)` is W_f x + b_f + R_f h + rb_f. A published variant
that computes something else is a cell of its own name. The functions among the arguments
are those that a network's configuration may replace, under these names (`Cell.configured`).
"""

from __future__ import annotations

from importlib.metadata import entry_points

from lstmviz.engine.model.cell import Cell, Function, Moment, cell
from lstmviz.engine.model.functions import relu, sigmoid, tanh
from lstmviz.errors import UsageError


@cell(gates="h", state="h")
def rnn(t: Moment, tanh: Function = tanh) -> None:
    """Simple recurrent network: Elman 1990, Finding Structure in Time."""
    t.h = tanh(t.affine("h", t.x, t.h_prev))


@cell(gates="h", state="h")
def rnn_relu(t: Moment, relu: Function = relu) -> None:
    """Simple recurrent network with rectified units: Le, Jaitly & Hinton 2015."""
    t.h = relu(t.affine("h", t.x, t.h_prev))


@cell(gates="f i g o", state="h c")
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


@cell(gates="f i g o", state="h c")
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


@cell(gates="i g o", state="h c")
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


@cell(gates="i g o", state="h c")
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


@cell(gates="f i g o", state="h c")
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


@cell(gates="r z n", state="h")
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


@cell(gates="r z n", state="h")
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


@cell(gates="r z n", state="h")
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


CELLS: tuple[Cell, ...] = (
    rnn,
    rnn_relu,
    lstm,
    lstm_peephole,
    lstm_coupled,
    lstm_coupled_peephole,
    lstm_projected,
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
