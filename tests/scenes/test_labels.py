"""Every label of every story: do the numbers below it follow from the weights as it says?"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from labels import Evaluator, plain
from walking import FILM, STORIES, Walk, walked

import lstmviz
from lstmviz.engine.cell import Cell
from lstmviz.engine.cells import CELLS, find_cell
from lstmviz.engine.network import Network, seeded
from lstmviz.gallery import find_story
from lstmviz.notation import Notation, quantity, read_back, sum_of
from lstmviz.trace import Reading, Trace

MGU = Path(__file__).parents[2] / "docs" / "examples" / "mgu.py"
INPUT = np.array([[0.4, -1.1], [1.3, 0.2], [-0.6, 0.9]])
WEIGHED = ("forget-gate", "input-gate", "output-gate", "reset-gate", "update-gate", "gru-cell",
           "rnn-cell", "sigmoid", "tanh")  # fmt: skip


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


def assert_labels_hold(told: Walk, of: Network) -> int:
    """Compute what every label says, and give how many name weights."""
    layer, weighed = of.layers[0][0], 0
    for still in told.stills:
        for label in still.labels:
            reading, source, tick = label.reading, label.source, still.tick
            if reading is not None:
                trace = next(each for each in told.sources if holds(each, reading))
                true, tick = reading.value, reading.tick
            else:
                left, source = source.split(" = ")
                name = left.removesuffix("_t")
                if name not in told.trace or source.isdigit():
                    continue  # about any value of a curve, or where a scale begins
                letters = set(re.findall(r"\b([a-z])_t", source))
                trace = next((each for each in told.sources if all(x in each for x in letters)),
                             told.trace)  # fmt: skip
                true = trace[name][tick]
            said = Evaluator(trace, layer, tick)(source)
            assert np.allclose(said, true, atol=1e-9), (told.story, still.step, label.source)
            weighed += "W" in source or "R" in source
    for still, step in zip(told.stills, told.steps, strict=True):
        for name, numbers in re.findall(r"([^;:]*[WR][^;:=]*) = ([^;]*?)[;.](?: |$)",
                                        step.alt.partition("On screen:")[2]):  # fmt: skip
            said = Evaluator(told.trace, layer, still.tick)(plain(name))
            for number in map(read_back, numbers.split(", ")):
                assert np.abs(said - number).min() < 0.00501, (told.story, step.name, step.alt)
    return weighed


def holds(trace: Trace, reading: Reading) -> bool:
    return reading.name in trace and np.array_equal(trace[reading.name][reading.tick], reading)


@pytest.mark.parametrize("cell", [*(cell.name for cell in CELLS), "mgu"])
@pytest.mark.parametrize("without", ["", "rnfh"])
@pytest.mark.parametrize("kept", ["recorded", "of an earlier version"])
def test_every_symbol_says_what_is_computed(
    cell: str, without: str, kept: str, example: ModuleType
) -> None:
    own = network(example.mgu if cell == "mgu" else cell, without=without)
    trace = lstmviz.run(INPUT, network=own)
    if kept != "recorded":
        (key, recording), = trace.recordings.items()  # fmt: skip
        trace = replace(trace, recordings={key: replace(recording, weighed={})})
    notation, layer = Notation.of(trace), own.layers[0][0]
    for tick in range(len(trace)):
        said = Evaluator(trace, layer, tick)
        for name in (*trace.names, *(f"{state}_prev" for state in trace.initial)):
            symbol = quantity(name, cell=notation).symbol
            assert np.allclose(said(symbol), trace[name][tick], atol=1e-9), (name, symbol)
        for gate in layer.cell.gates:
            parts, formula = sum_of(gate, cell=notation)
            if kept == "recorded" or cell != "mgu":
                left, right = formula.split(" = ")
                assert np.allclose(said(right), said(left), atol=1e-9), formula
            assert all(part in trace for part in parts)
    biased = {gate for gate in layer.cell.gates if gate not in without}
    if kept == "recorded":
        for name, product in trace.weighed.items():
            assert ("b_(R" in quantity(name, cell=notation).symbol) == (
                product.matrix == "R" and product.gate in biased and not cell.startswith("rnn")
            )


def test_a_trace_keeps_what_its_readings_are_products_of(tmp_path: Path) -> None:
    trace = lstmviz.run(INPUT, network=network("gru-reset-before", without="z"))
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz").weighed
    assert dict(again) == dict(trace.weighed)
    assert [again["rh_n"].operand, again["rh_n"].bias, again["rh_z"].bias] == [
        "recalled", True, False,
    ]  # fmt: skip


PAIRS = [
    pytest.param(story, cell, marks=[] if k == n % len(cells) else [pytest.mark.thorough])
    for n, story in enumerate(STORIES)
    if story != FILM
    for cells in [find_story(story).fitting_cells()]
    for k, cell in enumerate(cells)
]


@pytest.mark.parametrize(("story", "cell"), PAIRS)
def test_every_label_of_a_story_says_what_is_below_it(story: str, cell: str) -> None:
    own = network(find_cell(cell))
    told = walked(find_story(story), lstmviz.run(INPUT, network=own))
    weighed = assert_labels_hold(told, own)
    assert weighed or story not in WEIGHED


def test_the_labels_of_somebody_elses_cell_say_what_is_below_them(example: ModuleType) -> None:
    own = network(example.mgu)
    trace = lstmviz.run(INPUT, network=own)
    assert assert_labels_hold(walked(example.MinimalGatedUnit, trace), own) > 1
    told = walked(find_story("tanh"), trace)
    assert assert_labels_hold(told, own) > 1
    assert any('"seen"' in label.source for still in told.stills for label in still.labels)


def test_a_wrong_label_is_found() -> None:
    own = network("lstm")
    said = Evaluator(trace := lstmviz.run(INPUT, network=own), own.layers[0][0], 1)
    assert np.allclose(said("R_f h_(t-1) + b_(R f)"), trace["rh_f"][1])
    for wrong in ("R_f h_(t-1)", "R_f h_(t-1) + b_f", "R_i h_(t-1) + b_(R f)", "W_f x_t + b_f"):
        assert not np.allclose(said(wrong), trace["rh_f"][1])
    with pytest.raises(AssertionError):
        said("R_f h_(t-1) ?")
