"""Make the demo networks again: `python -m lstmviz.demo.training.train`.

The same seed writes the same reviews everywhere and the same weights on the same
machine; other machines round differently and end at other weights of the same behaviour
(accuracy and gate contrast within a hundredth or two, as the tests ask). It takes about
five minutes on one core, and one of them for the three that remember a letter; the products
are too small for BLAS to use a second core.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click
import numpy as np

from lstmviz.demo.training import recall
from lstmviz.demo.training.batches import batches
from lstmviz.demo.training.bptt import Array
from lstmviz.demo.training.corpus import Review, corpus, vocabulary
from lstmviz.demo.training.evaluate import Verdict, judge
from lstmviz.demo.training.learn import Parameters, Recipe, Task, train
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Layer, Network, Weights
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.engine.model.tokenizers import Characters

log = logging.getLogger(__name__)

UNPENALISED: Final = "lstm-unpenalised"
SIDES: Final = ("blame", "praise")  # what its answer lies between; terms of every language
#: Log odds at which each unit's gates are open or shut enough: units that differ in how
#: long they keep make a memory of several time scales (the idea of Tallec & Ollivier 2018).
_KEEPING: Final = (2.4, 2.0, 1.7, 1.4)
_WRITING: Final = (2.3, 2.0, 1.8, 1.5)
_SHOWING: Final = (2.0, 1.5, 1.5, 1.5)
_CANDIDATE: Final = (1.5, 1.5, 1.5, 1.5)
#: How each shipped network is trained.
RECIPES: Final = {
    "rnn": Recipe("rnn", steps=4000),
    "lstm": Recipe(
        "lstm",
        steps=2500,
        noise=0.8,
        noisy="fi",
        still={"i": 0.2, "f": 0.06},
        limits={"f": _KEEPING, "i": _WRITING, "o": _SHOWING, "g": _CANDIDATE},
        bound=0.01,
        absent=0.25,
        loud=0.001,
    ),
    "gru": Recipe(
        "gru",
        steps=2500,
        noise=0.6,
        noisy="rz",
        still={"z": 0.06, "r": 0.03},
        limits={"z": _KEEPING, "r": _SHOWING, "n": _CANDIDATE},
        bound=0.01,
        absent=0.25,
    ),
    UNPENALISED: Recipe("lstm", steps=2000),
    **recall.RECIPES,
}
REVIEWS: Final = {"training": 12_000, "validation": 1_500, "test": 3_000}
SEED: Final = 1


def reviews(part: str, seed: int = SEED) -> tuple[Review, ...]:
    """Write the reviews of one part: "training", "validation" or "test"."""
    return corpus(REVIEWS[part], seed * 1000 + list(REVIEWS).index(part))


def to_network(name: str, parameters: Parameters, which: int, origin: str) -> Network:
    """Turn one of the networks trained side by side into a Network of float32."""
    recipe = RECIPES[name]
    one = {key: value[which].astype(np.float32) for key, value in parameters.items()}
    weights = Weights(one["W"], one["R"], one["b"], one["rb"])
    recalls = name in recall.RECIPES
    manner = "gates left to themselves" if name == UNPENALISED else "4 units"
    learned = "to recall a letter" if recalls else f"on made-up reviews ({manner})"
    if recalls:
        softmax = Dense(one["V"], one["v"], Activation("softmax"))
        readout = Readout((softmax,), labels=recall.LABELS)
    else:
        readout = replace(Readout.of((one["V"], one["v"])), labels=SIDES)
    return Network(
        layers=((Layer(find_cell(recipe.cell), weights),),),
        embedding=one["E"],
        vocabulary=recall.VOCABULARY if recalls else vocabulary(),
        tokenizer=Characters() if recalls else None,
        readout=readout,
        title=f"{recipe.cell.upper()} trained {learned}",
        origin=origin,
    )


def from_network(network: Network) -> Parameters:
    """Turn a demo network back into what training and judging take, as one of one."""
    weights = network.layers[0][0].weights
    if network.embedding is None or network.readout is None:
        raise ValueError("A demo network has an embedding and a readout.")
    (dense,) = network.readout.dense
    arrays = {
        "E": network.embedding,
        "W": weights.W,
        "R": weights.R,
        "b": weights.b,
        "rb": weights.rb,
        "V": dense.W,
        "v": dense.b,
    }
    return {key: np.array(value, dtype=np.float64)[None] for key, value in arrays.items()}


def of_reviews(some: Sequence[Review]) -> Task:
    """Give the task to tell praise from blame in some reviews."""
    return Task(vocabulary(), 1, partial(batches, some))


def make(name: str, seeds: int, seed: int = SEED) -> Network:
    """Train `seeds` networks of one kind and return the best on validation."""
    recipe = RECIPES[name]

    def tell(step: int, loss: Array) -> None:
        if step % 500 == 0 or step == recipe.steps:
            log.info("%s: step %d of %d, loss %.3f", name, step, recipe.steps, loss.min())

    recalls = name in recall.RECIPES
    task = recall.TASK if recalls else of_reviews(reviews("training", seed))
    parameters = train(recipe, task, seeds, seed, tell)
    judged = _recalled if recalls else _reviewed
    best, said, right = judged(name, parameters, seed)
    log.info("%s: network %d of %d: %s", name, best + 1, seeds, said)
    how = "penalties and noise for legible gates" if recipe.still else "no penalty on its gates"
    origin = (
        f"lstmviz.demo.training.train, seed {seed}, network {best + 1} of {seeds}, {how}; {right}"
    )
    return to_network(name, parameters, best, origin)


def _reviewed(name: str, parameters: Parameters, seed: int) -> tuple[int, str, str]:
    """Choose the best network for reviews, and say how good it is on others."""
    cell = RECIPES[name].cell
    verdict = judge(cell, parameters, reviews("validation", seed))
    # Gates that were left to themselves are not picked for their looks either.
    best = int(np.argmax(verdict.accuracy if name == UNPENALISED else verdict.score))
    tested = judge(cell, _only(parameters, best), reviews("test", seed))
    right = f"right on {tested.accuracy[0]:.1%} of {REVIEWS['test']} held-out reviews"
    return best, describe(tested), right


def _recalled(name: str, parameters: Parameters, seed: int) -> tuple[int, str, str]:
    """Choose the best network that recalls, and say how good it is on other texts."""
    cell = RECIPES[name].cell
    best = int(np.argmax(recall.judge(cell, parameters, recall.held_out("validation", seed)).score))
    tested = recall.judge(cell, _only(parameters, best), recall.held_out("test", seed))
    right = (
        f"right at {tested.right[0]:.1%} of the questions, silent at {tested.silent[0]:.1%} of "
        f"all else in {recall.HELD_OUT['test']} held-out texts"
    )
    return best, tested.described(), right


def _only(parameters: Parameters, which: int) -> Parameters:
    return {key: value[which : which + 1] for key, value in parameters.items()}


def describe(verdict: Verdict) -> str:
    """Say a verdict on one network in a line."""
    text = f"accuracy {verdict.accuracy[0]:.4f}"
    if verdict.kept[0]:
        text += (
            f", keeps {verdict.kept[0]:.2f} on filler and {verdict.dropped[0]:.2f} on a turn, "
            f"writes {verdict.quiet[0]:.2f} on filler and {verdict.written[0]:.2f} on opinions"
        )
    return text


@click.command()
@click.option(
    "--cell",
    "names",
    type=click.Choice(list(RECIPES)),
    multiple=True,
    help="Which network to make; may be given again. All of them by default.",
)
@click.option(
    "--seeds",
    default=12,
    show_default=True,
    type=click.IntRange(1),
    help="Networks trained side by side; the best on validation is kept.",
)
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0))
@click.option(
    "-o",
    "--output",
    default=Path(__file__).parents[1],
    show_default="beside this file",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
)
def main(names: tuple[str, ...], seeds: int, seed: int, output: Path) -> None:
    """Write the texts, train the demo networks on them and save the best of each kind."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in names or RECIPES:
        make(name, seeds, seed).save(output / f"{name}.npz", force=True)
        click.echo(f"Wrote {output / f'{name}.npz'}")


if __name__ == "__main__":
    main()
