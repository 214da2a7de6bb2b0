"""What the demo networks are trained for, and how: loss, penalties, Adam.

Beside the verdict so far, the loss may ask for legible gates: memory that is kept and
left alone unless a word has something to say, and no gate beyond what two decimals can
show. Noise on the gates makes them commit. All of it acts for every seed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lstmviz.demo.training.batches import Batch
from lstmviz.demo.training.bptt import CORES, Array, Tape, sigmoid

EMBEDDING: Final = 4
HIDDEN: Final = 4
Parameters = dict[str, Array]
Feed = Callable[[int, int, np.random.Generator], Iterator[Batch]]


@dataclass(frozen=True)
class Recipe:
    """How one network is trained.

    `still` weighs, per gate, the penalty on how far it leaves its quiet position (0 for
    `shut` gates, 1 otherwise). `limits` are the pre-activations of each unit beyond which
    `bound` pulls back. `absent` is the share of units that the readout does without, so that
    every unit learns to speak; `loud` weighs the penalty on a readout that has to amplify.
    `kept` is the bias with which memory begins to be kept. All penalties and noise come in
    between the two shares of the way in `pressed`.
    """

    cell: str
    hidden: int = HIDDEN
    steps: int = 3000
    batch: int = 64
    rate: float = 1e-2
    noise: float = 0.0
    noisy: str = ""
    still: Mapping[str, float] = field(default_factory=dict)
    shut: str = "i"
    bound: float = 0.0
    limits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    absent: float = 0.0
    loud: float = 0.0
    pressed: tuple[float, float] = (0.15, 0.45)
    kept: float = 1.0


@dataclass(frozen=True)
class Task:
    """What is learned: the words, the number of answers, and what feeds batches of a size."""

    vocabulary: tuple[str, ...]
    answers: int
    batches: Feed  # (size, count, rng)


def initial(recipe: Recipe, seeds: int, rng: np.random.Generator, task: Task) -> Parameters:
    """Draw the parameters of `seeds` networks; memory begins by being kept."""
    cell, H = recipe.cell, recipe.hidden
    G, V, K = len(CORES[cell].gates), len(task.vocabulary), task.answers
    b = np.zeros((seeds, G * H))
    keep = {"lstm": 0, "gru": 1}.get(cell)
    if keep is not None:
        b[:, keep * H : (keep + 1) * H] = recipe.kept
    R = rng.normal(0, 0.5, (seeds, G * H, H))
    if cell == "rnn":
        R = 0.9 * np.eye(H) + rng.normal(0, 0.2, (seeds, H, H))
    return {
        "E": rng.normal(0, 0.5, (seeds, V, EMBEDDING)),
        "W": rng.normal(0, 0.5, (seeds, G * H, EMBEDDING)),
        "R": R,
        "b": b,
        "rb": np.zeros((seeds, G * H)),
        "V": rng.normal(0, 0.5, (seeds, K, H)),
        "v": np.zeros((seeds, K)),
    }


def forward(cell: str, p: Parameters, tokens: NDArray[np.intp], noise: Array | None) -> Tape:
    """Run all seeds over the tokens (T, B)."""
    table = p["E"] @ p["W"].swapaxes(1, 2) + p["b"][:, None]  # (S, V, G·H)
    a_in = np.ascontiguousarray(table.transpose(1, 0, 2)[tokens].swapaxes(1, 2))
    if noise is not None:
        a_in += noise
    return CORES[cell].forward(a_in, p["R"], p["rb"])


def answers(p: Parameters, h: Array) -> Array:
    """Return what the readout says of outputs (T, S, B, H): (T, S, B, answers).

    One answer is the log odds of a verdict; several are logits.
    """
    said: Array = h @ p["V"].swapaxes(1, 2) + p["v"][:, None]
    return said


def loss_of(said: Array, targets: Array) -> tuple[Array, Array]:
    """Return the cross entropy of answers (..., answers), and its gradient.

    `targets` are the probability of the one answer, or one for each of several.
    """
    if said.shape[-1] == 1:
        loss = np.logaddexp(0, said) - targets * said
        return loss[..., 0], sigmoid(said) - targets
    shifted = said - said.max(axis=-1, keepdims=True)
    total = np.exp(shifted).sum(axis=-1, keepdims=True)
    log_p = shifted - np.log(total)
    return -(targets * log_p).sum(axis=-1), np.exp(log_p) - targets


def loss_and_gradients(
    recipe: Recipe,
    p: Parameters,
    batch: Batch,
    pressure: float = 0.0,
    noise: Array | None = None,
    present: Array | None = None,
) -> tuple[Array, Parameters]:
    """Return the loss of each seed (S,) and the gradient of every parameter.

    `pressure` (0 … 1) scales the penalties; `noise` (T, S, B, G·H) is added to the gates.
    """
    tape = forward(recipe.cell, p, batch.tokens, noise)
    weights = batch.weights[:, None] / batch.weights.sum()
    seen = tape.h[1:] if present is None else tape.h[1:] * present
    losses, d_said = loss_of(answers(p, seen), batch.targets[:, None])
    loss = (weights * losses).sum(axis=(0, 2))
    d_said = weights[..., None] * d_said
    extra, cost = _penalties(recipe, tape, batch.valid, pressure, noise)
    dh = d_said @ p["V"]
    if present is not None:
        dh *= present
    da, dR, drb = CORES[recipe.cell].backward(tape, p["R"], dh, extra)
    d_table = _into_rows(da, batch.tokens, p["E"].shape[1])
    loudness = recipe.loud * pressure
    cost = cost + loudness * (p["V"] ** 2).sum(axis=(1, 2))
    return loss + cost, {
        "E": d_table @ p["W"],
        "W": d_table.swapaxes(1, 2) @ p["E"],
        "R": dR,
        "b": d_table.sum(axis=1),
        "rb": drb,
        "V": np.einsum("tsbk,tsbh->skh", d_said, seen) + 2 * loudness * p["V"],
        "v": d_said.sum(axis=(0, 2)),
    }


def _penalties(
    recipe: Recipe, tape: Tape, valid: Array, pressure: float, noise: Array | None
) -> tuple[Array, Array]:
    """Return the penalties' gradient at the pre-activations, and their sum for each seed.

    They judge a gate without its noise, so that noise does not count as unrest.
    """
    H = tape.h.shape[-1]
    extra, cost = np.zeros_like(tape.acts), np.zeros(tape.h.shape[1])
    if not pressure:
        return extra, cost
    share = pressure * valid[:, None, :, None] / (valid.sum() * H)
    for n, gate in enumerate(CORES[recipe.cell].gates):
        still, limit = recipe.still.get(gate, 0.0), recipe.limits.get(gate)
        if not still and limit is None:
            continue
        part = slice(n * H, (n + 1) * H)
        act = tape.acts[..., part]
        a = np.arctanh(act) if gate in "gnh" else np.log(act) - np.log1p(-act)
        if noise is not None:
            a = a - noise[..., part]
        if still:
            value = sigmoid(a)
            sign = 1 if gate in recipe.shut else -1
            away = value if sign > 0 else 1 - value
            cost = cost + still * (share * away).sum(axis=(0, 2, 3))
            extra[..., part] += still * sign * share * value * (1 - value)
        if limit is not None:
            over = np.maximum(np.abs(a) - np.array(limit), 0)
            cost = cost + recipe.bound * (share * over**2).sum(axis=(0, 2, 3))
            extra[..., part] += 2 * recipe.bound * share * over * np.sign(a)
    return extra, cost


def _into_rows(da: Array, tokens: NDArray[np.intp], rows: int) -> Array:
    """Sum the gradients of equal words: (T, S, B, G·H) to (S, V, G·H)."""
    order = np.argsort(tokens, axis=None, kind="stable")
    flat = da.swapaxes(0, 1).reshape(da.shape[1], -1, da.shape[-1])[:, order]
    words, starts = np.unique(tokens.ravel()[order], return_index=True)
    table = np.zeros((da.shape[1], rows, da.shape[-1]))
    table[:, words] = np.add.reduceat(flat, starts, axis=1)
    return table


class Adam:
    """Kingma & Ba 2015, with each seed's gradient clipped to a norm of 1."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.mean = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.square = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.steps = 0

    def step(self, gradients: Parameters, rate: float) -> None:
        """Move the parameters, in place."""
        self.steps += 1
        norm = np.sqrt(sum((g**2).reshape(len(g), -1).sum(axis=1) for g in gradients.values()))
        clip = 1 / np.maximum(norm, 1)
        correction = np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for name, value in self.parameters.items():
            g = gradients[name] * clip.reshape(-1, *[1] * (value.ndim - 1))
            self.mean[name] += 0.1 * (g - self.mean[name])
            self.square[name] += 0.001 * (g * g - self.square[name])
            value -= rate * correction * self.mean[name] / (np.sqrt(self.square[name]) + 1e-8)


def train(
    recipe: Recipe,
    task: Task,
    seeds: int,
    seed: int,
    tell: Callable[[int, Array], None] = lambda step, loss: None,
) -> Parameters:
    """Train `seeds` networks side by side and return them all.

    After each step `tell` hears its number and the loss of each network. The rate falls
    smoothly to a twentieth over the second half.
    """
    rng = np.random.default_rng(seed)
    parameters = initial(recipe, seeds, rng, task)
    adam = Adam(parameters)
    gates, H = CORES[recipe.cell].gates, recipe.hidden
    begin, end = recipe.pressed
    loud = np.repeat([recipe.noise * (gate in recipe.noisy) for gate in gates], H)
    for k, batch in enumerate(task.batches(recipe.batch, recipe.steps, rng)):
        done = k / recipe.steps
        pressure = min(max((done - begin) / (end - begin), 0), 1)
        noise = present = None
        if recipe.noise and pressure:
            shape = (*batch.tokens.shape, len(loud))
            # One draw for all seeds: they are rivals, and may face the same weather.
            noise = (pressure * loud * rng.standard_normal(shape))[:, None]
        if recipe.absent:
            there = rng.random((batch.tokens.shape[1], H)) >= recipe.absent
            present = there / (1 - recipe.absent)
        loss, gradients = loss_and_gradients(recipe, parameters, batch, pressure, noise, present)
        adam.step(gradients, recipe.rate * min(1, 0.05 + 0.95 * (2 - 2 * done) ** 1.5))
        tell(k + 1, loss)
    return parameters
