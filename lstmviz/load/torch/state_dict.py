"""Recurrent layers among weights that have PyTorch's names, whatever file they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Direction, Weights
from lstmviz.engine.model.readout import Dense
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import (
    Contents,
    Found,
    Head,
    Matrix,
    Stack,
    Tensor,
    listed,
    real,
    reordered,
)
from lstmviz.load.torch.modules import Module
from lstmviz.load.torch.pruned import without_pruning
from lstmviz.load.torch.sequences import chains_of, norms_without_weights
from lstmviz.load.torch.spectral_norm import without_spectral_norm
from lstmviz.load.torch.weight_norm import without_weight_norm

Array = NDArray[np.floating[Any]]

# The gates in the order of torch.nn.LSTM, GRU and RNN, in our names of them.
_ORDER = {"lstm": "i f g o", "gru": "r z n", "rnn": "h"}
_BIASES = ("bias_ih", "bias_hh")
_DEEPEST = 100  # layers of one module
_AGAIN = "save the whole state_dict() again"
_OWN = "if it is a cell of your own, say with names= which array is which weight"
_LEFT = re.compile(r"(?:.*\.)?(?:weight_orig|parametrizations\.weight\.original\d?)")
_ROWS = {4: "lstm", 3: "gru", 1: "rnn"}
_NAME = re.compile(
    r"(?P<prefix>(?:.*\.)?)(?P<kind>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)"
    r"(?P<level>_l\d{1,4}(?:_reverse)?)?"
)
_REWRITTEN = re.compile(  # fastai's WeightDropout, parametrizations, half of a weight_norm
    r"(?P<prefix>(?:.*?\.)??)(?:parametrizations\.)?(?P<kind>weight_[ih]h(?:_l\d+(?:_reverse)?)?)"
    r"(?:_raw|_g|_v|_orig|\.original\d*)"
)


def contents(
    kind: str,
    tensors: Mapping[str, Tensor],
    nonlinearity: str | Mapping[str, str] | None = None,
    modules: Mapping[str, Module] | None = None,
    words: Mapping[str, tuple[str, ...]] | None = None,
) -> Contents:
    """The recurrent layers and possible embeddings among tensors by their dotted names.

    `nonlinearity` is that of plain RNNs, tanh or relu, which state dicts do not tell; one for
    all, or by prefix. `modules` is what the file tells of modules by their names, and `words` the
    vocabularies in it.
    """
    modules = modules or {}
    computed: list[str] = []
    for made_whole in (without_pruning, without_weight_norm, without_spectral_norm):
        tensors, told = made_whole(tensors)
        computed += told
    computed += _parts_left(tensors)
    groups: dict[str, dict[str, dict[str, str]]] = {}  # prefix -> level -> kind -> name
    rewritten: dict[str, str] = {}
    for name in tensors:
        match = _NAME.fullmatch(name)
        if match:
            level = match["level"] or ""
            groups.setdefault(match["prefix"], {}).setdefault(level, {})[match["kind"]] = name
        elif match := _REWRITTEN.fullmatch(name):
            rewritten[match["prefix"]] = name
    stacks, unusable = [], []
    for prefix, levels in groups.items():
        label = prefix.rstrip(".")
        if prefix in rewritten:
            continue
        chosen = nonlinearity.get(label) if isinstance(nonlinearity, Mapping) else nonlinearity
        try:
            stack = _stack(label, levels, tensors, chosen, modules.get(label))
            stacks.append(replace(stack, assumed=(*stack.assumed, *computed)))
        except UsageError as error:
            unusable.append(f"{label or 'the recurrent layer'}: {error}")
    for prefix, name in rewritten.items():
        unusable.append(
            f"{prefix.rstrip('.') or 'the recurrent layer'}: '{name}' is a part of a weight "
            "(parametrization or weight dropout); remove that from the module before "
            "saving its state_dict()."
        )
    used = {name for levels in groups.values() for parts in levels.values() for name in parts}
    heads = _heads(tensors, used)
    used |= {f"{head.name}.weight" for head in heads if head.sure}  # an embedding has no bias
    matrices = tuple(
        Matrix(name, *tensor.shape, _matrix(tensor, name), _is_embedding(name, modules))
        for name, tensor in tensors.items()
        if len(tensor.shape) == 2 and name not in used and not _NAME.fullmatch(name)
    )
    return Contents(
        kind,
        tuple(stacks),
        matrices,
        tuple(unusable),
        _fitting(words or {}, matrices, stacks),
        heads=heads,
        chains=chains_of(modules, heads),
        norms=norms_without_weights(modules, tensors),
        arrays=tensors,
    )


def _is_embedding(name: str, modules: Mapping[str, Module]) -> bool:
    """Whether a matrix is one: by the class of its module where that is told, else by its name."""
    module = modules.get(name.rpartition(".")[0])
    if module is not None and not module.own and name.endswith(".weight"):
        return module.kind.endswith((".Embedding", ".EmbeddingBag"))
    return "emb" in name.lower()


def _fitting(
    words: Mapping[str, tuple[str, ...]], matrices: tuple[Matrix, ...], stacks: list[Stack]
) -> tuple[str, ...] | None:
    """The vocabulary that has a word for each row of the embedding, or for some of them."""
    sizes = [matrix.rows for matrix in matrices if matrix.sure]
    for found in words.values():
        if len(found) in (sizes or [stack.inputs for stack in stacks]):
            return found
    for found in words.values():
        if len(sizes) == 1 and len(found) < sizes[0]:
            return (*found, *[""] * (sizes[0] - len(found)))
    return None


def _heads(tensors: Mapping[str, Tensor], used: set[str]) -> tuple[Head, ...]:
    """Linear layers: a matrix called weight with a bias of as many rows beside it.

    One without a bias may as well be an embedding, and is not sure to be such a layer.
    """
    found = []
    for name, tensor in tensors.items():
        prefix, _, last = name.rpartition(".")
        if len(tensor.shape) != 2 or last != "weight" or name in used or not all(tensor.shape):
            continue
        bias = tensors.get(f"{prefix}.bias" if prefix else "bias")
        if bias is None or bias.shape == tensor.shape[:1]:
            read = partial(_dense, tensor, bias, prefix)
            sure = bias is not None
            found.append(Head(prefix, tensor.shape[1], tensor.shape[0], read, sure))
    return tuple(found)


def _dense(weight: Tensor, bias: Tensor | None, name: str) -> Dense:
    W = real(weight.read(), f"{name}.weight")
    b = np.zeros(len(W), W.dtype) if bias is None else real(bias.read(), f"{name}.bias")
    return Dense(W, b, name=name)


def _stack(
    label: str,
    levels: Mapping[str, Mapping[str, str]],
    tensors: Mapping[str, Tensor],
    nonlinearity: str | None,
    module: Module | None = None,
) -> Stack:
    told = module.nonlinearity if module else None
    if told is not None and nonlinearity not in (None, told):
        raise UsageError(f"the file itself says that its nonlinearity is {told}; leave yours out.")
    nonlinearity = told or nonlinearity
    if "" in levels:  # a cell class, which has no layers
        if len(levels) > 1:
            raise UsageError(f"it has weights of a cell and of layers under one prefix; {_OWN}.")
        _refuse_missing(levels)
        depth, ways = 1, [""]
        found: tuple[tuple[Found, ...], ...] = (
            (_found(label, levels[""], "forward", tensors, nonlinearity),),
        )
    else:
        numbers = {int(level.split("_")[1][1:]) for level in levels}
        depth = max(numbers) + 1
        if depth > _DEEPEST:
            raise UsageError(f"it claims {depth} layers, more than any network has; {_AGAIN}.")
        _refuse_missing(levels)
        ways = ["", "_reverse"] if any(level.endswith("_reverse") for level in levels) else [""]
        expected = [[f"_l{k}{way}" for way in ways] for k in range(depth)]
        missing = [level for row in expected for level in row if level not in levels]
        if missing:
            raise UsageError(f"it lacks the weights of the layers {listed(missing)}; {_AGAIN}.")
        found = tuple(
            tuple(
                _found(
                    f"{label} {level}".strip(),
                    levels[level],
                    "backward" if level.endswith("_reverse") else "forward",
                    tensors,
                    nonlinearity,
                )
                for level in row
            )
            for row in expected
        )
    cells = {one.cell.name for row in found for one in row}
    if len(cells) > 1:
        raise UsageError(f"it mixes cells: {listed(sorted(cells))}; {_OWN}.")
    assumed = [*(module.notes if module else ())]
    if module is not None and module.own:
        assumed.append(
            f"'{label or module.kind}' is of a class of its own, {module.kind}; it is assumed to "
            f"compute what PyTorch's {max(cells).upper()} does"
        )
    if cells == {"rnn"} and nonlinearity is None:
        assumed.append(
            "such a file does not tell an RNN's nonlinearity; tanh is assumed "
            "(nonlinearity='relu' is the other)"
        )
    return Stack(label, found, assumed=tuple(assumed))


def _refuse_missing(levels: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse a layer that lacks an array which it or another one has, or must have.

    Such an array is lost, as all of a module's layers are made alike: it is not 0.
    """
    have = {kind for names in levels.values() for kind in names}
    kinds = ["weight_ih", "weight_hh", *(["weight_hr"] if "weight_hr" in have else [])]
    kinds += _BIASES if have & {*_BIASES} else []
    for names in levels.values():
        kind, name = next(iter(names.items()))
        missing = [f"'{_beside(name, kind, other)}'" for other in kinds if other not in names]
        if missing:
            zeros = all(kind in names for kind in kinds if kind not in _BIASES)
            raise UsageError(
                f"it has '{name}' but not {listed(missing)}; {_AGAIN}"
                + (", or add zeros in its place if the layer has no such bias." if zeros else ".")
            )


def _beside(name: str, kind: str, other: str) -> str:
    """The name of another array of the same layer."""
    prefix, _, level = name.rpartition(kind)
    return f"{prefix}{other}{level}"


def _found(
    label: str,
    names: Mapping[str, str],
    direction: Direction,
    tensors: Mapping[str, Tensor],
    nonlinearity: str | None,
) -> Found:
    ih, hh = (tensors[names[kind]].shape for kind in ("weight_ih", "weight_hh"))
    if len(ih) != 2 or len(hh) != 2 or not all((*ih, *hh)) or ih[0] != hh[0]:
        raise UsageError(
            f"'{names['weight_ih']}' and '{names['weight_hh']}' have the shapes {ih} and {hh}, "
            f"which belong to no recurrent layer of PyTorch's; {_OWN}."
        )
    rows, outputs = hh
    if "weight_hr" in names:
        hr = tensors[names["weight_hr"]].shape
        if len(hr) != 2 or rows != 4 * hr[1] or outputs != hr[0]:
            raise UsageError(
                f"'{names['weight_hr']}' has the shape {hr}, but '{names['weight_hh']}' {hh}: "
                f"no projection fits; {_AGAIN}."
            )
        kind, hidden = "lstm", hr[1]
    elif rows % outputs or rows // outputs not in _ROWS:
        raise UsageError(
            f"'{names['weight_hh']}' has the shape {hh}; an LSTM has 4 rows per column, a GRU 3 "
            f"and an RNN 1; {_OWN}."
        )
    else:
        kind, hidden = _ROWS[rows // outputs], outputs
    for bias in _BIASES:
        if bias in names and tensors[names[bias]].shape != (rows,):
            shape = tensors[names[bias]].shape
            raise UsageError(
                f"'{names[bias]}' has the shape {shape}; ({rows},) fits the weights; {_AGAIN}."
            )
    cell = _cell(kind, "weight_hr" in names, nonlinearity)

    def read() -> Weights:
        arrays = {part: real(tensors[name].read(), name) for part, name in names.items()}
        order = _ORDER[kind]
        W, R = (reordered(arrays[part], order, cell.gates) for part in ("weight_ih", "weight_hh"))
        b, rb = (
            reordered(arrays.get(part, np.zeros(rows, W.dtype)), order, cell.gates)
            for part in _BIASES
        )
        extras = {"W_hr": arrays["weight_hr"]} if "weight_hr" in arrays else {}
        return Weights(W, R, b, rb, extras)

    return Found(label, cell, direction, ih[1], hidden, outputs, read)


def _cell(kind: str, projects: bool, nonlinearity: str | None) -> Cell:
    if kind == "rnn":
        if nonlinearity not in (None, "tanh", "relu"):
            raise UsageError(f"The nonlinearity is {nonlinearity!r}; choose tanh or relu.")
        return find_cell("rnn-relu" if nonlinearity == "relu" else "rnn")
    return find_cell("lstm-projected" if projects else kind)


def _matrix(tensor: Tensor, name: str) -> Callable[[], Array]:
    return lambda: real(tensor.read(), name)


def _parts_left(tensors: Mapping[str, Tensor]) -> list[str]:
    """What is to be said of dense layers whose weights are made of others in a way unknown here."""
    left = [repr(name) for name in tensors if _LEFT.fullmatch(name)]
    if not left:
        return []
    are = "is a part of a weight" if len(left) == 1 else "are parts of weights"
    return [
        f"{listed(left, 4)} {are} (with a parametrization, or pruned without its mask), and not "
        "read; remove that from the module before saving it"
    ]
