"""Moment and Cell: naming a value records it, once."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.forward.unroll import unroll
from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.functions import sigmoid, tanh
from lstmviz.engine.model.moment import Moment, Parts
from lstmviz.engine.model.network import Layer, Weights, seeded
from lstmviz.errors import UsageError

LSTM = find_cell("lstm")


@cell(gates="f g", state="h")
def minimal(t: Moment) -> None:
    """Minimal gated unit: Zhou et al. 2016."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev))
    t.recalled = t.f * t.h_prev
    t.g = tanh(t.affine("g", t.x, t.recalled))
    t.h = (1 - t.f) * t.h_prev + t.f * t.g


def moment(units: int = 2, inputs: int = 3) -> Moment:
    random = np.random.default_rng(0)
    W, R, b, rb = (random.normal(size=s) for s in ((4, inputs), (4, units), 4, 4))
    x, h = random.normal(size=inputs), random.normal(size=units)
    parts = Parts(("f", "g"), W, R, b, rb, {"p_f": np.array([5.0, 7.0])})
    return Moment(parts, W @ x + b, {"x": x, "h_prev": h})


def test_a_cell_of_somebody_else_is_ten_lines() -> None:
    assert minimal.name == "minimal"
    assert minimal.title == "Minimal gated unit: Zhou et al. 2016."
    assert minimal.names == (
        *("wx_f", "rh_f", "a_f", "f", "recalled", "wx_g", "rh_g", "a_g", "g", "h"),
    )
    trace = lstmviz.run([0.5, -1, 2], cell=minimal, hidden=3)
    assert trace["recalled"].shape == (3, 3)
    f, g, before = trace["f"], trace["g"], trace["h_prev"]
    np.testing.assert_allclose(trace["h"], (1 - f) * before + f * g)
    np.testing.assert_allclose(trace["f"], 1 / (1 + np.exp(-trace["wx_f"] - trace["rh_f"])))


def test_a_cell_knows_its_gates_states_and_further_weights() -> None:
    assert LSTM.gates == ("f", "i", "g", "o")
    assert LSTM.state == ("h", "c")
    assert LSTM.output == "h"
    assert LSTM.params == ()
    assert find_cell("lstm-peephole").params == ("p_f", "p_i", "p_o")
    assert [name for name in LSTM.names if "_" not in name] == (
        "f i g kept added c o shown h".split()
    )


def test_a_name_is_written_once() -> None:
    t = moment()
    t.f = np.ones(2)
    with pytest.raises(AttributeError, match=r"'f' is written a second time.*x, h_prev, f"):
        t.f = np.ones(2)
    with pytest.raises(AttributeError, match="second time"):
        t.x = np.ones(3)
    with pytest.raises(AttributeError, match="reserved"):
        t._f = np.ones(2)
    with pytest.raises(AttributeError, match="stays"):
        del t.f


def test_an_unknown_read_lists_what_there_is() -> None:
    t = moment()
    t.f = np.ones(2)
    with pytest.raises(AttributeError, match=r"no 'forget' at this tick; there is: x, h_prev, f"):
        t.forget  # noqa: B018


def test_an_unknown_gate_or_weight_lists_what_there_is() -> None:
    t = moment()
    with pytest.raises(UsageError, match="no gate 'q'; its gates are: f, g"):
        t.affine("q", t.x, t.h_prev)
    with pytest.raises(UsageError, match="'p_g'.*p_f"):
        t.param("p_g")
    np.testing.assert_array_equal(t.param("p_f"), [5, 7])


def test_affine_is_input_plus_recurrent_whatever_the_operands() -> None:
    for fresh in (False, True):
        t, u = moment(), moment()
        # A copy is not this tick's own x or h_prev: the shared products must not be used.
        x, h = (t.x.copy(), t.h_prev.copy()) if fresh else (t.x, t.h_prev)
        a = t.affine("g", x, h)
        np.testing.assert_allclose(a, u.input("g", u.x) + u.recurrent("g", u.h_prev), rtol=1e-12)
        np.testing.assert_array_equal(a, t.a_g)
    t = moment()
    a, other = t.affine("g", t.x, 2 * t.h_prev), moment()
    np.testing.assert_allclose(
        a, other.input("g", 1 * other.x) + other.recurrent("g", 2 * other.h_prev), rtol=1e-12
    )
    assert np.abs(a - moment().affine("g", other.x, other.h_prev)).max() > 0.1


@pytest.mark.parametrize(
    ("equations", "sentence"),
    [
        (lambda t: None, "never writes its state 'h'; it records: nothing"),
        (lambda t: setattr(t, "h", 0.5), "'h', which is not a vector"),
        (lambda t: t.affine("z", t.x, t.h_prev), "no gate 'z'"),
    ],
)
def test_equations_that_cannot_be_are_refused_at_once(equations, sentence: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=sentence):
        cell(gates="f", state="h", name="wrong")(equations)


def test_gates_need_names_of_their_own() -> None:
    with pytest.raises(UsageError, match="each with its own name"):
        cell(gates="f f", state="h", name="twice")(lambda t: None)


def test_equations_must_record_the_same_at_every_tick() -> None:
    @cell(gates="f", state="h")
    def fickle(t: Moment) -> None:
        t.h = t.affine("f", t.x, t.h_prev)
        if t.x[0] > 5:
            t.extra = t.h

    layer = seeded(fickle, 1, 2).layers[0][0]
    with pytest.raises(UsageError, match="'fickle' records other names or shapes at tick 2"):
        unroll(layer, np.array([[1.0], [2.0], [9.0]]), {"h": np.zeros(2)})


def test_a_backward_layer_starts_at_the_end_and_stands_at_its_input() -> None:
    forward = seeded("lstm", 3, 4).layers[0][0]
    backward = Layer(forward.cell, forward.weights, "backward")
    x = np.random.default_rng(0).normal(size=(5, 3))
    start = {"h": np.full(4, 0.3), "c": np.full(4, -0.2)}
    one, other = unroll(forward, x[::-1], start), unroll(backward, x, start)
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name][::-1], other[name])


def test_weights_of_a_wrong_shape_are_refused() -> None:
    W, R, b = np.zeros((8, 3)), np.zeros((8, 2)), np.zeros(8)
    Layer(LSTM, Weights(W, R, b, b))
    with pytest.raises(UsageError, match=r"R has the shape \(8, 3\).*needs \(8, 2\)"):
        Layer(LSTM, Weights(W, W, b, b))
    with pytest.raises(UsageError, match=r"rb has the shape \(4,\)"):
        Layer(LSTM, Weights(W, R, b, b[:4]))
    with pytest.raises(UsageError, match=r"W has the shape \(7, 3\)"):
        Layer(LSTM, Weights(W[:7], R, b, b))
    with pytest.raises(UsageError, match="needs the weight 'p_f'"):
        Layer(find_cell("lstm-peephole"), Weights(W, R, b, b))
    with pytest.raises(UsageError, match="no use for the weight 'p_f'"):
        Layer(LSTM, Weights(W, R, b, b, {"p_f": np.zeros(2)}))
    with pytest.raises(UsageError, match="'forward' or 'backward'"):
        Layer(LSTM, Weights(W, R, b, b), "sideways")  # type: ignore[arg-type]
