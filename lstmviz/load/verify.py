"""Our numbers against the framework's own: verified, not believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.npz.npy import read_npy
from lstmviz.trace.directions import merged
from lstmviz.trace.recording import Direction
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]

TOLERANCE = 1e-4  # far above the rounding of float32, far below any wrong gate or variant


@dataclass(frozen=True)
class Agreement:
    """How far our numbers are from the framework's."""

    largest: float  # the largest difference, relative where values are above 1
    tolerance: float
    compared: str  # with what: "the outputs of the last layer"

    def __str__(self) -> str:
        return f"{self.compared}: the largest difference is {self.largest:.2g}"


def check_against(
    trace: Trace, outputs: ArrayLike | str | Path, tolerance: float | None = None
) -> Agreement:
    """Compare a trace with what the framework itself gave for the same input.

    `outputs` is an array or its .npy file, for one sequence: the outputs of the last layer
    at each tick, (time, units·directions), the last output alone, the network's answer, alone or
    after each tick (a readout's), or the final states of all
    layers as PyTorch and ONNX give them, (layers·directions, units); an axis of one sequence
    may stand anywhere, as may ONNX's axis of directions. Steps that were passed over, as they are
    masked, may be in it, with whatever numbers, or not.

    Raises:
        UsageError: the array cannot be read, or no reading of it fits.
        LstmvizError: it differs by more than `tolerance` (0.0001 unless given).
    """
    limit = TOLERANCE if tolerance is None else tolerance
    if not limit >= 0:
        raise UsageError(f"tolerance is {limit}; it must be 0 or more.")
    where = "The outputs to check against"
    if isinstance(outputs, (str, Path)):
        where, outputs = str(outputs), _load(Path(outputs))
    try:
        given = np.asarray(outputs)
    except (TypeError, ValueError):
        given = np.array("")
    if given.dtype.kind not in "fiub":
        raise UsageError(f"{where} hold no numbers; save the array with numpy.save.")
    with np.errstate(all="ignore"):
        theirs = given.astype(np.float64, copy=False)
    if not theirs.size or not np.isfinite(theirs).all():
        raise UsageError(f"{where}: all must be finite numbers, and at least one.")
    found = [
        Agreement(_distance(ours, theirs.reshape(ours.shape)), limit, what)
        for what, ours in _readings(trace)
        if _same(theirs.shape, ours.shape)
    ]
    if not found:
        shapes = ", ".join(f"{ours.shape} for {what}" for what, ours in _readings(trace))
        raise UsageError(f"{where} have the shape {theirs.shape}, but one sequence gives {shapes}.")
    best = min(found, key=lambda agreement: agreement.largest)
    if best.largest > limit:
        raise LstmvizError(
            f"Our numbers are not the framework's: {best}, above {limit:g}; is it the same input "
            "and the same file, with the initial states and options that it was run with?"
        )
    return best


def _load(path: Path) -> Any:
    if not path.is_file():
        raise UsageError(f"There is no file {path}; save the outputs with numpy.save.")
    try:
        return read_npy(path)
    except (OSError, ValueError):
        raise UsageError(f"{path} is no .npy array of numbers; save one with numpy.save.") from None


def _same(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether the shapes are equal but for axes of length 1."""
    return [n for n in given if n != 1] == [n for n in wanted if n != 1]


def _readings(trace: Trace) -> Iterator[tuple[str, Array]]:
    """All that a framework may call its output, with what it is."""
    depth = trace.network.depth
    last = [_outputs(trace, depth, way) for way in _ways(trace, depth)]
    merge: Any = trace.network.merge
    whole = merged(last, merge)
    for every in (whole, _in_place(trace, whole)) if trace.skipped else (whole,):
        yield "the outputs of the last layer", every
        if _ways(trace, depth) == ["backward"]:  # as Keras gives them with go_backwards
            yield "the outputs of the last layer, last tick first", every[::-1]
    if len(last) == 2:
        yield "the outputs of both directions", np.stack(last, axis=1)
    if trace.output is not None and trace.answer is not None:
        yield "the answer", trace.answer[None]
        yield "the answers at each tick", trace.output
    ends = [_end(trace, depth, way) for way in _ways(trace, depth)]
    yield "the last output", merged([_row(end["h"]) for end in ends], merge)[0]
    keys = [(n, way) for n in range(1, depth + 1) for way in _ways(trace, n)]
    for state in ("h", "c"):
        finals = [_end(trace, *key).get(state) for key in keys]
        arrays = [final for final in finals if final is not None]
        if len(arrays) == len(finals) and len({array.shape for array in arrays}) == 1:
            yield f"the final {state} of each layer", np.stack(arrays)
            if len(arrays) > len(ends):
                yield f"the final {state} of the last layer", np.stack(arrays[-len(ends) :])


def _in_place(trace: Trace, outputs: Array) -> Array:
    """The outputs at their steps of the whole input, NaN at those that were passed over."""
    whole = np.full((len(trace) + len(trace.skipped), outputs.shape[1]), np.nan)
    whole[trace.steps] = outputs
    return whole


def _ways(trace: Trace, number: int) -> list[Direction]:
    ways: tuple[Direction, ...] = ("forward", "backward")
    return [way for way in ways if (number, way) in trace.recordings]


def _outputs(trace: Trace, number: int, way: Direction) -> Array:
    recording = trace.recordings[number, way]
    return recording.values[next(iter(recording.initial))]


def _end(trace: Trace, number: int, way: Direction) -> dict[str, Array]:
    """The states after the last tick of that direction, the output as `h`."""
    recording = trace.recordings[number, way]
    at = -1 if way == "forward" else 0
    named = {state: recording.values[state][at] for state in recording.initial}
    return {"h": next(iter(named.values())), **named}


def _row(values: Array) -> Array:
    return values[None]


def _distance(ours: Array, theirs: Array) -> float:
    """The largest difference, as a part of the value where that is above 1; NaN differs by none."""
    return float(np.nanmax(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))
