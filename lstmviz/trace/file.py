"""A trace as a file: arrays by name, and a description that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lstmviz.errors import UsageError, brief
from lstmviz.npz.format import meta_array, read_npz, write_npz
from lstmviz.system.json_fields import Fields
from lstmviz.trace.notation import notation_of, written_notation
from lstmviz.trace.recording import Array, Description, Direction, Recording, Source
from lstmviz.trace.tokens import Steps, tokens_of

if TYPE_CHECKING:
    from lstmviz.npz.writer import GrowingNpz
    from lstmviz.trace.protocol import TraceLike
    from lstmviz.trace.tokens import Token

_Made = TypeVar("_Made")

_FORMAT, _VERSION = "lstmviz-trace", 1


def save(trace: TraceLike, path: str | Path, *, force: bool = False) -> None:
    """Write a trace to an .npz file, whole or not at all; no pickle."""
    write_npz(path, described(trace), small(trace) | large(trace), force=force)


def save_into(trace: TraceLike, file: GrowingNpz) -> None:
    """Add all but the readings, which the file has already, and make a whole file of it."""
    for name, array in small(trace).items():
        file.add(name, array)
    file.add("meta", meta_array(described(trace)))
    file.finish()


def load(path: str | Path, make: Callable[..., _Made]) -> _Made:
    """The trace of a file that `save` or `save_into` wrote, made of its parts by `make`.

    What is long stays in the file.

    Raises:
        UsageError: the file is missing, damaged, no trace, or of another version.
    """
    meta, arrays = read_npz(path, _FORMAT, _VERSION, ("layers.", "tokens.", "output."), mapped=True)
    try:
        told = Fields(meta, "its description")
        kind: Any = told.text("kind")  # Trace looks whether there is such a one
        return make(
            _tokens(told, arrays),
            kind,
            _description(told.object("network")),
            _recordings(told, arrays),
            arrays.get("output"),
            _shown(told.items("shown")),
            _skipped(told.items("skipped", [])),
            told.texts("features", []),
        )
    except UsageError as error:
        why = brief(str(error)).rstrip(".")
        raise UsageError(f"{path} is not a whole trace: {why}.") from error


def described(trace: TraceLike) -> dict[str, Any]:
    """All that is not an array of numbers, as JSON can hold it."""
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "kind": trace.kind,
        "network": _told(trace.network),
        "tokens": _steps(trace.tokens)
        if isinstance(trace.tokens, Steps)
        else written_out(trace.tokens),
        "shown": list(trace.shown),
        **({"skipped": list(trace.skipped)} if trace.skipped else {}),
        **({"features": list(trace.features)} if trace.features else {}),
        "layers": [
            {
                "layer": number,
                "direction": direction,
                "names": list(recording.values),
                "states": list(recording.initial),
                "cell": recording.cell,
                "activations": dict(recording.activations),
                **written_notation(recording.notation),
            }
            for (number, direction), recording in trace.recordings.items()
        ],
    }


def _steps(steps: Steps) -> dict[str, Any]:
    return {"steps": len(steps), **({"times": list(steps.times)} if steps.times else {})}


def large(trace: TraceLike) -> dict[str, Array]:
    """What has a row for each tick, by its name in a file."""
    arrays = {
        member(*key, "values", name): array
        for key, recording in trace.recordings.items()
        for name, array in recording.values.items()
    }
    return arrays if trace.output is None else {**arrays, "output": trace.output}


def small(trace: TraceLike) -> dict[str, Array]:
    """The other arrays: what the layers start from, and the numbers that are the tokens."""
    arrays = {
        member(*key, "initial", name): array
        for key, recording in trace.recordings.items()
        for name, array in recording.initial.items()
    }
    if isinstance(trace.tokens, Steps) and trace.tokens.numbers is not None:
        arrays["tokens"] = trace.tokens.numbers
    return arrays


def member(number: int, direction: Direction, part: str, name: str) -> str:
    """The name that a trace's file has for an array of a layer."""
    return f"layers.{number}.{direction}.{part}.{name}"


def written_out(tokens: Iterable[Token]) -> list[dict[str, Any]]:
    """Each token of an input, as JSON can hold it."""
    return [{"text": token.text, "known": token.known} for token in tokens]


def _tokens(told: Fields, arrays: dict[str, Array]) -> Steps | tuple[Token, ...]:
    if told.is_list("tokens"):
        tokens = told.objects("tokens")
        return tokens_of((token.text("text"), token.flag("known")) for token in tokens)
    numbers = arrays.get("tokens")
    steps = told.object("tokens")
    count, times = steps.whole("steps", least=1), steps.texts("times", [])
    if numbers is not None and numbers.shape != (count,):
        raise UsageError(f"{count} tokens cannot be numbers of the shape {numbers.shape}")
    if len(times) not in (0, count):
        raise UsageError(f"{count} tokens cannot have {len(times)} times")
    return Steps(count, numbers, times)


def _told(network: Description) -> dict[str, Any]:
    """A description as JSON can hold it; what is rarely so is not in it where it is not."""
    told = asdict(network)
    if not told["folded"]:
        del told["folded"]
    return told


def _description(told: Fields) -> Description:
    return Description(
        told.text("cell"),
        told.whole("hidden", least=1),
        told.whole("inputs", least=1),
        told.whole("depth", least=1),
        told.whole("directions", least=1),
        told.text("title"),
        told.text("origin"),
        told.text("dtype"),
        told.text("merge", "concat"),
        told.texts("notes", []),
        _source(told),
        told.text("answer", ""),
        told.texts("labels", []),
        told.has("folded") and told.flag("folded"),
    )


def _source(told: Fields) -> Source | None:
    if not told.has("source"):
        return None
    source = told.object("source")
    kind: Any = source.text("kind")  # a Source looks whether there is such a one
    return Source(kind, source.text("name"))


def _recordings(told: Fields, arrays: dict[str, Array]) -> dict[tuple[int, Direction], Recording]:
    found: dict[tuple[int, Direction], Recording] = {}
    for layer in told.objects("layers"):
        key = _key(layer.whole("layer", least=1), layer.text("direction"))
        if key in found:
            raise UsageError(f"layer {key[0]} is there twice")
        found[key] = _recording(key, layer, arrays, told.object("network").text("cell"))
    return found


def _recording(
    key: tuple[int, Direction], layer: Fields, arrays: dict[str, Array], cell: str
) -> Recording:
    states = layer.texts("states")
    if not states:
        raise UsageError(f"layer {key[0]} has no states")
    values = {name: _found(arrays, member(*key, "values", name)) for name in layer.texts("names")}
    initial = {name: _found(arrays, member(*key, "initial", name)) for name in states}
    return Recording(
        values,
        initial,
        layer.text("cell", ""),
        layer.named_texts("activations"),
        notation_of(
            layer, layer.text("cell", "") or cell, values, initial, backward=key[1] == "backward"
        ),
    )


def _shown(told: list[Any]) -> tuple[int, Direction]:
    if len(told) != 2:
        raise UsageError("'shown' is no layer and direction")
    shown = Fields({"layer": told[0], "direction": told[1]}, "'shown'")
    return _key(shown.whole("layer"), shown.text("direction"))


def _skipped(told: list[Any]) -> tuple[int, ...]:
    # A Trace looks whether they rise and lie within the input.
    return tuple(Fields({"skipped": step}, "a step").whole("skipped") for step in told)


def _key(number: int, direction: str) -> tuple[int, Direction]:
    if direction == "forward":
        return number, "forward"
    if direction == "backward":
        return number, "backward"
    raise UsageError("a direction is neither forward nor backward")


def _found(arrays: dict[str, Array], name: str) -> Array:
    if name not in arrays:
        raise UsageError(f"'{name}' is missing")
    return arrays[name]
