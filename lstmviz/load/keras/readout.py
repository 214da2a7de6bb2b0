"""What stands after the recurrent layers of a Keras model, and before them, as its graph says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense, Pooling, Readout
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Matrix, Output, Stack
from lstmviz.load.keras.cells import Stored, activation, read
from lstmviz.load.keras.config import Entry, config_of_one, entry_within
from lstmviz.load.keras.feeding import passes

Array = NDArray[np.floating[Any]]
Reader = Callable[[Entry], list[Stored]]

_POOLINGS: Mapping[str, Pooling] = {"GlobalAveragePooling1D": "mean", "GlobalMaxPooling1D": "max"}
_ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax")
_LINEAR = Activation("linear")
_MOST = 100  # layers that follow one another
_STEPS = 1_000  # layers in all ways together


@dataclass(frozen=True)
class _Step:
    """One layer: W·v + b (W is a vector where each value is only scaled), or a function."""

    name: str
    width: int  # of what it gives
    affine: Callable[[], tuple[Array, Array]] | None = None
    function: Activation = _LINEAR


@dataclass
class _Way:
    """What has been found from the recurrent layers on."""

    width: int
    sequence: bool  # whether there is a value for each step
    pooling: str  # as of a Readout
    masked: bool
    backward: bool = False  # whether the last layer reads so, and gives its outputs in that order
    steps: list[_Step] = field(default_factory=list)

    def told(self) -> str:
        """The way in words."""
        names = {"last": "the last output", "max": "the largest over time"}
        names |= {"each": "the output" if "+" in self.pooling else "each output"}
        words = [" ‖ ".join(names.get(n, "the mean over time") for n in self.pooling.split("+"))]
        width = 0
        for step in self.steps:
            if step.affine is None and step.function == _LINEAR:
                continue
            sizes = f" → {step.width}" if step.affine is not None and step.width != width else ""
            function = "" if step.function == _LINEAR else f", {step.function}"
            words.append(f"'{step.name}'{sizes}{function}")
            width = step.width
        return ", then ".join(words)

    def readout(self) -> Readout:
        """The dense layers, with the scales between them folded into these."""
        dense: list[Dense] = []
        scale: tuple[Array, Array] | None = None  # of what comes next
        for step in self.steps:
            if step.affine is not None:
                W, b = step.affine()
                linear = dense[-1].activation == _LINEAR if dense else False
                if W.ndim == 2:
                    if scale is not None:
                        W, b = W * scale[0], b + W @ scale[1]
                    dense.append(Dense(W, b, name=step.name))
                    scale = None
                elif linear and scale is None:
                    before = dense[-1]
                    dense[-1] = replace(before, W=W[:, None] * before.W, b=W * before.b + b)
                else:
                    scale = (W, b) if scale is None else (W * scale[0], W * scale[1] + b)
            if step.function != _LINEAR:
                if scale is not None or not dense or dense[-1].activation != _LINEAR:
                    dense.append(_scaled(scale, step))
                    scale = None
                dense[-1] = replace(dense[-1], activation=step.function)
        if scale is not None or not dense:
            dense.append(_scaled(scale, self.steps[-1]))
        return Readout(tuple(dense), self.pooling)


def _scaled(scale: tuple[Array, Array] | None, step: _Step) -> Dense:
    """A dense layer that scales each value alone."""
    W, b = (np.ones(step.width), np.zeros(step.width)) if scale is None else scale
    return Dense(np.diag(W), b, name=step.name)


def with_readout(
    stack: Stack,
    by_name: Mapping[str, Entry],
    after: Mapping[str, Sequence[Entry]],
    stored: Reader,
    major: int | None,
) -> Stack:
    """The stack with what follows it, or with the reason why that cannot be read.

    `after` gives the layers that read what one gives.
    """
    last = by_name[stack.last]
    ways, problems = _followed(stack, last, after, stored, major)
    if not ways:
        return replace(stack, unread=problems[0] if problems else "")
    notes = [f"one of the model's answers is not read: {problem}" for problem in problems]
    return replace(
        stack,
        answers=tuple(Output(name, way.told(), way.readout) for name, way in ways),
        assumed=(*stack.assumed, *notes),
    )


def rows_before(
    entry: Entry,
    by_name: Mapping[str, Entry],
    tables: Mapping[str, Matrix],
    stored: Reader,
    major: int | None,
) -> tuple[str, Matrix] | None:
    """The embedding whose rows a layer is fed, and the rows as what stands between makes them.

    None if no embedding does, or if that is more than a function of each row.
    """
    between: list[Entry] = []
    for _ in range(_MOST):
        if len(entry.sources) != 1 or any(entry.taken):
            return None
        entry = by_name[entry.sources[0]]
        if entry.name in tables:
            break
        between.insert(0, entry)
    else:
        return None
    table = tables[entry.name]
    way = _Way(table.width, True, "each", masked=True)
    try:
        if not all(_step(way, one, partial(stored, one), major) for one in between):
            return None
    except UsageError:
        return None
    if not (way.sequence and way.steps):
        return None

    def read_rows() -> Array:
        rows: Array = way.readout().dense_of(table.read())
        return rows

    names = " → ".join([table.name, *(step.name for step in way.steps)])
    return table.name, Matrix(names, table.rows, way.width, read_rows, True)


def _followed(
    stack: Stack,
    last: Entry,
    after: Mapping[str, Sequence[Entry]],
    stored: Reader,
    major: int | None,
) -> tuple[list[tuple[str, _Way]], list[str]]:
    """What follows a layer up to each output of the model, in the order of these.

    Gives the output's layer with the way there, and why others cannot be read: a layer follows
    that is not understood, or several that read the same meet again.
    """
    config = config_of_one(last)
    start = _Way(
        stack.outputs, bool(config.get("return_sequences")), "last", stack.mask is not None
    )
    start.backward = [found.direction for found in stack.levels[-1]] == ["backward"]
    if start.sequence:
        start.pooling = "each"
    found: list[tuple[int, str, _Way]] = []
    problems: list[str] = []
    todo = [(last, start, 0)]
    for _ in range(_STEPS):
        if not todo:
            break
        entry, way, number = todo.pop(0)
        readers = after.get(entry.name, ())
        if way.steps and (entry.output is not None or not readers):
            found.append((_MOST if entry.output is None else entry.output, entry.name, way))
        try:
            if readers and entry is last:
                _check_start(stack, last, way)
            if readers and number == _MOST:
                raise UsageError(f"more than {_MOST} layers follow")
            plain = way.sequence and not way.steps
            joint = _joined(entry, way, after, stored, major) if plain else None
        except UsageError as problem:
            problems.append(str(problem))
            continue
        if joint is not None:
            todo.append((*joint, number + 2))
            continue
        for reader in readers:
            try:
                todo.append((reader, _on(way, entry, reader, last, stored, major), number + 1))
            except UsageError as problem:
                problems.append(str(problem))
        if len(readers) > 1 and not found and not todo:
            problems.insert(0, f"several layers read what '{entry.name}' gives")
    found.sort(key=lambda one: one[0])
    return [(name, way) for _, name, way in found], [*dict.fromkeys(problems)]


def _on(
    way: _Way, entry: Entry, reader: Entry, last: Entry, stored: Reader, major: int | None
) -> _Way:
    """The way one layer on, to that which reads what an entry gives.

    Raises:
        UsageError: it is not understood.
    """
    what = f"'{reader.name}' ({reader.kind})"
    way = replace(way, steps=[*way.steps])
    if len(reader.sources) > 1:
        raise UsageError(f"{what} follows, which reads several layers or states")
    if any(reader.taken):
        if entry is not last or reader.taken != (1,) or last.kind not in ("LSTM", "GRU"):
            raise UsageError(f"{what} follows, which reads a state of '{entry.name}'")
        way.sequence, way.pooling = False, "last"  # its h
    if "LSTM" in reader.kind or "RNN" in reader.kind or reader.kind in ("GRU", "Bidirectional"):
        raise UsageError(f"{what} follows, which is a recurrent layer itself")
    if not _step(way, reader, partial(stored, reader), major):
        raise UsageError(f"{what} follows, which is not understood")
    return way


def _joined(
    entry: Entry,
    way: _Way,
    after: Mapping[str, Sequence[Entry]],
    stored: Reader,
    major: int | None,
) -> tuple[Entry, _Way] | None:
    """The layer that puts several poolings of an entry's outputs side by side, if one does.

    Raises:
        UsageError: one of these looks at steps that are masked.
    """
    readers = {one.name: one for one in after.get(entry.name, ())}
    joints = [after.get(name, ()) for name in readers]
    if len(readers) < 2 or any(len(one) != 1 or one[0] is not joints[0][0] for one in joints):
        return None
    (joint,) = joints[0]
    axis = joint.config.get("axis")
    if joint.kind != "Concatenate" or not joint.ours or axis not in (-1, 1) or any(joint.taken):
        return None
    if sorted(joint.sources) != sorted(readers):
        return None
    poolings = []
    for source in joint.sources:
        one, reader = replace(way, steps=[]), readers[source]
        if reader.sources != (entry.name,) or any(reader.taken):
            return None
        if not (reader.kind in _POOLINGS or reader.last_step):
            return None
        if not _step(one, reader, partial(stored, reader), major) or one.sequence:
            return None
        poolings.append(one.pooling)
    width = way.width * len(poolings)
    return joint, replace(
        way,
        width=width,
        sequence=False,
        pooling="+".join(poolings),
        steps=[_Step(joint.name, width)],
    )


def _check_start(stack: Stack, last: Entry, way: _Way) -> None:
    """Refuse what no answer can be told of after each step."""
    if last.kind == "TimeDistributed":
        raise UsageError(f"'{last.name}' runs within TimeDistributed, over which more follows")
    if way.sequence:
        return
    if way.masked and config_of_one(last).get("zero_output_for_mask"):
        raise UsageError(f"'{last.name}' gives zeros where the last step is masked")


def _step(
    way: _Way,
    entry: Entry,
    stored: Callable[[], list[Stored]],
    major: int | None,
    *,
    each: bool = False,
) -> bool:
    """Go one layer on; whether that was one which is understood. `each`: it is run step by step."""
    kind, config = entry.kind, entry.config
    if not entry.ours:
        return False
    if kind == "TimeDistributed":
        return way.sequence and _step(way, entry_within(entry), stored, major, each=True)
    if passes(entry) and kind != "Masking":
        return True
    if kind == "Flatten":
        if way.sequence and not each:
            raise UsageError(
                f"'{entry.name}' (Flatten) follows, which joins the outputs of all steps"
            )
        return True
    if entry.last_step and way.sequence and not (each or way.masked or way.backward):
        way.sequence = False  # of both directions at the last step, which is no "last" output
        return True
    if kind in _POOLINGS and not each:
        return _pool(way, entry)
    if kind in _ACTIVATIONS and not (kind == "Softmax" and way.masked):
        function = _function(kind, config, major)
        if function is None:
            return False
        way.steps.append(_Step(entry.name, way.width, None, function))
        return True
    if kind == "Dense":
        way.steps.append(_dense(way, entry, stored(), major))
        way.width = way.steps[-1].width
        return True
    if kind == "BatchNormalization":
        way.steps.append(
            _normalised(way, entry, stored(), rank=3 if way.sequence and not each else 2)
        )
        return True
    return False


def _pool(way: _Way, entry: Entry) -> bool:
    """Take the pooling over time to the front, where that changes nothing."""
    if not way.sequence or entry.config.get("data_format", "channels_last") != "channels_last":
        return False
    if entry.config.get("keepdims"):
        return False
    pooling = _POOLINGS[entry.kind]
    if pooling == "max" and way.masked:
        raise UsageError(
            f"'{entry.name}' ({entry.kind}) follows, which also looks at steps that are masked"
        )
    linear = all(step.function == _LINEAR for step in way.steps)
    if way.steps and not (pooling == "mean" and linear):
        raise UsageError(
            f"'{entry.name}' ({entry.kind}) follows, which pools what '{way.steps[-1].name}' makes "
            "of the outputs"
        )
    way.sequence, way.pooling = False, pooling
    if not way.steps:  # so that there is an answer even if nothing follows
        way.steps.append(_Step(entry.name, way.width))
    return True


def _function(kind: str, config: Mapping[str, Any], major: int | None) -> Activation | None:
    """The function that a layer of activations applies; None if it is not understood."""
    if kind == "Activation":
        return _named(config.get("activation"), major)
    if kind == "ELU":
        return _with_alpha("elu", config.get("alpha", 1.0))
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    if kind == "LeakyReLU":
        return _with_alpha("leaky_relu", slope)
    if kind == "Softmax":
        return Activation("softmax") if config.get("axis", -1) in (-1, [-1]) else None
    slope = config.get("negative_slope") or 0.0
    if config.get("threshold") or (slope and config.get("max_value") is not None):
        return None
    if slope:
        return _with_alpha("leaky_relu", slope)
    plain = {None: "relu", 6: "relu6"}.get(config.get("max_value"))
    return None if plain is None else Activation(plain)


def _with_alpha(name: str, alpha: Any) -> Activation | None:
    number = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
    return Activation(name, (("alpha", float(alpha)),)) if number else None


def _named(told: Any, major: int | None) -> Activation:
    function = activation(told, major)
    return function if isinstance(function, Activation) else Activation(function.__name__)


def _dense(way: _Way, entry: Entry, stored: Sequence[Stored], major: int | None) -> _Step:
    config = entry.config
    units: Any = config.get("units")
    shapes = [one.shape for one in stored]
    wanted = [(way.width, units)] + [(units,)] * bool(config.get("use_bias", True))
    if shapes != wanted or config.get("quantization_config") or config.get("quantization_mode"):
        raise UsageError(
            f"'{entry.name}' (Dense) follows, whose weights have the shapes {shapes}, not {wanted}"
        )
    function = _named(config.get("activation"), major)

    def affine() -> tuple[Array, Array]:
        kernel, *bias = (read(one, entry.name) for one in stored)
        return kernel.T, bias[0] if bias else np.zeros(kernel.shape[1], kernel.dtype)

    return _Step(entry.name, shapes[0][1], affine, function)


def _normalised(way: _Way, entry: Entry, stored: Sequence[Stored], *, rank: int) -> _Step:
    """A batch normalisation, which only scales and shifts when a network is used."""
    config, width = entry.config, way.width
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
    scaled, shifted = bool(config.get("scale", True)), bool(config.get("center", True))
    epsilon = config.get("epsilon", 1e-3)
    if axis not in (-1, rank - 1) or not isinstance(epsilon, (int, float)):
        raise UsageError(f"'{entry.name}' (BatchNormalization) follows, over another axis")
    if [one.shape for one in stored] != [(width,)] * (2 + scaled + shifted):
        raise UsageError(f"'{entry.name}' (BatchNormalization) follows, whose weights do not fit")

    def affine() -> tuple[Array, Array]:
        arrays = [read(one, entry.name).astype(np.float64) for one in stored]
        gamma = arrays.pop(0) if scaled else np.ones(width)
        beta = arrays.pop(0) if shifted else np.zeros(width)
        mean, variance = arrays
        scale = gamma / np.sqrt(variance + epsilon)
        return scale, beta - mean * scale

    return _Step(entry.name, width, affine)
