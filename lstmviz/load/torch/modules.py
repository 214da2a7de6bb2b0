"""What lies in the value of a pickle: tensors by their names, and what modules tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Tensor
from lstmviz.load.torch.pickles import Made, Persistent

_DEEPEST = 64  # dicts and lists within each other
_LONGEST = 1_000  # letters of a tensor's name
_MOST = 100_000  # tensors
_TWICE = re.compile(r"_\w*hooks\w*|_flat_weights\w*|_all_weights|_non_persistent_buffers_set")
_PACKED = re.compile(r"(?P<prefix>(?:.*\.)?)_all_weight_values\.(?P<number>\d{1,4})\.param")
_PACKED_CELL = re.compile(r"(?P<prefix>(?:.*\.)?)_packed_weight_(?P<kind>ih|hh)")
_PACKED_LINEAR = re.compile(r"(?P<prefix>(?:.*\.)?)_packed_params\._packed_params\.(?P<part>[01])")
_OF_WORDS = re.compile(r"vocab|stoi|itos|word|token|char|alphabet|letter", re.IGNORECASE)
_SEEN = 100  # letters at the end of a name that may speak of words
_LONGEST_WORD = 1_000  # letters

QUANTISED = (
    "its weights were quantised and are dequantised here; PyTorch rounds what comes in at each "
    "step, too, so its own numbers differ by about a hundredth"
)

Leaf = Callable[[str, Any], Tensor | None]  # the tensor that a value of this name is


@dataclass(frozen=True)
class Module:
    """What a file tells of a module besides its weights, none of it looked up."""

    kind: str  # its class, with the module that it is from
    options: Mapping[str, Any] = field(default_factory=dict)  # its plain attributes
    notes: tuple[str, ...] = ()

    @property
    def nonlinearity(self) -> str | None:
        """That of a plain RNN, where the module tells it."""
        mode = self.options.get("mode")
        said = self.options.get("nonlinearity")
        if isinstance(mode, str) and mode in ("RNN_TANH", "RNN_RELU"):
            said = mode.removeprefix("RNN_").lower()
        return said if isinstance(said, str) and said in ("tanh", "relu") else None

    @property
    def own(self) -> bool:
        """Whether its class is not one of PyTorch's."""
        return not re.match(r"(?:__torch__\.)?torch\.", self.kind)


@dataclass
class Tree:
    """What was found, by dotted names without `_modules`, `_parameters` and the like."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)  # a word per row, "" without


def read_tree(value: Any, leaf: Leaf, attributes: Callable[[Made], dict[str, Any]]) -> Tree:
    """All tensors below a value, each container once, however often it is met.

    `attributes` gives those that a module of TorchScript has in its code. What an optimizer
    keeps of its own (moments, averages of gradients) is left out.

    Raises:
        UsageError: it is nested more deeply, or has more in it, than any network.
    """
    tree, packed = Tree(), dict[str, Any]()
    met: set[int] = set()
    modules: dict[int, Module] = {}  # by what they are made of, as one may have several names
    rest: list[tuple[str, str | int, int, Any]] = [("", "", 0, value)]
    while rest:
        # The name is made as late as this: many that wait are longer than the pickle.
        before, key, depth, one = rest.pop()
        path = f"{before}.{key}" if before else str(key)
        if depth > _DEEPEST or len(path) > _LONGEST:
            raise UsageError("it is nested more deeply than any network")
        tensor = leaf(path, one)
        if tensor is not None:
            if len(tree.tensors) >= _MOST:
                raise UsageError("it has too many tensors")
            tree.tensors[path] = tensor
            continue
        if id(one) in met or not isinstance(one, (Made, dict, list, tuple)):
            if id(one) in modules:
                tree.modules[path] = modules[id(one)]
            continue
        met.add(id(one))
        if isinstance(one, Made) and _is_packed(one):
            packed[path] = _state(one)
        if isinstance(one, Made) and _is_module(one) and id(one.state) not in met:
            tree.modules[path] = modules[id(one)] = _module(one, attributes)
        below = list(_below(one, met))
        words = _words(path, one)
        if words is not None:
            tree.words[path] = words
        rest += [
            (path, key, depth + 1, inner)
            for key, inner in reversed(below)
            if isinstance(inner, (Made, Persistent, dict, list, tuple))
        ]
    _unpack(packed, tree, leaf)
    return tree


def _below(one: Any, met: set[int]) -> Iterator[tuple[str | int, Any]]:
    """What is directly below a value, by the name that it has there.

    Of what was made, states and arguments may be those of others, too, and are gone through once.
    """

    def once(inner: Any) -> Iterator[tuple[str | int, Any]]:
        if isinstance(inner, (dict, list, tuple)) and id(inner) not in met:
            met.add(id(inner))
            yield from inner.items() if isinstance(inner, dict) else enumerate(inner)

    if isinstance(one, Made):
        if _is_module(one):
            for name, inner in once(one.state):
                if name in ("_parameters", "_buffers", "_modules"):
                    yield from once(inner)
                elif not (isinstance(name, str) and _TWICE.fullmatch(name)):
                    yield name, inner
        elif _is_packed(one):
            # A linear layer's; those of recurrent layers are taken apart by their names.
            yield from once(_state(one)) if len(_state(one)) == 2 else ()
        else:
            yield from one.items.items()
            yield from once(one.state)
            if one.state is None and not one.items:
                yield from once(one.arguments)
    elif isinstance(one, dict):
        # Of an optimizer, in PyTorch's own words: moments have the shapes of the weights.
        if not {"state", "param_groups"} <= one.keys():
            yield from one.items()
    else:
        yield from enumerate(one)


def _is_module(one: Made) -> bool:
    state = one.state
    if not isinstance(state, dict):
        return False
    return {"_parameters", "_modules"} <= state.keys() or one.by.module.startswith("__torch__")


def _module(one: Made, attributes: Callable[[Made], dict[str, Any]]) -> Module:
    plain = {
        name: value
        for name, value in one.state.items()
        if isinstance(name, str) and isinstance(value, (str, int, float)) and name[:1] != "_"
    }
    return Module(str(one.by), {**attributes(one), **plain})


def _is_packed(one: Any) -> bool:
    """Whether it is what PyTorch's quantised layers keep of their weights."""
    return (
        isinstance(one, Made)
        and isinstance(one.state, tuple)
        and (str(one.by) == "torch.ScriptObject" or one.by.module.startswith("__torch__."))
    )


def _state(packed: Made) -> tuple[Any, ...]:
    """What is packed: written from Python, with the name of its class beside it."""
    state: tuple[Any, ...] = packed.state
    if len(state) == 2 and isinstance(state[0], tuple) and isinstance(state[1], str):
        return state[0]
    return state


def _unpack(packed: Mapping[str, Any], tree: Tree, leaf: Leaf) -> None:
    """Give the weights of quantised layers the names that those of plain ones have."""
    groups: dict[str, dict[int, dict[str, Tensor]]] = {}
    for path, state in packed.items():
        if match := _PACKED.fullmatch(path):
            # kind, biases, …, the packed weights of the input and of the state
            if len(state) < 5 or not all(isinstance(part, (list, tuple)) for part in state[1:5]):
                continue
            pairs = [_state(one) for one in state[4][:2] if _is_packed(one)]
            biases = list(state[1][:2]) or [pair[1] for pair in pairs if len(pair) > 1]
            if len(pairs) < 2 or any(len(pair) < 1 for pair in pairs):
                continue
            values = {
                f"weight_{way}": pair[0] for way, pair in zip(("ih", "hh"), pairs, strict=False)
            }
            values |= {f"bias_{way}": one for way, one in zip(("ih", "hh"), biases, strict=False)}
            found = _tensors(match["prefix"], values, leaf)
            groups.setdefault(match["prefix"], {})[int(match["number"])] = found
        elif match := _PACKED_CELL.fullmatch(path):
            way = match["kind"]
            for part in range(2):
                tree.tensors.pop(f"{path}.{part}", None)
            values = dict(zip((f"weight_{way}", f"bias_{way}"), state, strict=False))
            found = _tensors(match["prefix"], values, leaf)
            tree.tensors |= {f"{match['prefix']}{name}": one for name, one in found.items()}
            _note(tree, match["prefix"], "")
    for prefix, numbered in groups.items():
        _note(tree, prefix, _unfold(prefix, numbered, tree))
    for name in list(tree.tensors):
        if match := _PACKED_LINEAR.fullmatch(name):
            kind = ("weight", "bias")[int(match["part"])]
            tree.tensors[f"{match['prefix']}{kind}"] = tree.tensors.pop(name)


def _tensors(prefix: str, values: Mapping[str, Any], leaf: Leaf) -> dict[str, Tensor]:
    found = {name: leaf(f"{prefix}{name}", value) for name, value in values.items()}
    return {name: tensor for name, tensor in found.items() if tensor is not None}


def _unfold(prefix: str, numbered: dict[int, dict[str, Tensor]], tree: Tree) -> str:
    """Name packed weights by layer and direction, as they follow one another.

    Gives what had to be assumed, "" for nothing.
    """
    module = tree.modules.get(prefix.rstrip("."))
    both = module.options.get("bidirectional") if module else None
    assumed = ""
    if not isinstance(both, bool):
        widths = [
            (numbered.get(k, {}).get("weight_ih"), numbered.get(k, {}).get("weight_hh"))
            for k in range(2)
        ]
        inputs = [ih.shape[-1] for ih, hh in widths if ih is not None and hh is not None]
        units = [hh.shape[-1] for ih, hh in widths if ih is not None and hh is not None]
        both = len(numbered) % 2 == 0 and len(inputs) == 2 and inputs[0] == inputs[1]
        if both and inputs[0] == units[0] and len(numbered) == 2:
            both = False
            assumed = (
                "it has two packed layers, which may be one in both directions as well; two, one "
                "after the other, are assumed: torch.save(model, …) tells it"
            )
    ways = 2 if both else 1
    for number, found in numbered.items():
        ending = f"_l{number // ways}" + ("_reverse" if number % ways else "")
        tree.tensors |= {f"{prefix}{name}{ending}": one for name, one in found.items()}
    return assumed


def _note(tree: Tree, prefix: str, more: str) -> None:
    """Say of a module that its weights were quantised."""
    label = prefix.rstrip(".")
    module = tree.modules.get(label, Module("torch.nn"))
    notes = (QUANTISED, *([more] if more else []))
    tree.modules[label] = Module(module.kind, module.options, notes)


def _words(path: str, one: Any) -> tuple[str, ...] | None:
    """A word per row, of what is called a vocabulary: word to row, row to word, or a list."""
    if not isinstance(one, (dict, list, tuple)) or len(one) < 2:
        return None
    first = next(iter(one.items() if isinstance(one, dict) else enumerate(one)))
    if {type(part) for part in first} != {int, str} or not _OF_WORDS.search(path[-_SEEN:]):
        return None
    rows: dict[int, str] = {}
    pairs: Iterable[tuple[Any, Any]] = one.items() if isinstance(one, dict) else enumerate(one)
    for left, right in pairs:
        word, row = (left, right) if isinstance(left, str) else (right, left)
        if not isinstance(word, str) or type(row) is not int or len(word) > _LONGEST_WORD:
            return None
        if not 0 <= row < _MOST * 10 or row in rows:
            return None
        rows[row] = word
    if max(rows) > 4 * len(rows) + 100:
        return None
    return tuple(rows.get(row, "") for row in range(max(rows) + 1))
