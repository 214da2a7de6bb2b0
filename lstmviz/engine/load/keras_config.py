"""The configuration of a Keras model as a list of layers and what feeds each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstmviz.errors import UsageError

_MODELS = {"Sequential", "Functional", "Model"}
_DEEPEST = 20  # models within models
_MOST = 5_000  # layers


@dataclass(frozen=True)
class Entry:
    """One layer of a model's configuration."""

    names: tuple[str, ...]  # its name, after those of the models that it is in
    kind: str  # its class
    config: Mapping[str, Any]
    path: tuple[str, ...]  # where newer files keep it: the class in snake case, with a number
    sources: tuple[str, ...] = ()  # the full names of the layers that feed it
    ours: bool = True  # whether the class is Keras's own

    @property
    def name(self) -> str:
        """The full name."""
        return "/".join(self.names)


def entries_of(config: Any) -> list[Entry]:
    """The layers of a model, or the one layer, that a configuration describes.

    Raises:
        UsageError: it describes neither a model of layers nor a layer.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("class_name"), str):
        raise UsageError("its configuration describes no Keras model")
    if config["class_name"] not in _MODELS and "layers" not in _inner(config):
        if "cell" in _inner(config) or "units" in _inner(config) or "layer" in _inner(config):
            return [_entry(config, (), (snake(config["class_name"]),), ())]
        raise UsageError(
            f"its model is of the class '{config['class_name']}', whose layers only its code "
            "knows; load the recurrent layer's own file, or use lstmviz.from_keras(layer)"
        )
    found = list(_layers(config, (), (), (), 0)[0])
    if len(found) > _MOST:
        raise UsageError(f"its configuration has {len(found)} layers, more than any network")
    known = {entry.name for entry in found}
    return [
        replace(entry, sources=tuple(name for name in entry.sources if name in known))
        for entry in found
    ]


def snake(name: str) -> str:
    """The name of a class as Keras writes it in paths."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _inner(config: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = config.get("config", {})
    if isinstance(inner, (list, tuple)):  # Sequential, in early Keras 2
        return {"layers": inner}
    return inner if isinstance(inner, Mapping) else {}


def _layers(
    config: Mapping[str, Any],
    names: tuple[str, ...],
    path: tuple[str, ...],
    feeding: tuple[str, ...],
    depth: int,
) -> tuple[list[Entry], str]:
    """The layers of a model and the full name of that whose output is the model's."""
    layers = _inner(config).get("layers")
    if not isinstance(layers, list) or depth > _DEEPEST:
        raise UsageError("its configuration has no list of layers")
    found: list[Entry] = []
    seen: dict[str, int] = {}
    stands_for: dict[str, str] = {}  # a model within the model: its last layer
    before = feeding
    last = ""
    graph = any(isinstance(layer, Mapping) and "inbound_nodes" in layer for layer in layers)
    for layer in layers:
        if not isinstance(layer, Mapping) or not isinstance(layer.get("class_name"), str):
            raise UsageError("its configuration has a layer without a class")
        kind = snake(layer["class_name"])
        count = seen.get(kind, 0)
        seen[kind] = count + 1
        where = (*path, f"{kind}_{count}" if count else kind)
        own = str(_inner(layer).get("name", layer.get("name", kind)))
        full = "/".join((*names, own))
        sources = before
        if graph:
            inbound = [name for name in _inbound(layer.get("inbound_nodes")) if name]
            sources = tuple(stands_for.get(n, "/".join((*names, n))) for n in inbound)
            if not inbound:
                sources = feeding
        if layer["class_name"] in _MODELS and "layers" in _inner(layer):
            inside, end = _layers(layer, (*names, own), where, sources, depth + 1)
            found += inside
            stands_for[own] = end
            last = end
        else:
            found.append(_entry(layer, names, where, sources))
            last = full
        before = (last,)
    outputs = _inner(config).get("output_layers")
    if graph and isinstance(outputs, list) and outputs:
        first = outputs[0] if isinstance(outputs[0], list) else outputs
        if first and isinstance(first[0], str):
            last = stands_for.get(first[0], "/".join((*names, first[0])))
    return found, last


def _entry(
    layer: Mapping[str, Any],
    names: tuple[str, ...],
    path: tuple[str, ...],
    sources: tuple[str, ...],
) -> Entry:
    kind, inner = str(layer["class_name"]), _inner(layer)
    own = str(inner.get("name", layer.get("name", snake(kind))))
    module = layer.get("module")
    ours = module is None or str(module).split(".")[0] in ("keras", "tf_keras", "tensorflow")
    return Entry((*names, own), kind, inner, path, sources, ours)


def _inbound(nodes: Any, depth: int = 0) -> Iterator[str]:
    """The names of the layers that feed a layer, in either way of writing them.

    Keras 3 writes {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history":
    [name, 0, 0]}}]}, Keras 2 [[[name, 0, 0, {}]]].
    """
    if depth > 12:
        return
    if isinstance(nodes, Mapping):
        history = nodes.get("keras_history")
        if isinstance(history, (list, tuple)) and history and isinstance(history[0], str):
            yield history[0]
            return
        for value in nodes.values():
            yield from _inbound(value, depth + 1)
    elif isinstance(nodes, (list, tuple)):
        if len(nodes) in (3, 4) and isinstance(nodes[0], str) and isinstance(nodes[1], int):
            yield nodes[0]
            return
        for value in nodes:
            yield from _inbound(value, depth + 1)
