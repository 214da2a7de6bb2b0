"""The equations against PyTorch and onnxruntime, as recorded by tests/oracles/record.py."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from layouts import assert_agrees, from_onnx, from_torch

from lstmviz.engine.forward.layers import run_network
from lstmviz.engine.model import cells
from lstmviz.engine.model.activations import FUNCTIONS
from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.cells import CELLS, find_cell
from lstmviz.engine.model.network import Layer, Network, Weights, seeded
from lstmviz.errors import UsageError

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.npz"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_frameworks_agree(path: Path) -> None:
    framework, cell = path.stem.split(".")[:2]
    with np.load(path, allow_pickle=False) as stored:
        parts: dict[str, dict[str, np.ndarray]] = {}
        for key in stored.files:
            part, name = key.split("/")
            parts.setdefault(part, {})[name] = stored[key]
    network = (from_torch if framework == "torch" else from_onnx)(cell, parts["weights"])
    x = parts["data"].pop("x")
    tolerance = 1e-10 if framework == "torch" else 1e-5
    assert x.dtype == (np.float64 if framework == "torch" else np.float32)
    assert_agrees(network, x, parts["data"], parts["expected"], tolerance)
    if framework == "torch":
        assert_agrees(network, x.astype(np.float32), parts["data"], parts["expected"], 1e-5)


WRITTEN = Path(__file__).parents[2] / "cells"  # oracles of cells that no other framework has
YEARS = ("1990", "1997", "2002", "2014", "2015", "2016")


def test_every_cell_has_an_oracle() -> None:
    recorded = {path.stem.split(".")[1] for path in FIXTURES}
    written = {path.stem.removeprefix("test_") for path in WRITTEN.glob("test_*.py")}
    assert recorded | written == {cell.name for cell in CELLS}


def test_the_recorded_gates_are_compared_too() -> None:
    with np.load(FIXTURES[0].parent / "torch.lstm.npz", allow_pickle=False) as stored:
        recorded = {key.rsplit(".", 1)[1] for key in stored.files if key.startswith("expected")}
    assert recorded >= set("f i g o a_f a_i a_g a_o kept added c shown h".split())


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_shown_sums_and_products_hold(cell) -> None:  # type: ignore[no-untyped-def]
    x = np.random.default_rng(3).normal(size=(6, 2, 3))
    recorded, _ = run_network(seeded(cell, 3, 5, 1), x)
    t = recorded[1, "forward"][0]
    start = {
        f"{state}_prev": np.concatenate([0 * t[state][:1], t[state][:-1]]) for state in cell.state
    }
    weights = dict.fromkeys(cell.params, 0)  # which are no readings: see the oracles

    def value(made):  # type: ignore[no-untyped-def]
        if isinstance(made, str):
            return ({**start, **t, **weights}).get(made)
        first, *_ = values = [value(one) for one in made.of]
        signs = {"+": sum(values), "×": math.prod(values), "1−": 1 - first}
        return signs[made.by] if made.by in signs else FUNCTIONS[made.by](first)

    checked = {name: made for name, made in cell.made.items() if not {*made.names} & {*weights}}
    for name, made in checked.items():
        np.testing.assert_allclose(value(made), t[name], rtol=1e-13, atol=1e-15, err_msg=name)
    assert {*checked} >= {*cell.state, *(f"a_{gate}" for gate in cell.gates)} - {"h"}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_each_cell_names_its_paper(cell) -> None:  # type: ignore[no-untyped-def]
    assert any(year in cell.title for year in YEARS)
    assert find_cell(cell.name) is cell


def test_an_unknown_cell_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no cell 'lstn'.*lstm-peephole"):
        find_cell("lstn")


def test_the_two_readings_of_z_are_one_model_with_the_sign_of_z_turned() -> None:
    x = np.random.default_rng(0).normal(size=(5, 3))
    stays = seeded("gru-reset-before", 3, 4, 2)
    turned = {}
    for name, array in stays.layers[0][0].weights.arrays().items():
        turned[name] = array.copy()
        turned[name][4:8] *= -1  # r z n, four units each
    enters = Network(((Layer(find_cell("gru-chung"), Weights(**turned)),),))
    one, other = (run_network(network, x)[0][1, "forward"][0] for network in (stays, enters))
    np.testing.assert_allclose(one["h"], other["h"], rtol=1e-12)
    np.testing.assert_allclose(one["z"], 1 - other["z"], rtol=1e-12)


def test_batch_axes_go_along_unchanged() -> None:
    x = np.random.default_rng(0).normal(size=(5, 2, 3, 4))
    network = seeded("lstm", 4, 3)
    whole = run_network(network, x)[0][1, "forward"][0]
    alone = run_network(network, x[:, 1, 2])[0][1, "forward"][0]
    assert whole["f"].shape == (5, 2, 3, 3)
    for name in whole:
        np.testing.assert_allclose(whole[name][:, 1, 2], alone[name], rtol=1e-12, atol=1e-14)


class Offered:
    """An entry point, as another package would have it."""

    def __init__(self, name: str, value: object) -> None:
        self.name, self.value, self._found = name, f"theirs:{name}", value

    def load(self) -> object:
        return self._found


def test_a_cell_that_another_package_offers_is_found_by_its_name(monkeypatch):
    @cell(gates="h", state="h")
    def leaky(t):
        """Leaky RNN: half of the old output stays."""
        t.h = 0.5 * t.h_prev + 0.5 * t.affine("h", t.x, t.h_prev)

    points = [Offered("leaky", leaky), Offered("broken", 3)]
    monkeypatch.setattr(cells, "entry_points", lambda group: points)
    assert find_cell("leaky") is leaky
    with pytest.raises(UsageError, match="gives no Cell"):
        find_cell("broken")
    with pytest.raises(UsageError, match="leaky, broken"):
        find_cell("none")
