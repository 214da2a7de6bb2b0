"""Networks from modules and layers in memory, checked against them at once."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Network
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.load.assemble import assemble, chosen
from lstmviz.load.common.contents import Contents, Stack, Tensor, listed
from lstmviz.load.keras import layers as keras_layers
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.config import KERAS, Entry, entries_of
from lstmviz.load.keras.words import with_words
from lstmviz.load.options import FileOptions, check_options
from lstmviz.load.run import run
from lstmviz.load.torch import state_dict as named
from lstmviz.load.torch.modules import QUANTISED, Module
from lstmviz.load.verify import check_against

_OF_FILES_ALONE = ("config", "nonlinearity", "names")
_TICKS = 7  # of the random input that the check uses


def from_torch(
    module: Any,
    *,
    title: str | None = None,
    check: bool | ArrayLike = True,
    tolerance: float | None = None,
    **options: Unpack[FileOptions],
) -> Network:
    """The network of a torch.nn.RNN, LSTM or GRU, one of their cells, or a module with them.

    The result is checked at once: a copy of each recurrent module in float64 and ours run over
    a random input from random states, or over `check`, (time, inputs), and must agree. The
    module itself is neither run nor changed. The other `options` are those of `load_network`.

    Raises:
        UsageError: it has no such module, or several and no `part`.
        LstmvizError: the numbers do not agree.
    """
    check_options(options)
    if isinstance(module, type) or not callable(getattr(module, "state_dict", None)):
        raise UsageError(f"from_torch takes a torch module, not {type(module).__name__}.")
    tensors = {
        str(name): Tensor(tuple(value.shape), partial(_torch_array, value))
        for name, value in module.state_dict().items()
        if hasattr(value, "detach")
    }
    modules = dict(module.named_modules(remove_duplicate=False))
    told = {name: _told_by(one) for name, one in modules.items()}
    for name, packed in modules.items():
        if _is_quantised(packed):
            told[name] = replace(told[name], notes=(QUANTISED,))
            for key, value in (packed.get_weight() | packed.get_bias()).items():
                whole = value.dequantize() if value.is_quantized else value
                array = Tensor(tuple(whole.shape), partial(_torch_array, whole))
                tensors[f"{name}.{key}" if name else key] = array
    contents = named.contents("PyTorch module", tensors, modules=told)
    name = title or type(module).__name__
    network = _assembled(contents, name, options)
    if check is not False:
        for stack in _whole(contents, chosen(contents, options.get("part"))):
            inner = modules[stack.name]
            if _is_quantised(inner):  # it rounds, so that its numbers are not those of any weights
                continue
            if not _is(inner, "RNNBase", "RNNCellBase"):
                raise UsageError(
                    f"'{stack.name}' is a {type(inner).__name__}, no recurrent module of torch.nn, "
                    "so lstmviz does not know how to call it; check=False takes it for one."
                )
            with _told(stack.name):
                _check_torch(inner, stack, check, tolerance)
    return network


def from_keras(
    layer: Any,
    *,
    title: str | None = None,
    check: bool | ArrayLike = True,
    tolerance: float | None = None,
    **options: Unpack[FileOptions],
) -> Network:
    """The network of a Keras layer (SimpleRNN, LSTM, GRU, RNN, Bidirectional) or model.

    What follows the recurrent layers of a model is read, too, and so is the vocabulary of its
    TextVectorization. The result is checked at once: the recurrent layers and ours run over a
    random input, or over `check`, (time, inputs), and must agree. The other `options` are those
    of `load_network`.

    Raises:
        UsageError: it has no such layer, or several apart and no `part`, or is not built yet.
        LstmvizError: the numbers do not agree.
    """
    check_options(options)
    if isinstance(layer, type) or not callable(getattr(layer, "get_config", None)):
        raise UsageError(f"from_keras takes a Keras layer or model, not {type(layer).__name__}.")
    # A class of the user's own has Keras among its bases.
    homes = [base.__module__.split(".")[0] for base in type(layer).__mro__]
    home = sys.modules.get(next((name for name in homes if name in KERAS), homes[0]))
    version = str(getattr(home, "__version__", ""))
    major = int(version.split(".")[0]) if version[:1].isdigit() else None
    try:
        config = {"class_name": type(layer).__name__, "config": layer.get_config()}
        entries = entries_of(config)
    except (NotImplementedError, TypeError, UsageError):
        raise UsageError(
            f"The layers of a {type(layer).__name__} are known to its code alone; give its "
            "recurrent layer itself."
        ) from None
    places = {entry.name: entry for entry in entries}

    def inner(name: str) -> Any:
        return _inner(layer, places[name])

    def stored(entry: Entry) -> list[Stored]:
        arrays = [np.asarray(array) for array in inner(entry.name).get_weights()]
        if not arrays:
            raise UsageError("it has no weights yet; call it once on an input")
        return [Stored(array.shape, partial(np.asarray, array)) for array in arrays]

    def vocabulary(entry: Entry) -> list[Any] | None:
        words = inner(entry.name)
        return (
            list(words.get_vocabulary())
            if callable(getattr(words, "get_vocabulary", None))
            else None
        )

    contents = keras_layers.contents(f"Keras {version} object".strip(), entries, major, stored)
    contents = with_words(contents, entries, vocabulary)
    name = title or str(getattr(layer, "name", type(layer).__name__))
    network = _assembled(contents, name, options)
    if check is not False:
        for stack in chosen(contents, options.get("part")):
            with _told(stack.name):
                _check_keras(stack, inner, home, check, tolerance)
    return network


def _whole(contents: Contents, parts: list[Stack]) -> list[Stack]:
    """The parts that modules stand for, also where a layer of one was chosen."""
    levels = {id(level) for part in parts for level in part.levels}
    return [
        stack for stack in contents.stacks if any(id(level) in levels for level in stack.levels)
    ]


def _assembled(contents: Contents, name: str, options: FileOptions) -> Network:
    beside = [f"{option}=" for option in _OF_FILES_ALONE if options.get(option) is not None]
    if beside:
        raise UsageError(f"{name}: it says itself what it computes; leave out {listed(beside)}.")
    try:
        return assemble(contents, options, title=name, source=name)
    except UsageError as error:
        raise UsageError(f"{name}: {str(error).rstrip('.')}.") from error


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say which part of an object it is that does not agree."""
    try:
        yield
    except LstmvizError as error:
        raise type(error)(f"'{name}': {error}" if name else str(error)) from error


def _is(thing: Any, *classes: str) -> bool:
    """Whether it is of one of torch's classes; told by name, so that torch is not imported."""
    return any(
        base.__name__ in classes and base.__module__.startswith("torch.nn")
        for base in type(thing).__mro__
    )


_TOLD = (
    *("mode", "nonlinearity"),
    *("dim", "negative_slope", "alpha", "approximate", "beta", "threshold"),  # of functions
    *("num_features", "num_channels"),  # of normalisations
)


def _told_by(module: Any) -> Module:
    """What a module says of itself besides its weights, as of one in a file."""
    # A class of the user's own is compared with what it computes.
    bases = (base for base in type(module).__mro__ if base.__module__.startswith("torch.nn"))
    base = next(bases, type(module))
    told = {name: getattr(module, name, None) for name in _TOLD}
    return Module(f"{base.__module__}.{base.__name__}", told)


def _is_quantised(module: Any) -> bool:
    """Whether it is a recurrent layer of PyTorch with packed weights."""
    home = type(module).__module__
    return home.startswith("torch.ao.nn.quantized.dynamic") and hasattr(module, "get_bias")


def _torch_array(value: Any) -> NDArray[Any]:
    value = value.detach().cpu()
    if str(value.dtype) == "torch.bfloat16":  # which NumPy does not have
        value = value.float()
    array: NDArray[Any] = value.numpy()
    return array


def _alone(stack: Stack) -> Network:
    levels = tuple(tuple(found.layer() for found in level) for level in stack.levels)
    return Network(levels, merges=stack.merges)


def _input(check: bool | ArrayLike, stack: Stack) -> NDArray[Any]:
    if check is True:
        return np.random.default_rng(0).normal(size=(_TICKS, stack.inputs))
    x = np.asarray(check, np.float64)
    if x.ndim != 2 or x.shape[1] != stack.inputs or not len(x):
        raise UsageError(
            f"The input to check with has the shape {x.shape}; give (time, {stack.inputs})."
        )
    return x


def _check_torch(
    module: Any, stack: Stack, check: bool | ArrayLike, tolerance: float | None
) -> None:
    import torch

    x, random = _input(check, stack), np.random.default_rng(1)
    network = _alone(stack)
    found = [one for level in stack.levels for one in level]
    initial = {"h": np.stack([random.normal(size=one.outputs) for one in found])}
    if "c" in network.cell.state:
        initial["c"] = np.stack([random.normal(size=one.hidden) for one in found])
    # A copy, on the processor and in float64: the user's module stays as it is.
    theirs = copy.deepcopy(module, _computed(module)).to("cpu", torch.float64).eval()
    states = {name: torch.from_numpy(value) for name, value in initial.items()}
    with torch.no_grad():
        ticks = torch.from_numpy(np.ascontiguousarray(x))
        if _is(module, "RNNCellBase"):
            state = tuple(states.values()) if len(states) == 2 else states["h"]
            rows = []
            for tick in ticks:
                state = theirs(tick[None], state)
                rows.append((state[0] if isinstance(state, tuple) else state)[0].numpy())
            y = np.stack(rows)
        else:
            start = tuple(states.values()) if len(states) == 2 else states["h"]
            y = theirs(ticks, start)[0].numpy()
    check_against(run(x, network=network, initial=initial), y, tolerance)


def _computed(module: Any) -> dict[int, Any]:
    """Copies of tensors that are computed of parameters, as weight_norm's, which deepcopy refuses.

    A copy of the module is told them as already made.
    """
    kept = [value for one in module.modules() for value in vars(one).values()]
    kept += [each for value in kept if isinstance(value, list) for each in value]
    return {
        id(value): value.detach().clone()
        for value in kept
        if getattr(value, "grad_fn", None) is not None
    }


def _inner(layer: Any, entry: Entry) -> Any:
    """The layer of an entry, in a model or by itself."""
    if not hasattr(layer, "get_layer"):
        return layer
    for name in entry.names:
        layer = layer.get_layer(name)
    return layer


def _check_keras(
    stack: Stack,
    inner: Callable[[str], Any],
    home: Any,
    check: bool | ArrayLike,
    tolerance: float | None,
) -> None:
    x, network = _input(check, stack), _alone(stack)
    masks: dict[str, Any] = {}
    if stack.mask is not None:
        value = stack.mask.value if stack.mask.of == "values" else 0.0
        network = replace(network, mask=Mask("values", value))
        if check is True:
            x[-2:] = value  # at the end, where CuDNN takes masked steps, too
        masks["mask"] = (x != value).any(axis=-1)[None]
    names = dict.fromkeys(found.name for level in stack.levels for found in level)
    layers = [inner(name) for name in names]
    if any(getattr(layer, "stateful", False) for layer in layers):
        raise UsageError(
            "it is stateful, and calling it would change its state; check it yourself with "
            "check_against, and give check=False here."
        )
    y: Any = np.asarray(x, dtype=str(getattr(layers[0], "compute_dtype", "float32")))[None]
    for layer in layers:
        y = layer(y, **masks)
        if getattr(layer, "return_state", False):
            y = y[:2] if getattr(layer, "merge_mode", "") is None else y[0]  # without the states
    parts = y if isinstance(y, (list, tuple)) else [y]
    convert = getattr(getattr(home, "ops", None), "convert_to_numpy", np.asarray)
    outputs = np.concatenate([np.asarray(convert(part)) for part in parts], axis=-1)
    check_against(run(x, network=network), outputs, tolerance)
