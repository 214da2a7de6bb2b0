"""Training learns, and the same seed makes the same network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lstmviz.demo.training import recall
from lstmviz.demo.training import train as training
from lstmviz.demo.training.corpus import corpus
from lstmviz.demo.training.evaluate import judge
from lstmviz.demo.training.learn import train
from lstmviz.engine.model.network import Network

pytestmark = pytest.mark.slow

CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few reviews and few steps."""
    monkeypatch.setattr(training, "REVIEWS", {"training": 1100, "validation": 60, "test": 60})
    recipes = {name: replace(recipe, steps=20) for name, recipe in training.RECIPES.items()}
    monkeypatch.setattr(training, "RECIPES", recipes)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.few(1)
def test_a_short_training_learns(cell: str) -> None:
    recipe = replace(training.RECIPES[cell], steps=250, still={}, noise=0.0, absent=0.0)
    losses: list[np.ndarray] = []
    parameters = train(
        recipe,
        training.of_reviews(corpus(3000, seed=1)),
        2,
        seed=1,
        tell=lambda step, loss: losses.append(loss),
    )
    assert (np.mean(losses[-20:], axis=0) < np.mean(losses[:20], axis=0) - 0.1).all()
    assert judge(cell, parameters, corpus(400, seed=2)).accuracy.max() > 0.8


def test_the_same_seed_makes_the_same_network(quick: None) -> None:
    first, second, other = (training.make("lstm", 2, seed) for seed in (3, 3, 4))
    W = [network.layers[0][0].weights.W for network in (first, second, other)]
    np.testing.assert_array_equal(W[0], W[1])
    assert not np.array_equal(W[0], W[2])


def test_the_command_writes_networks_that_load(quick: None, tmp_path: Path) -> None:
    arguments = ["--cell", "gru", "--cell", "rnn", "--seeds", "2", "-o", str(tmp_path)]
    result = CliRunner().invoke(training.main, arguments)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gru.npz", "rnn.npz"]
    network = Network.load(tmp_path / "gru.npz")
    assert network.cell.name == "gru"
    assert "2" in network.origin
    assert network.layers[0][0].weights.W.dtype == np.float32


def test_the_command_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(training.main, ["-o", str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert "nowhere" in result.output


@pytest.mark.parametrize("name", list(recall.RECIPES))
@pytest.mark.few(1)
def test_a_network_that_recalls_learns_in_few_steps_and_is_made_whole(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: dict[str, Any] = {"still": {}, "noise": 0.0, "bound": 0.0, "loud": 0.0}
    recipe = replace(recall.RECIPES[name], steps=60, **free)
    monkeypatch.setitem(training.RECIPES, name, recipe)
    monkeypatch.setattr(recall, "HELD_OUT", {"validation": 100, "test": 100})
    losses: list[np.ndarray] = []
    train(recipe, recall.TASK, 2, seed=1, tell=lambda step, loss: losses.append(loss))
    assert (np.mean(losses[-10:], axis=0) < np.mean(losses[:10], axis=0) - 0.1).all()
    network = training.make(name, 2)
    assert network.readout is not None
    assert network.readout.labels == recall.LABELS
    assert "100 held-out texts" in network.origin
