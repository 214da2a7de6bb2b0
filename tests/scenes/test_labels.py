"""The labels of readings: do numbers follow from the weights as the label above them says?"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from labels import Evaluator, assert_labels_hold
from walking import walked

import lstmviz
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.network import Network, seeded
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.notation import quantity, sum_of
from lstmviz.system.json_fields import Fields
from lstmviz.trace.notation import notation_of
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

MGU = Path(__file__).parents[2] / "docs" / "examples" / "mgu.py"
EARLIER = [cell.name for cell in CELLS if cell.name != "ugrnn"]  # when files did not say it yet
INPUT = np.array([[0.4, -1.1], [1.3, 0.2], [-0.6, 0.9]])


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """A third party's cell, with a circuit and a story."""
    spec = importlib.util.spec_from_file_location("mgu_example", MGU)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def network(cell: Cell | str, *, without: str = "") -> Network:
    """A network of 3 units with both biases at every gate; `without` names gates that lack rb."""
    whole = seeded(cell, 2, 3, seed=5)
    layer = whole.layers[0][0]
    weights = layer.weights
    rb = weights.rb.reshape(len(layer.cell.gates), -1).copy()
    for k, gate in enumerate(layer.cell.gates):
        rb[k] *= gate not in without
    assert np.all([weights.b, weights.rb])
    return replace(whole, layers=((replace(layer, weights=replace(weights, rb=rb.ravel())),),))


@pytest.mark.parametrize("cell", [*(cell.name for cell in CELLS), "mgu"])
@pytest.mark.parametrize("without", ["", "rnfh"])
@pytest.mark.parametrize("kept", ["recorded", "of an earlier version"])
def test_every_symbol_says_what_is_computed(
    cell: str, without: str, kept: str, example: ModuleType
) -> None:
    own = network(example.mgu if cell == "mgu" else cell, without=without)
    trace = lstmviz.run(INPUT, network=own)
    if kept != "recorded":
        ((key, recording),) = trace.recordings.items()
        of_then = Fields({"activations": dict(trace.activations)}, "a layer")
        known = notation_of(of_then, cell, recording.values, recording.initial, backward=False)
        trace = replace(trace, recordings={key: replace(recording, notation=known)})
    notation, layer = trace.notation, own.layers[0][0]
    for tick in range(len(trace)):
        said = Evaluator(trace, layer, tick)
        for name in (*trace.names, *(f"{state}_prev" for state in trace.initial)):
            symbol = quantity(name, cell=notation).symbol
            assert np.allclose(said(symbol), trace[name][tick], atol=1e-9), (name, symbol)
        for gate in layer.cell.gates:
            parts, formula = sum_of(gate, cell=notation)
            if kept == "recorded" or cell in EARLIER:
                left, right = formula.split(" = ")
                assert np.allclose(said(right), said(left), atol=1e-9), formula
                assert all(part in trace for part in parts)
    biased = {gate for gate in layer.cell.gates if gate not in without}
    if kept == "recorded":
        for name, product in trace.notation.weighed.items():
            assert ("b_(R" in quantity(name, cell=notation).symbol) == (
                product.matrix == "R" and product.gate in biased and not cell.startswith("rnn")
            )


def test_a_trace_keeps_what_its_readings_are_products_of(tmp_path: Path) -> None:
    trace = lstmviz.run(INPUT, network=network("gru-reset-before", without="z"))
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz").notation.weighed
    assert dict(again) == dict(trace.notation.weighed)
    assert [again["rh_n"].operand, again["rh_n"].bias, again["rh_z"].bias] == [
        "recalled",
        True,
        False,
    ]


@pytest.mark.verify
def test_the_labels_of_somebody_elses_cell_say_what_is_below_them(example: ModuleType) -> None:
    own = network(example.mgu)
    trace = lstmviz.run(INPUT, network=own)
    assert assert_labels_hold(walked(example.MinimalGatedUnit, trace), own) > 1
    told = walked(find_story("tanh"), trace)
    assert assert_labels_hold(told, own) > 1
    labels = [label.source for still in told.stills for label in still.labels]
    assert any("R_n (f_t dot.o h_(t-1))" in source for source in labels)


def test_a_wrong_label_is_found() -> None:
    own = network("lstm")
    said = Evaluator(trace := lstmviz.run(INPUT, network=own), own.layers[0][0], 1)
    assert np.allclose(said("R_f h_(t-1) + b_(R f)"), trace["rh_f"][1])
    for wrong in ("R_f h_(t-1)", "R_f h_(t-1) + b_f", "R_i h_(t-1) + b_(R f)", "W_f x_t + b_f"):
        assert not np.allclose(said(wrong), trace["rh_f"][1])
    with pytest.raises(AssertionError):
        said("R_f h_(t-1) ?")
