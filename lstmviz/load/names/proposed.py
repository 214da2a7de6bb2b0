"""A file of names that the shapes and the names of a file's arrays suggest, for a user to check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lstmviz.load.common.contents import Contents, Tensor, listed
from lstmviz.load.names.proposed_head import proposed_head, toml_text

# How others call the gates, and which of ours that is; a letter, or a word.
_LETTERS = {
    "lstm": {"i": "i", "f": "f", "g": "g", "c": "g", "o": "o"},
    "gru": {"r": "r", "z": "z", "u": "z", "n": "n", "h": "n", "c": "n"},
}
_WORDS = {
    "lstm": {"input": "i", "forget": "f", "cell": "g", "candidate": "g", "output": "o"},
    "gru": {"reset": "r", "update": "z", "candidate": "n", "new": "n"},
}
_GATES = {"lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}
_RECURRENT = re.compile(r"rec|hh|h2h|hid\w*2hid|hh2h|(?:^|[._])[uUrR](?:[._*]|$)|[uU]\*|_h\*|h_?\*")
_OF_STATE = re.compile(r"(?:^|[._])(?:w_?)?(?:hh|h2h|rec\w*|u|r)(?:[._]|$)|recurrent|hid2hid", re.I)
_OF_INPUT = re.compile(
    r"(?:^|[._])(?:w_?)?(?:ih|xh|i2h|x2h|in2hid|kernel|w)(?:[._]|$)|input2hid|in_?proj", re.I
)
_RECURRENT_LAYER = re.compile(r"lstm|rnn|cell|rec|gate|i2h", re.IGNORECASE)
_ORDER = "the order in which the gates are stacked, which shapes do not tell"
_JOINED = 'or "h x": the order in which they are joined'
_BIAS = re.compile(r"(?:^|[._])(?:bias\w*|b[a-z0-9]{0,3})(?:[._]|$)", re.IGNORECASE)
_MOST = 400  # arrays: every pair of them is looked at
_NAME = re.compile(r"\s+")


@dataclass
class _Layer:
    """A layer as it may be: the arrays of each weight, by gate or for all gates."""

    cell: str
    arrays: dict[str, str | dict[str, str]]
    gates: str = ""
    transposed: bool = False
    joined: bool = False
    inputs: int = 0
    hidden: int = 0
    remarks: dict[str, str] = field(default_factory=dict)  # beside a key


def proposed_names(contents: Contents, file: str) -> str:
    """The text of a `names.toml` for arrays that no reader knows, "" where nothing suggests one.

    It is complete, and a proposal: whatever shapes do not tell is said in a remark.
    """
    if contents.stacks or contents.unusable or not 0 < len(contents.arrays) <= _MOST:
        return ""
    arrays = {
        name: _flat(name, tensor)
        for name, tensor in contents.arrays.items()
        if 1 <= len(tensor.shape) <= 2 and all(tensor.shape) and _sayable(name)
    }
    ways = (_gate_by_gate, _plain, _stacked, _stacked_and_joined)
    layers = next((found for way in ways if (found := list(way(arrays)))), [])
    if not layers:
        return ""
    lines = [
        f"# Which array of {_NAME.sub(' ', file)} is which weight, as shapes and names suggest.",
        "# Check it, save it as names.toml, and give it with --names names.toml (in Python, "
        'names="names.toml").',
    ]
    for layer in layers:
        lines += ["", *_written(layer)]
    used = _used(layers)
    used |= _dense(contents)
    words, of_words = _embedding(contents, layers, used)
    used |= of_words
    head, of_head = proposed_head(arrays, used, layers[-1].hidden, layers[-1].transposed)
    lines += [*words, *head, *_left(contents, used | of_head)]
    return "\n".join(lines) + "\n"


def _flat(name: str, tensor: Tensor) -> Tensor:
    """A bias that is kept as a column or a row, as a vector; all else as it is."""
    if len(tensor.shape) == 2 and 1 in tensor.shape and _BIAS.search(name):
        return replace(tensor, shape=(max(tensor.shape),))
    return tensor


def _used(layers: list[_Layer]) -> set[str]:
    """The arrays that layers are made of."""
    named = {name for layer in layers for value in layer.arrays.values() for name in _names(value)}
    return named | {name.rpartition("[")[0] for name in named if name.endswith("]")}


def _dense(contents: Contents) -> set[str]:
    """The arrays of dense layers that need no names."""
    sure = [head.name for head in contents.heads if head.sure]
    return {f"{name}.{kind}" for name in sure for kind in ("weight", "bias")}


def _left(contents: Contents, used: set[str]) -> list[str]:
    """A remark on the arrays that are in no layer."""
    left = [name for name in contents.arrays if name not in used and _sayable(name)]
    return ["", f"# Not used: {listed([toml_text(name) for name in left])}"] if left else []


def _embedding(
    contents: Contents, layers: list[_Layer], used: set[str]
) -> tuple[list[str], set[str]]:
    """The matrix of words, or one that may be it as a remark; and that matrix."""
    wide = [
        matrix
        for matrix in contents.matrices
        if matrix.width == layers[0].inputs and _sayable(matrix.name) and matrix.name not in used
    ]
    sure = [matrix for matrix in wide if matrix.sure]
    if len(sure) == 1:
        return ["", "[embedding]", f"W = {toml_text(sure[0].name)}"], {sure[0].name}
    if len(wide) == 1:
        lines = ["", "# If words come in:", "# [embedding]", f"# W = {toml_text(wide[0].name)}"]
        return lines, {wide[0].name}
    return [], set()


def _names(value: str | dict[str, str]) -> list[str]:
    return [value] if isinstance(value, str) else [*value.values()]


def _written(layer: _Layer) -> Iterator[str]:
    def line(key: str, value: str) -> str:
        remark = layer.remarks.get(key)
        return f"{key} = {value}" + (f"  # {remark}" if remark else "")

    yield "[[layer]]"
    yield line("cell", toml_text(layer.cell))
    if layer.gates:
        yield line("gates", toml_text(layer.gates))
    if layer.transposed:
        yield line("transposed", "true")
    for key, value in layer.arrays.items():
        if isinstance(value, str):
            yield line(key, toml_text(value))
        else:
            pairs = ", ".join(f"{gate} = {toml_text(name)}" for gate, name in value.items())
            yield line(key, f"{{ {pairs} }}")
    if layer.joined:
        yield line("joined", '"x h"')


def _gate_by_gate(arrays: Mapping[str, Tensor]) -> Iterator[_Layer]:
    """A layer whose gates have arrays of their own, which differ in one letter or word."""
    for cell, gates in _GATES.items():
        found: dict[str, dict[str, str]] = {}  # a name without its gate -> gate -> name
        for name in arrays:
            for template, gate in _templates(name, cell):
                found.setdefault(template, {}).setdefault(gate, name)
        families = [
            (template, {gate: names[gate] for gate in gates})
            for template, names in found.items()
            if {*names} == {*gates} and len({arrays[name].shape for name in names.values()}) == 1
        ]
        layer = _of_families(cell, families, arrays)
        if layer is not None:
            yield layer
            return


def _templates(name: str, cell: str) -> Iterator[tuple[str, str]]:
    for word, gate in _WORDS[cell].items():
        for match in re.finditer(word, name, re.IGNORECASE):
            yield f"{name[: match.start()]}*{name[match.end() :]}", gate
    for place, letter in enumerate(name):
        gate = _LETTERS[cell].get(letter.lower(), "")
        if gate:
            yield f"{name[:place]}*{name[place + 1 :]}", gate


def _of_families(
    cell: str, families: list[tuple[str, dict[str, str]]], arrays: Mapping[str, Tensor]
) -> _Layer | None:
    def shape(names: dict[str, str]) -> tuple[int, ...]:
        return arrays[next(iter(names.values()))].shape

    matrices = [(template, names) for template, names in families if len(shape(names)) == 2]
    vectors = [(template, names) for template, names in families if len(shape(names)) == 1]
    if not matrices:
        return None
    sizes = {shape(names)[0] for _, names in vectors}
    first = matrices[0][1]
    rows, columns = shape(first)
    if len(matrices) == 1:  # one for what comes in and the state, side by side
        hidden = next(iter(sizes)) if len(sizes) == 1 else min(rows, columns)
        transposed = columns == hidden and rows > hidden
        inputs = (rows if transposed else columns) - hidden
        if inputs < 1 or (columns if transposed else rows) != hidden:
            return None
        made = _Layer(
            "gru-reset-before" if cell == "gru" else cell,
            {"WR": first},
            transposed=transposed,
            joined=True,
            inputs=inputs,
            hidden=hidden,
            remarks={"joined": _JOINED},
        )
    else:
        square = [pair for pair in matrices if shape(pair[1])[0] == shape(pair[1])[1]]
        named = [pair for pair in square if _RECURRENT.search(pair[0])]
        state = (named or square[-1:])[0] if square else None
        if state is None:
            return None
        hidden = shape(state[1])[0]
        rest = [pair for pair in matrices if pair is not state and hidden in shape(pair[1])]
        if not rest:
            return None
        rows, columns = shape(rest[0][1])
        transposed = rows != hidden
        made = _Layer(
            cell,
            {"W": rest[0][1], "R": state[1]},
            transposed=transposed,
            inputs=rows if transposed else columns,
            hidden=hidden,
        )
    biases = [pair for pair in vectors if shape(pair[1]) == (hidden,)]
    later = [pair for pair in biases if _RECURRENT.search(pair[0])]
    if len(biases) > 1 and later:
        biases = [pair for pair in biases if pair is not later[0]][:1] + later[:1]
    for key, (_, names) in zip(("b", "rb"), biases, strict=False):
        made.arrays[key] = names
    if cell == "gru":
        made.remarks["cell"] = (
            "where z near 1 takes the new state, it is gru-chung; other GRUs: `lstmviz list`"
        )
    return made


def _stacked(arrays: Mapping[str, Tensor]) -> Iterator[_Layer]:
    """Layers whose gates are stacked: four or three times as many rows, or columns, as units."""
    matrices = [(name, one.shape) for name, one in arrays.items() if len(one.shape) == 2]
    used: set[str] = set()
    for place, (name, shape) in enumerate(matrices):
        if name in used:
            continue
        for cell, count in (("lstm", 4), ("gru", 3)):
            state = next(
                (
                    (other, turned)
                    for other, size in matrices[place + 1 :]
                    if other not in used
                    for turned in (False, True)
                    if size[turned] == count * size[not turned] and shape[turned] == size[turned]
                ),
                None,
            )
            if state is None:
                continue
            other, turned = state
            first, second = name, other
            square = shape[turned] == count * shape[not turned]
            if square and _OF_STATE.search(name) and not _OF_STATE.search(other):
                first, second = other, name
            used |= {name, other}
            yield _with_biases(
                _stack(cell, {"W": first, "R": second}, turned, arrays), count, arrays, used
            )
            break


def _stacked_and_joined(arrays: Mapping[str, Tensor]) -> Iterator[_Layer]:
    """Layers of one matrix each, of four gates, for what comes in and the state side by side."""
    used: set[str] = set()
    for name, tensor in arrays.items():
        for turned in (True, False):
            if len(tensor.shape) != 2 or not _RECURRENT_LAYER.search(name):
                continue
            gated, wide = tensor.shape[turned], tensor.shape[not turned]
            biases = [one for one in arrays if one not in used and arrays[one].shape == (gated,)]
            if gated % 4 or wide <= gated // 4 or not biases:
                continue
            layer = _stack("lstm", {"WR": name}, turned, arrays)
            layer.joined, layer.inputs = True, wide - gated // 4
            layer.remarks["joined"] = _JOINED
            if turned:
                layer.gates = "i g f o"
                layer.remarks["gates"] = (
                    f"that of TensorFlow 1, which also needs forget_bias = 1.0; {_ORDER}"
                )
            yield _with_biases(layer, 4, arrays, used)
            break


def _stack(
    cell: str, names: dict[str, str | dict[str, str]], turned: bool, arrays: Mapping[str, Tensor]
) -> _Layer:
    """Such a layer, with the order of gates of the framework that stores weights like this."""
    first = next(iter(names.values()))
    shape = arrays[first].shape if isinstance(first, str) else (0, 0)
    order = {"lstm": "i f g o", "gru": "z r n" if turned else "r z n"}[cell]
    whose = "that of Keras" if turned else "that of PyTorch"
    return _Layer(
        cell,
        names,
        gates=order,
        transposed=turned,
        inputs=shape[not turned],
        hidden=shape[turned] // len(_GATES[cell]),
        remarks={"gates": f"{whose}; {_ORDER}"},
    )


def _with_biases(layer: _Layer, count: int, arrays: Mapping[str, Tensor], used: set[str]) -> _Layer:
    """The layer with the next biases of its size: one, two, or two in one array."""
    size = count * layer.hidden
    names = [*arrays]
    beside = {
        bias: f"{matrix.rpartition('.')[0]}.bias"
        for bias, key in (("b", "W"), ("rb", "R"))
        if isinstance(matrix := layer.arrays.get(key), str) and matrix.endswith(".weight")
    }
    own = {b: n for b, n in beside.items() if n in arrays and arrays[n].shape == (size,)}
    if own:  # each matrix has its own
        used |= {*own.values()}
        layer.arrays |= own
        return layer
    last = max(names.index(name) for name in layer.arrays.values() if isinstance(name, str))
    fitting = [name for name in names if name not in used and arrays[name].shape == (size,)]
    fitting = [name for name in fitting if names.index(name) > last] or fitting
    pairs = [
        name
        for name in names
        if name not in used and arrays[name].shape == (2, size) and layer.transposed
    ]
    if pairs:
        used.add(pairs[0])
        layer.arrays |= {"b": f"{pairs[0]}[0]", "rb": f"{pairs[0]}[1]"}
        return layer
    few = fitting[:2]
    if len(few) == 2 and layer.transposed:  # of Keras' kind, each layer has one
        few = few[:1]
    if len(few) == 2 and _OF_STATE.search(few[0]) and not _OF_STATE.search(few[1]):
        few = few[::-1]
    used |= {*few}
    layer.arrays |= dict(zip(("b", "rb"), few, strict=False))
    return layer


def _plain(arrays: Mapping[str, Tensor]) -> Iterator[_Layer]:
    """A plain RNN, which only names give away: i2h and h2h, or i2h for both side by side."""
    matrices = {name: one.shape for name, one in arrays.items() if len(one.shape) == 2}
    states = [name for name, shape in matrices.items() if shape[0] == shape[1]]
    remarks = {
        "cell": 'or rnn-relu; where nothing is applied to the sum: functions = { tanh = "linear" }'
    }
    for name in (name for name in states if _OF_STATE.search(name)):
        units = matrices[name][0]
        for other, shape in matrices.items():
            if other == name or units not in shape or not _OF_INPUT.search(other):
                continue
            turned = shape[0] != units
            layer = _Layer(
                "rnn",
                {"W": other, "R": name},
                transposed=turned,
                inputs=shape[0] if turned else shape[1],
                hidden=units,
                remarks=remarks,
            )
            yield _with_biases(layer, 1, arrays, {name, other})
            return
    if any(_OF_STATE.search(name) for name in matrices):
        return  # two matrices, but not of an RNN
    for name, shape in matrices.items():
        if _OF_INPUT.search(name) and not re.search("kernel|emb", name) and shape[0] < shape[1]:
            layer = _Layer(
                "rnn",
                {"WR": name},
                joined=True,
                inputs=shape[1] - shape[0],
                hidden=shape[0],
                remarks={**remarks, "joined": _JOINED},
            )
            yield _with_biases(layer, 1, arrays, {name})
            return


def _sayable(name: str) -> bool:
    """Whether a name can stand in a file of names, and is of a sensible length."""
    return len(name) <= 200 and name.isprintable()
