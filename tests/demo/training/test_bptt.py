"""The hand-written gradients against finite differences."""

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.demo.training import recall
from lstmviz.demo.training.batches import encode
from lstmviz.demo.training.bptt import CORES
from lstmviz.demo.training.corpus import corpus
from lstmviz.demo.training.learn import HIDDEN, Parameters, Recipe, initial
from lstmviz.demo.training.learn import loss_and_gradients as loss_of
from lstmviz.demo.training.train import of_reviews

SEEDS = 2
SMALL = 1e-6


@pytest.mark.parametrize("cell", list(CORES))
@pytest.mark.parametrize("penalised", [False, True])
@pytest.mark.parametrize("task", ["reviews", "recall"])
def test_gradients_are_the_slopes_of_the_loss(cell: str, penalised: bool, task: str) -> None:
    rng = np.random.default_rng(0)
    learned, batch = recall.TASK, recall.encode(recall.texts(6, rng))
    if task == "reviews":
        learned, batch = of_reviews(()), encode(corpus(6, seed=3), rng)
    gates = CORES[cell].gates
    recipe = Recipe(cell)
    noise = present = None
    if penalised:
        still = {gate: 0.3 for gate in gates if gate in "firz"}
        limits = dict.fromkeys(gates, (0.3, 0.5, 0.7, 0.9))
        recipe = replace(recipe, still=still, limits=limits, bound=0.2, loud=0.01)
        T, B = batch.tokens.shape
        noise = rng.normal(0, 0.5, (T, 1, B, len(gates) * HIDDEN))
        present = (rng.random((B, HIDDEN)) < 0.7) / 0.7
    parameters = initial(Recipe(cell), SEEDS, rng, learned)
    if cell == "gru":
        parameters["rb"][:, 2 * HIDDEN :] = rng.normal(0, 0.3, (SEEDS, HIDDEN))
    pressure = 0.7 if penalised else 0.0
    _, gradients = loss_of(recipe, parameters, batch, pressure, noise, present)

    for name, value in parameters.items():
        way = rng.normal(size=value.shape)
        if name == "rb":  # a second bias is trained for the candidate of the GRU alone
            way[:, : 2 * HIDDEN if cell == "gru" else None] = 0

        def at(step: float, name: str = name, way: np.ndarray = way) -> np.ndarray:
            moved: Parameters = {**parameters, name: parameters[name] + step * way}
            return loss_of(recipe, moved, batch, pressure, noise, present)[0]

        slope = (at(SMALL) - at(-SMALL)) / (2 * SMALL)
        told = (gradients[name] * way).reshape(SEEDS, -1).sum(axis=1)
        np.testing.assert_allclose(told, slope, atol=1e-7, rtol=1e-5, err_msg=name)


def test_seeds_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(1)
    batch = encode(corpus(5, seed=4))
    both = initial(Recipe("lstm"), 2, rng, of_reviews(()))
    alone = {name: value[1:] for name, value in both.items()}
    _, together = loss_of(Recipe("lstm"), both, batch)
    _, single = loss_of(Recipe("lstm"), alone, batch)
    for name in both:
        np.testing.assert_allclose(together[name][1:], single[name], rtol=1e-9, atol=1e-12)
