"""The configuration of a Keras model as a list of layers and what feeds each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lstmviz.errors import UsageError

KERAS = ("keras", "tf_keras", "tensorflow")  # the packages whose layers are Keras's own
_MODELS = {"Sequential", "Functional", "Model"}
# Options of the input and of recurrent layers that one version of Keras alone writes.
_TELLING = {"batch_input_shape": 2, "time_major": 2, "implementation": 2, "batch_shape": 3}
_DEEPEST = 20  # models within models
_MOST = 5_000  # layers


class OwnModelError(UsageError):
    """A configuration of a model of somebody's own class, which does not list its layers."""


@dataclass(frozen=True)
class Entry:
    """One layer of a model's configuration."""

    names: tuple[str, ...]  # its name, after those of the models that it is in
    kind: str  # its class
    config: Mapping[str, Any]
    path: tuple[str, ...]  # where newer files keep it: the class in snake case, with a number
    sources: tuple[str, ...] = ()  # the full names of the layers that feed it
    ours: bool = True  # whether the class is Keras's own
    masks: tuple[str, ...] = ()  # those that give it a mask in so many words
    numbers: tuple[float, ...] = ()  # that it is called with, beside the layers
    taken: tuple[int, ...] = ()  # which output of each source it takes, where a graph tells
    last_step: bool = False  # whether it takes the last step of a sequence, y[:, -1]
    output: int | None = None  # which of the whole model's outputs it gives, from 0

    @property
    def name(self) -> str:
        """The full name."""
        return "/".join(self.names)


def entries_of(config: Any) -> list[Entry]:
    """The layers of a model, or the one layer, that a configuration describes.

    Raises:
        OwnModelError: it describes a model whose layers only its code knows.
        UsageError: it describes neither a model of layers nor a layer.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("class_name"), str):
        raise UsageError("its configuration describes no Keras model")
    if config["class_name"] not in _MODELS and "layers" not in _inner(config):
        if "cell" in _inner(config) or "units" in _inner(config) or "layer" in _inner(config):
            return [_entry(config, (), (snake(config["class_name"]),), ())]
        raise OwnModelError(
            f"its model is of the class '{config['class_name']}', whose layers only its code "
            "knows; load the recurrent layer's own file, or use lstmviz.from_keras(layer)"
        )
    found = list(_layers(config, (), (), (), 0)[0])
    if len(found) > _MOST:
        raise UsageError(f"its configuration has {len(found)} layers, more than any network")
    known = {entry.name for entry in found}
    return [
        replace(
            entry,
            sources=tuple(name for name in entry.sources if name in known),
            masks=tuple(name for name in entry.masks if name in known),
        )
        for entry in found
    ]


def version_of(config: Any) -> int | None:
    """Which Keras wrote a configuration, 2 or 3, by options that the other does not write.

    Both may leave their version out, and both say `module` and `registered_name`.
    """
    found: set[int] = set()
    todo = [config]
    while todo:
        node = todo.pop()
        if isinstance(node, Mapping):
            found |= {major for option, major in _TELLING.items() if option in node}
            random = "seed" in node and "recurrent_initializer" in node  # a recurrent layer's own
            if random or node.get("class_name") == "DTypePolicy":
                found.add(3)
            todo += node.values()
        elif isinstance(node, (list, tuple)):
            todo += node
    return found.pop() if len(found) == 1 else None


def snake(name: str) -> str:
    """The name of a class as Keras writes it in paths."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def config_within(layer: Any) -> Mapping[str, Any]:
    """The configuration of a layer that stands in that of another one.

    Raises:
        UsageError: there is none.
    """
    inner = layer.get("config") if isinstance(layer, Mapping) else None
    if not isinstance(inner, Mapping):
        raise UsageError("its configuration is incomplete")
    return inner


def class_of(layer: Any) -> str:
    """The class of a layer that stands in the configuration of another one; "" if it has none."""
    return str(layer.get("class_name", "")) if isinstance(layer, Mapping) else ""


def cells_of(kind: str, config: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The cells of a layer, from the input on: class and configuration of each."""
    cell = config.get("cell") if kind in ("RNN", "Bidirectional") else None
    if cell is None:
        return [(kind, config)]
    kinds = config_within(cell).get("cells", [cell])
    return [(class_of(one), config_within(one)) for one in kinds]


def entry_within(entry: Entry) -> Entry:
    """The layer that another one runs at each step, under the name of that one."""
    layer: Any = entry.config.get("layer")
    inner = _entry({"config": config_within(layer), **layer}, (), (), ())
    return replace(inner, names=entry.names)


def config_of_one(entry: Entry) -> Mapping[str, Any]:
    """The configuration of the layer itself, within Bidirectional or not."""
    if entry.kind == "Bidirectional":
        return config_within(entry.config.get("layer"))
    return entry.config


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
        sources, call = before, _Call()
        if graph:
            call = _call(
                layer.get("inbound_nodes"), lambda n: stands_for.get(n, "/".join((*names, n)))
            )
            sources = tuple(name for name, _ in call.sources) or feeding
        if layer["class_name"] in _MODELS and "layers" in _inner(layer):
            inside, end = _layers(layer, (*names, own), where, sources, depth + 1)
            found += inside
            stands_for[own] = end
            last = end
        else:
            one = _entry(layer, names, where, sources)
            found.append(
                replace(
                    one,
                    masks=tuple(name for name, _ in call.masks),
                    numbers=tuple(call.numbers),
                    taken=tuple(number for _, number in call.sources),
                    last_step=_takes_last(layer.get("inbound_nodes")),
                )
            )
            last = full
        before = (last,)
    ends = [
        stands_for.get(one, "/".join((*names, one)))
        for one in _output_names(_inner(config).get("output_layers") if graph else None)
    ]
    if depth == 0:
        places = {name: place for place, name in reversed([*enumerate(ends)])}
        found = [replace(entry, output=places.get(entry.name)) for entry in found]
    return found, ends[0] if ends else last


def _output_names(told: Any) -> list[str]:
    """The layers that give a model's outputs: `[name, 0, 0]`, or several of these, named or not."""
    if isinstance(told, Mapping):
        told = [*told.values()]
    if not isinstance(told, (list, tuple)) or not told:
        return []
    many = told if isinstance(told[0], (list, tuple)) else [told]
    return [
        one[0] for one in many if isinstance(one, (list, tuple)) and one and isinstance(one[0], str)
    ]


def _entry(
    layer: Mapping[str, Any],
    names: tuple[str, ...],
    path: tuple[str, ...],
    sources: tuple[str, ...],
) -> Entry:
    kind, inner = str(layer["class_name"]), _inner(layer)
    own = str(inner.get("name", layer.get("name", snake(kind))))
    module = layer.get("module")
    ours = module is None or str(module).split(".")[0] in KERAS
    return Entry((*names, own), kind, inner, path, sources, ours)


@dataclass
class _Call:
    """What a layer of a graph is called on, by full names."""

    sources: list[tuple[str, int]] = field(default_factory=list)  # with the number of its output
    masks: list[tuple[str, int]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)


def _call(nodes: Any, full: Callable[[str], str]) -> _Call:
    """What stands in a layer's inbound nodes, in either way of writing them.

    Keras 3 writes {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history":
    [name, 0, 0]}}], "kwargs": {"mask": …}}, Keras 2 [[[name, 0, 0, {"mask": [name, 0, 0]}]]].
    """
    call = _Call()

    def walk(node: Any, names: list[tuple[str, int]], depth: int = 0) -> None:
        if depth > 12:
            return
        if isinstance(node, Mapping):
            history = node.get("keras_history")
            if isinstance(history, (list, tuple)) and history and isinstance(history[0], str):
                names.append((full(history[0]), _number(history[2:])))
                return
            for key, value in node.items():
                walk(value, call.masks if key == "mask" else names, depth + 1)
        elif isinstance(node, (list, tuple)):
            if len(node) in (3, 4) and isinstance(node[0], str) and isinstance(node[1], int):
                if node[0]:
                    names.append((full(node[0]), _number(node[2:])))
                node = node[3:]
            for value in node:
                walk(value, names, depth + 1)
        elif isinstance(node, (int, float)) and not isinstance(node, bool):
            call.numbers.append(node)

    walk(nodes, call.sources)
    return call


def _number(given: Sequence[Any]) -> int:
    return given[0] if given and type(given[0]) is int else 0


def _takes_last(nodes: Any) -> bool:
    """Whether the inbound nodes of a layer are those of y[:, -1] or y[:, -1, :]."""
    node = nodes[0] if isinstance(nodes, (list, tuple)) and len(nodes) == 1 else None
    key: Any = None
    if isinstance(node, Mapping):  # {"args": [y, [slice, -1]]}
        arguments = node.get("args")
        key = arguments[1] if isinstance(arguments, (list, tuple)) and len(arguments) == 2 else None
    elif isinstance(node, (list, tuple)) and node:  # [y, 0, 0, {"slice_spec": [slice, -1]}]
        key = node[-1].get("slice_spec") if isinstance(node[-1], Mapping) else None
    if not isinstance(key, (list, tuple)) or len(key) not in (2, 3) or type(key[1]) is not int:
        return False
    return key[1] == -1 and all(_is_whole(one) for one in (key[0], *key[2:]))


def _is_whole(slice_: Any) -> bool:
    """Whether that is the slice of all."""
    told = slice_.get("config", slice_) if isinstance(slice_, Mapping) else None
    if not isinstance(told, Mapping) or "start" not in told:
        return False
    return all(told.get(name) is None for name in ("start", "stop", "step"))
