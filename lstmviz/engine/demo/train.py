"""Make the demo networks again: `python -m lstmviz.engine.demo.train`.

The same seed writes the same reviews everywhere and the same weights on the same
machine; other machines round differently and end at other weights of the same behaviour.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    # The products are tiny: a second BLAS thread only makes them slower, and NumPy
    # reads this when it is first imported.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")

import click
import numpy as np

from lstmviz.engine.cells import find_cell
from lstmviz.engine.demo.corpus import corpus, vocabulary
from lstmviz.engine.demo.judge import Verdict, judge
from lstmviz.engine.demo.learn import Parameters, Recipe, train
from lstmviz.engine.network import Layer, Network, Weights

log = logging.getLogger(__name__)

_TIMES: Final = (3.2, 2.7, 2.3, 2.0)  # each unit may keep for longer than the next
#: How each shipped network is trained.
RECIPES: Final = {
    "rnn": Recipe("rnn", steps=4000),
    "lstm": Recipe(
        "lstm",
        steps=2500,
        noise=0.8,
        noisy="fi",
        still={"i": 0.2, "f": 0.12},
        limits={"f": _TIMES, "i": (2.8, 2.4, 2.1, 1.8), "o": (2.5, 2, 2, 2), "g": (1.7,) * 4},
        bound=0.03,
        absent=0.25,
    ),
    "gru": Recipe(
        "gru",
        steps=2500,
        noise=0.6,
        noisy="rz",
        still={"z": 0.2, "r": 0.05},
        limits={"z": _TIMES, "r": (2.5, 2, 2, 2), "n": (1.7,) * 4},
        bound=0.03,
        absent=0.25,
    ),
    "lstm-unpenalised": Recipe("lstm", steps=2000),
}
REVIEWS: Final = {"training": 12_000, "validation": 1_500, "test": 3_000}
SEED: Final = 1


def to_network(name: str, parameters: Parameters, which: int, origin: str) -> Network:
    """Turn one of the networks trained side by side into a Network of float32."""
    recipe = RECIPES[name]
    one = {key: value[which].astype(np.float32) for key, value in parameters.items()}
    weights = Weights(one["W"], one["R"], one["b"], one["rb"])
    manner = "gates left to themselves" if name == "lstm-unpenalised" else "4 units"
    return Network(
        layers=((Layer(find_cell(recipe.cell), weights),),),
        embedding=one["E"],
        vocabulary=vocabulary(),
        readout=(one["V"][None], one["v"]),
        title=f"{recipe.cell.upper()} trained on made-up reviews ({manner})",
        origin=origin,
    )


def from_network(network: Network) -> Parameters:
    """Turn a demo network back into what training and judging take, as one of one."""
    weights = network.layers[0][0].weights
    if network.embedding is None or network.readout is None:
        raise ValueError("A demo network has an embedding and a readout.")
    V, v = network.readout
    arrays = {"E": network.embedding, "W": weights.W, "R": weights.R, "b": weights.b,
              "rb": weights.rb, "V": V[0], "v": v}  # fmt: skip
    return {key: np.array(value, dtype=np.float64)[None] for key, value in arrays.items()}


def make(name: str, seeds: int, seed: int = SEED, steps: int | None = None) -> Network:
    """Train `seeds` networks of one kind and return the best on validation."""
    recipe = RECIPES[name]
    if steps is not None:
        recipe = Recipe(**{**vars(recipe), "steps": steps})
    parts = {part: corpus(count, seed * 1000 + k) for k, (part, count) in enumerate(REVIEWS.items())}
    parameters: Parameters = {}
    for step, loss, parameters in train(recipe, parts["training"], seeds, seed):
        if step % 250 == 0 or step == recipe.steps:
            log.info("%s: step %d of %d, loss %.3f", name, step, recipe.steps, loss.min())
    best = int(np.argmax(judge(recipe.cell, parameters, parts["validation"]).score))
    tested = judge(recipe.cell, {k: v[best : best + 1] for k, v in parameters.items()}, parts["test"])
    log.info("%s: network %d of %d: %s", name, best + 1, seeds, describe(tested))
    how = "penalties and noise for legible gates" if recipe.still else "no penalty on its gates"
    origin = (
        f"lstmviz.engine.demo.train, seed {seed}, network {best + 1} of {seeds}, {how}; "
        f"right on {tested.accuracy[0]:.1%} of {REVIEWS['test']} held-out reviews"
    )
    return to_network(name, parameters, best, origin)


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
@click.option("--cell", "names", type=click.Choice(list(RECIPES)), multiple=True,
              help="Which network to make; all of them by default.")  # fmt: skip
@click.option("--seeds", default=12, show_default=True, type=click.IntRange(1),
              help="Networks trained side by side; the best is kept.")  # fmt: skip
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0))
@click.option("-o", "--output", default=Path(__file__).parent, show_default="beside this file",
              type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))  # fmt: skip
def main(names: tuple[str, ...], seeds: int, seed: int, output: Path) -> None:
    """Write the reviews, train the demo networks on them and save the best of each kind."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in names or RECIPES:
        make(name, seeds, seed).save(output / f"{name}.npz")
        click.echo(f"Wrote {output / f'{name}.npz'}")


if __name__ == "__main__":
    main()
