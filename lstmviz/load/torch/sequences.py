"""The chains of Linear layers and functions that a file of whole modules tells: its Sequentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense
from lstmviz.load.common.contents import Chain, Head, Tensor
from lstmviz.load.torch.modules import Module

_MOST = 200  # modules of a chain
_PASSES = re.compile(r"Dropout|AlphaDropout|FeatureAlphaDropout|Identity")
_NORM = re.compile(r"\w*Norm(?:[123]d)?")
_PLAIN: Mapping[str, Activation] = {
    "ReLU": Activation("relu"),
    "Tanh": Activation("tanh"),
    "Sigmoid": Activation("sigmoid"),
    "SELU": Activation("selu"),
    "SiLU": Activation("silu"),
    "Mish": Activation("mish"),
    "ReLU6": Activation("relu6"),
    "Softsign": Activation("softsign"),
    "LogSigmoid": Activation("log_sigmoid"),
    "Hardswish": Activation("hard_silu"),
    "Hardsigmoid": Activation("hard_sigmoid", (("alpha", 1 / 6), ("beta", 0.5))),
}


def chains_of(modules: Mapping[str, Module], heads: Sequence[Head]) -> tuple[Chain, ...]:
    """Each Sequential with a Linear layer in it that is in no other one."""
    named = {head.name: head for head in heads}
    within: dict[str, list[str]] = {}
    for name in modules:
        within.setdefault(name.rpartition(".")[0] if "." in name else "", []).append(name)
    found = []
    for name, module in modules.items():
        parent = modules.get(name.rpartition(".")[0]) if "." in name else None
        if not name or not _is_sequential(module) or (parent and _is_sequential(parent)):
            continue
        chain = _chain(name, [*_flat(name, modules, within)], modules, named)
        if chain is not None:
            found.append(chain)
    return tuple(found)


def norms_without_weights(
    modules: Mapping[str, Module], tensors: Mapping[str, Tensor]
) -> tuple[tuple[str, int | None], ...]:
    """The normalisations without an array of their own, and how wide each is, if that is told."""
    have = {name.rpartition(".")[0] for name in tensors}
    found = []
    for name, module in modules.items():
        if name in have or module.own or not _NORM.fullmatch(_class(module)):
            continue
        if "parametrizations" in name.split("."):  # a norm of weights, which are computed
            continue
        width = module.options.get("num_features", module.options.get("num_channels"))
        found.append((name, width if type(width) is int else None))
    return tuple(found)


def _class(module: Module) -> str:
    return module.kind.rpartition(".")[2]


def _is_sequential(module: Module) -> bool:
    return bool(not module.own and _class(module) == "Sequential")


def _flat(
    name: str, modules: Mapping[str, Module], within: Mapping[str, list[str]]
) -> Iterator[str]:
    """The modules of a Sequential in their order, with those of one in it in its place."""
    names = within.get(name, [])
    if all(one.rpartition(".")[2].isdecimal() for one in names):
        names = sorted(names, key=lambda one: int(one.rpartition(".")[2][:9]))
    for inner in names:
        if _is_sequential(modules[inner]):
            yield from _flat(inner, modules, within)
        else:
            yield inner


def _chain(
    name: str, inner: list[str], modules: Mapping[str, Module], named: Mapping[str, Head]
) -> Chain | None:
    """What is in a Sequential, or which of it stands in the way; None without a Linear layer."""
    heads = [named[one] for one in inner if one in named]
    if not heads or len(inner) > _MOST:
        return None
    width = heads[0].inputs
    reads: list[Callable[[], Dense]] = []
    words: list[str] = []
    free = False  # whether the last layer has no function yet
    for one in inner:
        module, kind = modules[one], _class(modules[one])
        if _PASSES.fullmatch(kind) and not module.own:
            continue
        head = named.get(one)
        if head is not None and kind.endswith("Linear") and not module.own:
            if head.inputs != width:
                return Chain(name, tuple(heads), problem=f"'{one}' takes {head.inputs} values")
            reads.append(head.read)
            words.append(f"'{one}' ({head.inputs} → {head.answers})")
            width, free = head.answers, True
            continue
        function = None if module.own else _function(kind, module.options)
        if function is None:
            return Chain(name, tuple(heads), problem=f"'{one}' ({kind}) is in it")
        if free:
            reads[-1] = partial(_with, reads[-1], function)
        else:
            reads.append(partial(_alone, width, function, one))
        words.append(str(function))
        free = False
    return Chain(name, tuple(heads), tuple(reads), ", ".join(words))


def _with(read: Callable[[], Dense], function: Activation) -> Dense:
    return replace(read(), activation=function)


def _alone(width: int, function: Activation, name: str) -> Dense:
    """A function by itself."""
    return Dense(np.eye(width), np.zeros(width), function, name)


def _function(kind: str, options: Mapping[str, Any]) -> Activation | None:
    """The function that a module applies; None where that is not understood, or not told."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in ("Softmax", "LogSoftmax"):  # of one row of answers, or of one for each tick
        last = options.get("dim") in (-1, 1, 2)
        return Activation({"Softmax": "softmax"}.get(kind, "log_softmax")) if last else None
    if kind == "GELU":
        return Activation("gelu") if options.get("approximate") == "none" else None
    if kind == "Softplus":
        usual = options.get("beta") == 1 and options.get("threshold") == 20
        return Activation("softplus") if usual else None
    key = {"LeakyReLU": "negative_slope", "ELU": "alpha"}.get(kind)
    value = None if key is None else options.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value):
        name = {"LeakyReLU": "leaky_relu"}.get(kind, "elu")
        return Activation(name, (("alpha", float(value)),))
    return None
