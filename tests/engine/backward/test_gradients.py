"""Back-propagation through time against torch's autograd, as recorded, and finite differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derivatives import assert_ticks_agree, assert_whole_agrees

from lstmviz.demo.networks import demo_network
from lstmviz.demo.review import REVIEW
from lstmviz.engine.backward.gradients import gradients, jacobian_norms
from lstmviz.engine.model.activations import FUNCTIONS
from lstmviz.engine.model.cell import Cell, cell
from lstmviz.engine.model.cells import CELLS, find_cell
from lstmviz.engine.model.functions import relu, sigmoid
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.network import Layer, Network, Weights, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError
from lstmviz.load.run import run
from lstmviz.trace.trace import Trace

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "gradients").glob("*.npz"))
X = np.random.default_rng(5).normal(size=(5, 3))
STEP = 1e-6
NEAR = {"rtol": 1e-7, "atol": 1e-8}


@cell(gates="f g", state="h m", name="own")
def own(t: Moment) -> None:
    """A cell as a user may write it: coupled gates, a peephole, a rectifier, a centred memory."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev, t.param("p") * t.m_prev))
    t.g = relu(t.affine("g", t.x, t.f * t.h_prev))
    t.blend = t.f * t.m_prev + (1 - t.f) * t.g
    t.m = t.blend - t.blend.mean(axis=-1, keepdims=True)
    t.h = np.arctan(t.m) + 0.1 * t.g**2


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_autograd_agrees(path: Path) -> None:
    with np.load(path, allow_pickle=False) as stored:
        case: dict[str, dict[str, Any]] = {}
        for key in stored.files:
            part, name = key.split("/")
            case.setdefault(part, {})[name] = stored[key]
    compare = assert_whole_agrees if "layers" in path.stem else assert_ticks_agree
    compare(path.stem.split(".")[0], case)


def test_autograd_was_recorded_for_all_that_torch_has() -> None:
    assert {path.stem.split(".")[0] for path in FIXTURES} == {"lstm", "gru", "rnn", "rnn-relu"}


def with_weight(network: Network, name: str, place: tuple[int, ...], step: float) -> Network:
    (layer,) = network.layers[0]
    arrays = {key: array.copy() for key, array in layer.weights.arrays().items()}
    arrays[name][place] += step
    extras = {key: a for key, a in arrays.items() if key not in ("W", "R", "b", "rb")}
    weights = Weights(*(arrays[key] for key in ("W", "R", "b", "rb")), extras)
    return replace(network, layers=((replace(layer, weights=weights),),))


def moved(array: Any, place: tuple[int, ...], step: float) -> Any:
    copy = array.copy()
    copy[place] += step
    return copy


def slope(loss: Callable[[float], float]) -> float:
    return (loss(STEP) - loss(-STEP)) / (2 * STEP)


@pytest.fixture(params=[*CELLS, own], ids=lambda one: one.name)
def case(request: pytest.FixtureRequest) -> tuple[Network, Trace]:
    kind: Cell = request.param
    random = np.random.default_rng(1)
    plain = seeded(kind, 3, 4, seed=2)
    network = replace(
        plain, readout=Readout.of((random.normal(size=(2, 4)), random.normal(size=2)))
    )
    return network, run(
        X, network=network, initial=tuple(random.normal(size=4) * 0.5 for _ in kind.state)
    )


def loss_of(network: Network, trace: Trace, x: Any = X) -> float:
    output = run(x, network=network, initial=dict(trace.initial)).output
    assert output is not None
    return float(output[-1].sum())


@pytest.mark.slow
def test_weights_agree_with_finite_differences(case: tuple[Network, Trace]) -> None:
    network, trace = case
    found = gradients(trace, network)
    assert found.loss == pytest.approx(loss_of(network, trace), rel=1e-14)
    for name, array in network.layers[0][0].weights.arrays().items():
        assert found.weights[name].shape == (len(X), *array.shape)
        assert np.abs(found.norms(name)).max() > 0
        for place in list(np.ndindex(array.shape))[:: max(1, array.size // 9)]:
            expected = slope(
                lambda step, name=name, place=place: loss_of(  # type: ignore[misc]
                    with_weight(network, name, place, step), trace
                )
            )
            np.testing.assert_allclose(found.total(name)[place], expected, **NEAR)


def test_inputs_and_states_agree_with_finite_differences(case: tuple[Network, Trace]) -> None:
    network, trace = case
    found = gradients(trace, network)
    for place in np.ndindex(X.shape):
        expected = slope(lambda step, place=place: loss_of(network, trace, moved(X, place, step)))  # type: ignore[misc]
        np.testing.assert_allclose(found["x"][place], expected, **NEAR)
    for state in network.cell.state:
        for tick, unit in np.ndindex(len(X) - 1, 4):

            def loss(step: float, state: str = state, tick: int = tick, unit: int = unit) -> float:
                start = {s: trace[s][tick] for s in network.cell.state}
                start[state] = moved(start[state], (unit,), step)
                said = run(X[tick + 1 :], network=network, initial=start).output
                assert said is not None
                return float(said[-1].sum())

            np.testing.assert_allclose(found.carried[state][tick, unit], slope(loss), **NEAR)
    np.testing.assert_array_equal(found.carried["h"], found["h"])


def test_jacobians_agree_with_finite_differences(case: tuple[Network, Trace]) -> None:
    network, trace = case
    states = network.cell.state
    norms = jacobian_norms(trace, network)
    tick = 1
    start = np.concatenate([trace[state][tick] for state in states])

    def last(given: Any) -> Any:
        initial = dict(zip(states, np.split(given, len(states)), strict=True))
        told = run(X[tick + 1 :], network=network, initial=initial)
        return np.concatenate([told[state][-1] for state in states])

    columns = [
        (last(start + STEP * unit) - last(start - STEP * unit)) / (2 * STEP)
        for unit in np.eye(len(start))
    ]
    jacobian = np.stack(columns, axis=1)
    whole = norms["state" if len(states) > 1 else states[0]]
    np.testing.assert_allclose(whole[tick], np.linalg.norm(jacobian, 2), rtol=1e-6)
    first = norms[states[0]][tick]
    np.testing.assert_allclose(first, np.linalg.norm(jacobian[:4, :4], 2), rtol=1e-6)
    np.testing.assert_allclose([whole[-1], norms[states[0]][-1]], 1, rtol=1e-14)
    squares = jacobian_norms(trace, network, norm="frobenius")
    whole = squares["state" if len(states) > 1 else states[0]]
    np.testing.assert_allclose(whole[tick], np.linalg.norm(jacobian), rtol=1e-6)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_jacobians_reach_back_to_the_initial_state(direction: Any) -> None:
    network = seeded("gru", 3, 4, seed=2, bidirectional=True)
    trace = run(X, network=network).layer(1, direction)
    ticks = X if direction == "forward" else X[::-1]
    own = network.layers[0][0 if direction == "forward" else 1]
    alone = Network(((replace(own, direction="forward"),),))

    def last(start: Any) -> Any:
        return run(ticks, network=alone, initial=start)["h"][-1]

    columns = [(last(STEP * unit) - last(-STEP * unit)) / (2 * STEP) for unit in np.eye(4)]
    place = 0 if direction == "forward" else -1
    for norm, order in (("spectral", 2), ("frobenius", None)):
        felt: Any = jacobian_norms(trace, network, norm=norm, initial=True)["h"]  # type: ignore[arg-type]
        expected = np.linalg.norm(np.stack(columns, axis=1), order)  # type: ignore[call-overload]
        np.testing.assert_allclose(felt[place], expected, rtol=1e-6)
        without = jacobian_norms(trace, network, norm=norm)["h"]  # type: ignore[arg-type]
        np.testing.assert_array_equal(np.delete(felt, place), without)


def test_there_are_two_norms(case: tuple[Network, Trace]) -> None:
    network, trace = case
    with pytest.raises(UsageError, match="no norm 'nuclear'; choose one of: spectral, frobenius"):
        jacobian_norms(trace, network, norm="nuclear")  # type: ignore[arg-type]


def test_a_projection_carries_states_of_two_widths() -> None:
    random = np.random.default_rng(4)
    sizes = ((16, 3), (16, 2), (16,), (16,))
    weights = Weights(
        *(random.normal(size=size) for size in sizes), {"W_hr": random.normal(size=(2, 4))}
    )
    network = Network(((Layer(find_cell("lstm-projected"), weights),),))
    trace = run(X, network=network)
    found = gradients(trace, network)
    assert (found.carried["h"].shape, found.carried["c"].shape) == ((5, 2), (5, 4))
    for place in np.ndindex(2, 4):
        expected = slope(
            lambda step, place=place: (
                gradients(  # type: ignore[misc]
                    X, with_weight(network, "W_hr", place, step)
                ).loss
            )
        )
        np.testing.assert_allclose(found.total("W_hr")[place], expected, **NEAR)
    norms = jacobian_norms(trace, network)
    ends = np.stack([gradients(trace, network, of=row).carried["c"][0] for row in np.eye(2)])
    np.testing.assert_allclose(norms["h from c"][0], np.linalg.norm(ends, 2), rtol=1e-12)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - {"gelu"}))
def test_every_function_that_a_configuration_may_choose(name: str) -> None:
    kind = find_cell("rnn").configured({"tanh": FUNCTIONS[name]})
    network = seeded(kind, 3, 4, seed=6)
    felt = gradients(X[:3], network)
    for place in np.ndindex(3, 3):
        expected = slope(lambda s, at=place: gradients(moved(X[:3], at, s), network).loss)  # type: ignore[misc]
        np.testing.assert_allclose(felt["x"][place], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("merge", ["concat", "sum", "ave", "mul"])
@pytest.mark.few(2)
@pytest.mark.slow
def test_layers_whose_directions_are_merged_in_any_way(merge: Any) -> None:
    inputs = 6 if merge == "concat" else 3
    first, second = (seeded("gru", size, 3, seed=3, bidirectional=True) for size in (3, inputs))
    network = Network((*first.layers, *second.layers), merges=(merge, merge))
    of = np.random.default_rng(2).normal(size=(len(X), inputs))
    trace = run(X, network=network)
    felt = gradients(trace, network, of=of).readings
    found = felt.layer(1, "forward")["x"] + felt.layer(1, "backward")["x"]

    for place in np.ndindex(X.shape):

        def loss(step: float, place: tuple[int, ...] = place) -> float:
            return gradients(moved(X, place, step), network, of=of).loss

        np.testing.assert_allclose(found[place], slope(loss), **NEAR)


def test_every_reading_has_a_gradient_and_the_parts_of_a_sum_have_that_of_the_sum() -> None:
    network = seeded("lstm-peephole", 3, 4)
    trace = run(X, network=network)
    found = gradients(trace, network)
    assert found.readings.names == trace.names
    for gate in "figo":
        np.testing.assert_array_equal(found[f"wx_{gate}"], found[f"a_{gate}"])
    np.testing.assert_array_equal(found["pc_o"], found["a_o"])
    np.testing.assert_allclose(found["f"], found["kept"] * trace["c_prev"], rtol=1e-14)
    np.testing.assert_allclose(found["a_f"], found["f"] * trace["f"] * (1 - trace["f"]), rtol=1e-12)
    np.testing.assert_array_equal(found["kept"], found["c"])


def test_the_two_conventions_of_z_have_opposite_gradients() -> None:
    before = seeded("gru-reset-before", 3, 4)
    (layer,) = before.layers[0]
    sign = np.repeat([1.0, -1.0, 1.0], 4)
    w = layer.weights
    turned = Weights(w.W * sign[:, None], w.R * sign[:, None], w.b * sign, w.rb * sign)
    chung = Network(((Layer(find_cell("gru-chung"), turned),),))
    one, other = gradients(X, before), gradients(X, chung)
    for name in ("W", "R"):
        theirs = other.total(name) * sign[:, None]
        np.testing.assert_allclose(one.total(name), theirs, rtol=1e-12, atol=1e-14)


def test_any_sum_of_outputs_can_be_the_loss() -> None:
    network = demo_network("gru")
    trace = run("I liked it, but never again.", network=network)
    at_but = gradients(trace, network, at="but")
    assert trace.output is not None
    assert at_but.loss == pytest.approx(float(trace.output[4, 0]), rel=1e-12)
    assert not at_but["h"][5:].any()
    assert at_but["h"][:5].all()
    weights = np.zeros((len(trace), 1))
    weights[4] = 2
    np.testing.assert_allclose(gradients(trace, network, of=weights)["h"], 2 * at_but["h"])
    assert gradients("I liked it, but never again.", network, at=-4).loss == at_but.loss


def test_the_trained_lstm_remembers_by_its_cell_state() -> None:
    network = demo_network("lstm")
    filler = "This box gave me a box. " * 6
    norms = jacobian_norms(run(f"Amazing! {filler}", network=network), network)
    assert norms["c"][2] > 0.3
    assert norms["c"][2] > 10 * norms["h"][2]


def test_the_trained_rnn_feels_the_first_words_least() -> None:
    network = demo_network("rnn")
    trace = run(REVIEW, network=network)
    norms = gradients(trace, network).norms("R")
    assert norms[1:4].max() < 0.01 * norms[-4:].min()
    assert jacobian_norms(trace, network).keys() == {"h"}


def test_a_trace_in_float32_gives_nearly_the_same() -> None:
    network = seeded("lstm", 3, 4)
    coarse = gradients(run(X, network=network, dtype="float32"), network)
    np.testing.assert_allclose(coarse["c"], gradients(X, network)["c"], rtol=1e-3, atol=1e-5)
    assert coarse["c"].dtype == np.float64


def test_gradients_are_frozen_and_listed() -> None:
    found = gradients(X, seeded("rnn", 3, 4))
    with pytest.raises(ValueError, match="read-only"):
        found.weights["R"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        found["h"][0] = 1
    with pytest.raises(UsageError, match="no weight 'U'; choose one of: W, R, b, rb"):
        found.total("U")
    with pytest.raises(UsageError, match="no reading 'c'"):
        found["c"]


@pytest.mark.parametrize(
    "other",
    [
        seeded("rnn", 3, 4, seed=1),
        seeded("rnn", 3, 5),
        seeded("gru", 3, 4),
        seeded("rnn", 3, 4, depth=2),
    ],
)
def test_the_trace_of_another_network_is_refused(other: Network) -> None:
    trace = run(X, network=seeded("rnn", 3, 4))
    for function in (gradients, jacobian_norms):
        with pytest.raises(UsageError, match="not of this network"):
            function(trace, other)  # type: ignore[operator]


def test_a_loss_of_another_shape_is_refused() -> None:
    with pytest.raises(UsageError, match=r"`of` has the shape \(3,\); give \(4,\).*\(5, 4\)"):
        gradients(X, seeded("rnn", 3, 4), of=[1, 2, 3])


def test_only_the_weights_that_are_wanted_are_kept() -> None:
    network = demo_network("lstm")
    every, some = (gradients("I liked it.", network, weights=names) for names in (None, ["R"]))
    assert [*some.weights] == ["R"]
    np.testing.assert_array_equal(some.weights["R"], every.weights["R"])
    with pytest.raises(UsageError, match="no weight 'W'; choose one of: R"):
        some.total("W")
