"""Where a file keeps the weights of each layer: Keras goes by their order, never by their names.

Names are given anew with every model, so that a second one in the same session has others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import listed
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.config import Entry, cells_of, class_of, config_within, snake
from lstmviz.load.keras.hdf5 import Hdf5

Reader = Callable[[Entry], list[Stored]]  # of the weights of a layer

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # since Keras 2.13, and before

# Layers that never have weights.
_WITHOUT = re.compile(
    r"InputLayer|Dropout|SpatialDropout\dD|Gaussian\w+|AlphaDropout|Masking|Activation|ReLU|ELU|"
    r"LeakyReLU|ThresholdedReLU|Softmax|Identity|ActivityRegularization|Flatten|Reshape|Permute|"
    r"RepeatVector|(Global)?(Max|Average)Pooling\dD|Cropping\dD|ZeroPadding\dD|UpSampling\dD|"
    r"Concatenate|Add|Average|Multiply|Subtract|Maximum|Minimum|Dot|Lambda|"
    r"GetItem|SlicingOpLambda|TFOpLambda|NotEqual|Any"
)
_WITH_BIAS = re.compile(
    r"Dense|EinsumDense|Conv\dD|Conv\dDTranspose|DepthwiseConv\dD|LocallyConnected\dD"
)
_RECURRENT = re.compile(r"LSTM|GRU|SimpleRNN|RNN|CuDNNLSTM|CuDNNGRU")


def by_path(file: Hdf5) -> Reader:
    """The weights of a layer in a file that is laid out as the model's objects are."""

    def stored(entry: Entry) -> list[Stored]:
        return [
            one
            for place in _groups(file, _place(file, entry), entry)
            for one in in_group(file, place)
        ]

    return stored


def in_group(file: Hdf5, group: str) -> list[Stored]:
    """The arrays of one object, in the order in which it made them."""
    numbers = sorted((n for n in file.names(f"{group}/vars") if n.isdigit()), key=int)
    return [stored_at(file, f"{group}/vars/{n}") for n in numbers]


def _groups(file: Hdf5, place: str, entry: Entry) -> Iterator[str]:
    """The groups within that of a layer that hold its weights, in Keras's order."""
    config = entry.config
    places = [place]
    if entry.kind == "TimeDistributed":
        places = [f"{place}/layer"]
    elif entry.kind == "Bidirectional":
        places = [f"{place}/{way}_layer" for way in ("forward", "backward")]
        config = config_within(config.get("layer"))
    for one in places:
        if file.names(f"{one}/cell/cells"):
            kinds = [snake(kind) for kind, _ in cells_of(entry.kind, config)]
            yield from (f"{one}/cell/cells/{name}" for name in _counted(kinds))
        else:
            yield f"{one}/cell" if file.exists(f"{one}/cell") else one


def _place(file: Hdf5, entry: Entry) -> str:
    """The group of a layer, which its class and its number among those of its class lead to."""
    root = ""
    for step in entry.path:
        container = next((c for c in CONTAINERS if file.exists(f"{root}/{c}")), CONTAINERS[0])
        if container != CONTAINERS[0]:
            step = _nth(file.names(f"{root}/{container}"), step)
        root = f"{root}/{container}/{step}"
    return root


def _nth(names: Sequence[str], step: str) -> str:
    """The group of that number where numbers are left out: such files count layers twice."""
    base, number = _numbered(step)
    mine = sorted(n for name in names for b, n in [_numbered(name)] if b == base)
    if number >= len(mine):
        return step
    return f"{base}_{mine[number]}" if mine[number] else base


def _numbered(name: str) -> tuple[str, int]:
    base, _, number = name.rpartition("_")
    return (base, int(number)) if base and number.isdigit() else (name, 0)


def _counted(kinds: Sequence[str]) -> list[str]:
    """The groups of several objects: lstm_cell, lstm_cell_1 and so on."""
    seen: dict[str, int] = {}
    names = []
    for kind in kinds:
        count = seen.get(kind, 0)
        names.append(f"{kind}_{count}" if count else kind)
        seen[kind] = count + 1
    return names


def by_order(file: Hdf5, root: str, entries: Sequence[Entry]) -> Reader:
    """The weights of a layer in the older .h5 files, which list them layer by layer.

    Raises:
        UsageError: the configuration has more or fewer layers with weights than the file.
    """
    tops: dict[str, list[Entry]] = {}  # the layers of the model itself; some are models
    for entry in entries:
        tops.setdefault(entry.names[0], []).append(entry)
    names = [
        name
        for name in file.texts(root, "layer_names")
        if file.texts(f"{root}/{name}", "weight_names")
    ]
    groups = _aligned(tops, names)

    def stored(entry: Entry) -> list[Stored]:
        group = f"{root}/{groups.get(entry.names[0], '')}"
        weights = file.texts(group, "weight_names") if entry.names[0] in groups else []
        if len(entry.names) > 1:
            weights = _of_one(weights, entry, tops[entry.names[0]])
        return [stored_at(file, f"{group}/{name}") for name in weights]

    return stored


def _aligned(tops: Mapping[str, Sequence[Entry]], names: list[str]) -> dict[str, str]:
    """The group in the file of each layer that has weights."""
    counts = {top: [_count(entry) for entry in inner] for top, inner in tops.items()}
    perhaps = [top for top, inner in counts.items() if any(n != (0, 0) for n in inner)]
    surely = [top for top in perhaps if any(n not in (None, (0, 0)) for n in counts[top])]
    named = [top for top in perhaps if top in surely or top in names]
    for ours in (perhaps, surely, named):
        if len(ours) == len(names):
            return dict(zip(ours, names, strict=True))
    raise UsageError(
        f"its configuration has {len(surely)} layers with weights ({listed(surely) or 'none'}), "
        f"but the file {len(names)} ({listed(names) or 'none'}); give the configuration of the "
        "model whose weights they are"
    )


def _of_one(weights: Sequence[str], entry: Entry, inner: Sequence[Entry]) -> list[str]:
    """Those of one layer among the weights of a model within the model.

    They are those that are trained, layer by layer, and then the others.
    """
    counts = [_count(one) for one in inner]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or sum(map(sum, known)) != len(weights):
        return [name for name in weights if entry.names[-1] in name.split("/")]
    at = inner.index(entry)
    found: list[str] = []
    start = 0
    for part in (0, 1):
        start += sum(count[part] for count in known[:at])
        found += weights[start : start + known[at][part]]
        start += sum(count[part] for count in known[at:])
    return found


def _count(entry: Entry) -> tuple[int, int] | None:
    """How many arrays a layer has that are trained, and that are not; None if that is not known."""
    count = _count_of(entry.kind, entry.config) if entry.ours else None
    if count is not None and entry.config.get("trainable") is False:
        return 0, sum(count)
    return count


def _count_of(kind: str, config: Mapping[str, Any]) -> tuple[int, int] | None:
    if _WITHOUT.fullmatch(kind):
        return 0, 0
    bias = bool(config.get("use_bias", True))
    if _RECURRENT.fullmatch(kind):
        return sum(2 + bool(one.get("use_bias", True)) for _, one in cells_of(kind, config)), 0
    if _WITH_BIAS.fullmatch(kind):
        return 1 + bias, 0
    if kind in ("Embedding", "PReLU"):
        return 1, 0
    if kind in ("BatchNormalization", "LayerNormalization"):
        scaled = bool(config.get("scale", True)) + bool(config.get("center", True))
        return scaled, 2 if kind == "BatchNormalization" else 0
    if kind in ("Bidirectional", "TimeDistributed"):
        layer = config.get("layer")
        ways = (
            [layer] if kind == "TimeDistributed" else [layer, config.get("backward_layer") or layer]
        )
        counts = [_count_of(class_of(way), config_within(way)) for way in ways]
        known = [count for count in counts if count is not None]
        return (
            (sum(n for n, _ in known), sum(n for _, n in known))
            if len(known) == len(ways)
            else None
        )
    return None


def stored_at(file: Hdf5, path: str) -> Stored:
    """The array at a path."""
    return Stored(file.shape(path), partial(file.array, path))
