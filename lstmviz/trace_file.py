"""A trace as a file: arrays by name, and a description that says what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import UsageError
from lstmviz.npz import meta_array, read_npz, write_npz
from lstmviz.recording import Array, Description, Direction, Recording
from lstmviz.tokens import Steps, tokens_of

if TYPE_CHECKING:
    from lstmviz.growing import GrowingNpz
    from lstmviz.tokens import Token
    from lstmviz.trace import Trace

_FORMAT, _VERSION = "lstmviz-trace", 1


def save(trace: Trace, path: str | Path, *, force: bool = False) -> None:
    """Write a trace to an .npz file, whole or not at all; no pickle."""
    write_npz(path, described(trace), small(trace) | large(trace), force=force)


def save_into(trace: Trace, file: GrowingNpz) -> None:
    """Add all but the readings, which the file has already, and make a whole file of it."""
    for name, array in small(trace).items():
        file.add(name, array)
    file.add("meta", meta_array(described(trace)))
    file.finish()


def load(path: str | Path) -> Trace:
    """The trace of a file that `save` or `save_into` wrote; what is long stays in the file.

    Raises:
        UsageError: the file is missing, damaged, no trace, or of another version.
    """
    from lstmviz.trace import Trace

    meta, arrays = read_npz(path, _FORMAT, _VERSION, mapped=True)
    try:
        return Trace(
            _tokens(meta, arrays),
            meta["kind"],
            _description(meta["network"]),
            dict(_recording(layer, arrays) for layer in meta["layers"]),
            arrays.get("output"),
            (int(meta["shown"][0]), meta["shown"][1]),
        )
    except UsageError as error:
        raise UsageError(f"{path} is not a whole trace: {error}") from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError(f"{path} is not a whole trace: {error} is missing.") from error


def described(trace: Trace) -> dict[str, Any]:
    """All that is not an array of numbers, as JSON can hold it."""
    steps = isinstance(trace.tokens, Steps)
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "kind": trace.kind,
        "network": asdict(trace.network),
        "tokens": {"steps": len(trace)} if steps else written_out(trace.tokens),
        "shown": list(trace.shown),
        "layers": [
            {
                "layer": number,
                "direction": direction,
                "names": list(recording.values),
                "states": list(recording.initial),
                "cell": recording.cell,
                "activations": dict(recording.activations),
            }
            for (number, direction), recording in trace.recordings.items()
        ],
    }


def large(trace: Trace) -> dict[str, Array]:
    """What has a row for each tick, by its name in a file."""
    arrays = {
        member(*key, "values", name): array
        for key, recording in trace.recordings.items()
        for name, array in recording.values.items()
    }
    return arrays if trace.output is None else {**arrays, "output": trace.output}


def small(trace: Trace) -> dict[str, Array]:
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


def _tokens(meta: dict[str, Any], arrays: dict[str, Array]) -> Steps | tuple[Token, ...]:
    told = meta["tokens"]
    if isinstance(told, dict):
        return Steps(int(told["steps"]), arrays.get("tokens"))
    return tokens_of((str(token["text"]), bool(token["known"])) for token in told)


def _description(told: dict[str, Any]) -> Description:
    made: dict[str, Any] = {
        part.name: (int if part.type == "int" else str)(told[part.name])
        for part in fields(Description)
        if part.name not in ("merge", "notes")
    }
    made["merge"] = str(told.get("merge", "concat"))
    made["notes"] = tuple(map(str, told.get("notes", ())))
    return Description(**made)


def _recording(
    layer: dict[str, Any], arrays: dict[str, Array]
) -> tuple[tuple[int, Direction], Recording]:
    key: tuple[int, Direction] = int(layer["layer"]), layer["direction"]
    return key, Recording(
        {name: arrays[member(*key, "values", name)] for name in layer["names"]},
        {name: arrays[member(*key, "initial", name)] for name in layer["states"]},
        str(layer.get("cell", "")),
        {str(k): str(v) for k, v in layer.get("activations", {}).items()},
    )
