"""PyTorch models of a recurrent layer and what makes an answer of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INPUTS, HIDDEN, ANSWERS = 3, 4, 2


class Reader(nn.Module):
    """A recurrent layer with a head: a function of its outputs (batch, time, …) and states."""

    def __init__(
        self,
        head: Callable[[Any, Tensor, Any], Any],
        kind: str = "LSTM",
        layers: int = 1,
        both: bool = False,
        batch_first: bool = True,
        **modules: nn.Module,
    ) -> None:
        super().__init__()
        self.head, self.first = head, batch_first
        self.rnn = getattr(nn, kind)(
            INPUTS, HIDDEN, layers, batch_first=batch_first, bidirectional=both
        )
        self.width = HIDDEN * (2 if both else 1)
        self.fc = nn.Linear(self.width, ANSWERS)
        self.narrow = nn.Linear(HIDDEN, ANSWERS)
        self.wide = nn.Linear(self.width, 5)
        self.out = nn.Linear(5, ANSWERS)
        self.one = nn.Linear(self.width, 1)
        self.norm = nn.BatchNorm1d(self.width)
        self.norm5 = nn.BatchNorm1d(5)
        self.layer_norm = nn.LayerNorm(self.width)
        self.joint = nn.Linear(2 * self.width, ANSWERS)
        self.triple5 = nn.Linear(3 * self.width, 5)
        self.score = nn.Linear(self.width, 1, bias=False)

    def forward(self, x: Tensor) -> Any:
        """What the head makes of a sequence (batch, time, inputs), or time first."""
        y, states = self.rnn(x)
        h = states[0] if isinstance(states, tuple) else states
        return self.head(self, y if self.first else y.transpose(0, 1), (h, states))


def _attention(m: Any, y: Tensor, _: Any) -> Any:
    weights = torch.softmax(m.score(y), dim=1)
    return m.fc((weights * y).sum(1))


def _ends(m: Any, y: Tensor, s: Any) -> Any:
    return m.fc(torch.cat([y[:, -1, :HIDDEN], y[:, 0, HIDDEN:]], dim=1))


# The head, and how what follows is read: its pooling, then its layers.
HEADS: dict[str, tuple[Callable[[Any, Tensor, Any], Any], str]] = {
    "last": (lambda m, y, s: m.fc(y[:, -1]), "last"),
    "last, negative slice": (lambda m, y, s: m.fc(y[:, -1:, :].squeeze(1)), "last"),
    "h_n": (lambda m, y, s: m.narrow(s[0][-1]), "last"),
    "each": (lambda m, y, s: m.fc(y), "each"),
    "each, log_softmax": (lambda m, y, s: F.log_softmax(m.fc(y), dim=-1), "each"),
    "each, classes in the middle": (lambda m, y, s: m.fc(y).transpose(1, 2), "each"),
    "each, in rows": (
        lambda m, y, s: m.fc(y.reshape(-1, m.width)).reshape(y.shape[0], -1, ANSWERS),
        "each",
    ),
    "mean": (lambda m, y, s: m.fc(y.mean(1)), "mean"),
    "sum": (lambda m, y, s: m.fc(y.sum(1)), "sum"),
    "max": (lambda m, y, s: m.fc(y.max(1)[0]), "max"),
    "amax": (lambda m, y, s: m.fc(torch.amax(y, dim=1)), "max"),
    "adaptive": (
        lambda m, y, s: m.fc(F.adaptive_avg_pool1d(y.transpose(1, 2), 1).squeeze(-1)),
        "mean",
    ),
    "mean and max": (lambda m, y, s: m.joint(torch.cat([y.mean(1), y.amax(1)], 1)), "mean+max"),
    "last, max and mean": (
        lambda m, y, s: m.out(F.relu(m.triple5(torch.cat([y[:, -1], y.amax(1), y.mean(1)], 1)))),
        "each+max+mean",
    ),
    "mean after a layer": (lambda m, y, s: m.fc(y).mean(1), "mean"),
    "two layers": (
        lambda m, y, s: torch.softmax(m.out(F.dropout(F.relu(m.wide(y[:, -1])), 0.5, False)), 1),
        "last",
    ),
    "two layers in a row": (lambda m, y, s: m.out(m.wide(y[:, -1])), "last"),
    "relu first": (lambda m, y, s: m.fc(F.relu(y[:, -1])), "last"),
    "tanh": (lambda m, y, s: m.out(torch.tanh(m.wide(y.mean(1)))), "mean"),
    "leaky": (lambda m, y, s: m.out(F.leaky_relu(m.wide(y[:, -1]), 0.2)), "last"),
    "elu": (lambda m, y, s: m.out(F.elu(m.wide(y[:, -1]))), "last"),
    "selu": (lambda m, y, s: m.out(F.selu(m.wide(y[:, -1]))), "last"),
    "silu": (lambda m, y, s: m.out(F.silu(m.wide(y[:, -1]))), "last"),
    "gelu": (lambda m, y, s: m.out(F.gelu(m.wide(y[:, -1]))), "last"),
    "relu6": (lambda m, y, s: m.out(F.relu6(m.wide(y[:, -1]))), "last"),
    "hardsigmoid": (lambda m, y, s: m.out(F.hardsigmoid(m.wide(y[:, -1]))), "last"),
    "hardswish": (lambda m, y, s: m.out(F.hardswish(m.wide(y[:, -1]))), "last"),
    "softplus": (lambda m, y, s: m.out(F.softplus(m.wide(y[:, -1]))), "last"),
    "sigmoid of one": (lambda m, y, s: torch.sigmoid(m.one(y[:, -1])).squeeze(-1), "last"),
    "one of the answers": (lambda m, y, s: torch.softmax(m.fc(y[:, -1]), 1)[:, 1], "last"),
    "batch norm": (lambda m, y, s: m.fc(m.norm(y[:, -1])), "last"),
    "batch norm between": (lambda m, y, s: m.out(F.relu(m.norm5(m.wide(y[:, -1])))), "last"),
    "batch norm of all": (lambda m, y, s: m.fc(m.norm(y.transpose(1, 2)).transpose(1, 2)), "each"),
    "scaled": (lambda m, y, s: m.fc(y[:, -1] * 0.5 + 1) / 0.7, "last"),
    "states, too": (lambda m, y, s: (m.fc(y[:, -1]), s[1]), "last"),
    "chosen": (lambda m, y, s: torch.argmax(m.fc(y[:, -1]), 1), "last"),
}
BOTH_WAYS: dict[str, tuple[Callable[[Any, Tensor, Any], Any], str]] = {
    "last": (HEADS["last"][0], "each"),  # backward, what it gives after one tick
    "each": HEADS["each"],
    "mean": HEADS["mean"],
    "max": HEADS["max"],
    "mean and max": HEADS["mean and max"],
    "batch norm": (HEADS["batch norm"][0], "each"),
    "both states": (lambda m, y, s: m.fc(torch.cat([s[0][-2], s[0][-1]], 1)), "last"),
    "both states, relu": (
        lambda m, y, s: m.fc(F.relu(torch.cat([s[0][-2], s[0][-1]], 1))),
        "last",
    ),
    "both ends": (_ends, "last"),
    "the sum of both": (lambda m, y, s: m.narrow(y[..., :HIDDEN] + y[..., HIDDEN:]), "each"),
    "the mean of both states": (lambda m, y, s: m.narrow((s[0][-2] + s[0][-1]) / 2), "last"),
    "one direction": (lambda m, y, s: m.narrow(y[..., HIDDEN:]), "each"),
}
# What no readout says, with the operator that is named.
STRANGE: dict[str, tuple[Callable[[Any, Tensor, Any], Any], str]] = {
    "attention": (_attention, "Softmax"),
    "layer norm": (lambda m, y, s: m.fc(m.layer_norm(y[:, -1])), "LayerNormalization"),
    "mean of outputs and max of functions": (
        lambda m, y, s: m.joint(torch.cat([y.mean(1), F.relu(y).amax(1)], 1)),
        "ReduceMax|Concat",
    ),
    "first": (lambda m, y, s: m.fc(y[:, 0]), "middle"),
    "max after a layer": (lambda m, y, s: m.fc(y).amax(1), "ReduceMax"),
    "mean after a function": (lambda m, y, s: F.relu(m.wide(y)).mean(1), "ReduceMean"),
    "squared": (lambda m, y, s: m.fc(y[:, -1] ** 2), "Mul|Pow"),
    "residual": (lambda m, y, s: m.fc(y + torch.tanh(y)), "Add"),
    "middle": (lambda m, y, s: m.fc(y[:, 2]), "middle"),
}
