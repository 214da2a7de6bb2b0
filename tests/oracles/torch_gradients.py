"""What torch's autograd says of random networks: gradients by tick, and Jacobian norms."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from frameworks import Case

CELLS = {
    "lstm": torch.nn.LSTMCell,
    "gru": torch.nn.GRUCell,
    "rnn": torch.nn.RNNCell,
    "rnn-relu": torch.nn.RNNCell,
}
STATES = {"lstm": "hc"}


def tick_case(cell: str, ticks: int, inputs: int, units: int, seed: int) -> Case:
    """A random torch cell, walked tick by tick, with all derivatives of a readout at the end.

    Every tick has its own copy of the weights, so that each copy's gradient is what comes
    through that tick.
    """
    torch.set_num_threads(1)
    normal = _normal(seed)
    more = {"nonlinearity": "relu"} if cell == "rnn-relu" else {}
    module = CELLS[cell](inputs, units, dtype=torch.float64, **more)
    _fill(module, normal, 0.35 if cell == "rnn-relu" else 0.7)
    states = STATES.get(cell, "h")
    x = normal(ticks, inputs).requires_grad_()
    start = [normal(units).requires_grad_() for _ in states]
    readout, bias = normal(2, units), normal(2)

    copies = [
        {k: v.detach().clone().requires_grad_() for k, v in module.named_parameters()}
        for _ in range(ticks)
    ]
    walked = [start]
    for tick in range(ticks):
        walked.append(_step(module, copies[tick], x[tick], walked[-1]))
    after = walked[1:]
    loss = (readout @ after[-1][0] + bias).sum()

    expected = {"loss": loss.detach().numpy(), "x": _grad(loss, x)}
    for k, state in enumerate(states):
        # What torch's own cells give stands side by side, h not upon c.
        expected[f"carried.{state}"] = np.stack([_grad(loss, now[k]) for now in after])
        expected[f"{state}0"] = _grad(loss, start[k])
    for name in copies[0]:
        expected[f"weights.{name}"] = np.stack([_grad(loss, copy[name]) for copy in copies])
    expected |= _norms(module, copies, x, after, units, states)
    expected |= _by_reading(cell, copies[0], x, start, readout)
    return {
        "weights": {f"{k}_l0": v.detach().numpy() for k, v in module.named_parameters()},
        "data": {
            "x": x.detach().numpy(),
            "readout": readout.numpy(),
            "bias": bias.numpy(),
            **{s: v.detach().numpy() for s, v in zip(states, start, strict=True)},
        },
        "expected": expected,
    }


def whole_case(cell: str, ticks: int, inputs: int, units: int, seed: int) -> Case:
    """Two layers both ways of torch.nn.LSTM, GRU or RNN, L a random sum of all outputs."""
    torch.set_num_threads(1)
    normal = _normal(seed)
    build = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(cell, torch.nn.RNN)
    module = build(inputs, units, 2, bidirectional=True, dtype=torch.float64)
    _fill(module, normal, 0.7)
    x = normal(ticks, inputs).requires_grad_()
    start = {s: normal(4, units).requires_grad_() for s in STATES.get(cell, "h")}
    y, _ = module(x, tuple(start.values()) if cell == "lstm" else start["h"])
    of = normal(ticks, 2 * units)
    loss = (of * y).sum()
    expected = {"loss": loss.detach().numpy(), "x": _grad(loss, x)}
    expected |= {f"{s}0": _grad(loss, v) for s, v in start.items()}
    expected |= {f"weights.{k}": _grad(loss, v) for k, v in module.named_parameters()}
    return {
        "weights": {k: v.detach().numpy() for k, v in module.named_parameters()},
        "data": {
            "x": x.detach().numpy(),
            "of": of.numpy(),
            **{s: v.detach().numpy() for s, v in start.items()},
        },
        "expected": expected,
    }


def _normal(seed: int) -> Any:
    random = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(shape, generator=random, dtype=torch.float64)


def _fill(module: Any, normal: Any, scale: float) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(normal(*parameter.shape) * scale)


def _step(module: Any, weights: Any, x: Any, state: list[Any]) -> list[Any]:
    given = tuple(state) if len(state) > 1 else state[0]
    after = torch.func.functional_call(module, weights, (x, given))
    return list(after) if len(state) > 1 else [after]


def _t(value: Any, by: Any) -> Any:
    (found,) = torch.autograd.grad(value, by, retain_graph=True, allow_unused=True)
    return torch.zeros_like(by) if found is None else found


def _grad(value: Any, by: Any) -> Any:
    return _t(value, by).numpy()


def _norms(module: Any, copies: Any, x: Any, after: Any, units: int, states: str) -> Any:
    """The spectral norms of all blocks of ∂(states at the end)/∂(states at each tick)."""
    whole = []
    for tick, now in enumerate(after):

        def onward(state: Any, tick: int = tick) -> Any:
            moved = list(state.split(units))
            for later in range(tick + 1, len(x)):
                moved = _step(module, copies[later], x[later], moved)
            return torch.cat(moved)

        whole.append(torch.autograd.functional.jacobian(onward, torch.cat(now).detach()))
    jacobians = torch.stack(whole)
    norm = lambda blocks: torch.linalg.matrix_norm(blocks, ord=2).numpy()  # noqa: E731
    found = {} if len(states) == 1 else {"norms.state": norm(jacobians)}
    for j, last in enumerate(states):
        for k, earlier in enumerate(states):
            key = last if last == earlier else f"{last} from {earlier}"
            block = jacobians[:, j * units :][:, :units, k * units :][:, :, :units]
            found[f"norms.{key}"] = norm(block)
    return found


def _by_reading(cell: str, w: Any, x: Any, start: Any, readout: Any) -> Any:
    """dL/d(what the equations name), with the equations in torch's own functions."""
    linear, sigmoid, tanh = torch.nn.functional.linear, torch.sigmoid, torch.tanh
    named: dict[str, list[Any]] = {}

    def keep(**values: Any) -> None:
        for name, value in values.items():
            named.setdefault(name, []).append(value)

    h, c = start[0], start[-1]
    for x_t in x:
        of_x = linear(x_t, w["weight_ih"], w["bias_ih"])
        of_h = linear(h, w["weight_hh"], w["bias_hh"])
        if cell == "lstm":
            a_i, a_f, a_g, a_o = (of_x + of_h).chunk(4)
            f, i, g, o = sigmoid(a_f), sigmoid(a_i), tanh(a_g), sigmoid(a_o)
            kept, added = f * c, i * g
            c = kept + added
            shown = tanh(c)
            h = o * shown
            keep(a_f=a_f, f=f, a_i=a_i, i=i, a_g=a_g, g=g, kept=kept, added=added)
            keep(c=c, a_o=a_o, o=o, shown=shown, h=h)
        elif cell == "gru":
            x_r, x_z, x_n = of_x.chunk(3)
            h_r, h_z, past = of_h.chunk(3)
            a_r, a_z = x_r + h_r, x_z + h_z
            r, z = sigmoid(a_r), sigmoid(a_z)
            recalled = r * past
            a_n = x_n + recalled
            n = tanh(a_n)
            rest = 1 - z
            kept, added = z * h, rest * n
            h = kept + added
            keep(a_r=a_r, r=r, a_z=a_z, z=z, past=past, recalled=recalled, a_n=a_n, n=n)
            keep(rest=rest, kept=kept, added=added, h=h)
        else:
            a_h = of_x + of_h
            h = torch.relu(a_h) if cell == "rnn-relu" else tanh(a_h)
            keep(a_h=a_h, h=h)
    loss = (readout @ h).sum()
    return {k: np.stack([_grad(loss, value) for value in values]) for k, values in named.items()}
