"""What a network computed, as a plain value: every reading of every tick, by name."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.errors import UsageError
from lstmviz.npz.mapped import Place, is_mapped, packed, unpacked
from lstmviz.style.notation import Notation, visible
from lstmviz.system.suggest import nearest
from lstmviz.trace import file as trace_file
from lstmviz.trace.directions import final, handed_on
from lstmviz.trace.recording import Array, Description, Direction, Recording, frozen
from lstmviz.trace.times import next_after, shortened
from lstmviz.trace.tokens import UNITS, Kind, Steps, Token, counted_as, folded

if TYPE_CHECKING:
    import pandas
    import xarray

    from lstmviz.trace.protocol import MadeBy

_INFINITE = "A trace holds finite numbers only, but {} does not."


@dataclass(frozen=True, eq=False)
class Reading:
    """A name, a tick and the value there: the only thing that a picture may show.

    It stands for its value (units,), which is read-only: `reading[0]`, `len(reading)`,
    `numpy.asarray(reading)`.
    """

    name: str
    tick: int
    value: Array  # (units,)

    def __deepcopy__(self, memo: object) -> Reading:
        """A frozen value is its own copy."""
        return self

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """The value, for NumPy."""
        return np.array(self.value, dtype=dtype) if copy else np.asarray(self.value, dtype=dtype)

    def __getitem__(self, unit: int) -> float:
        """The value of one unit, counted from 0."""
        return float(self.value[unit])

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[float]:
        return iter(self.value.tolist())


@dataclass(frozen=True)
class At:
    """One tick of a trace: `at["f"]`, or `at.f`, is the Reading of f there."""

    trace: Trace
    tick: int  # from 0

    @property
    def token(self) -> Token:
        """What stands at this tick of the input."""
        return self.trace.tokens[self.tick]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the readings, in the order of the equations."""
        return self.trace.names

    def __getitem__(self, name: str) -> Reading:
        """The reading of that name; a UsageError lists the names when there is none."""
        return Reading(name, self.tick, self.trace._row(name, self.tick))

    def __contains__(self, name: object) -> bool:
        return name in self.trace

    def __repr__(self) -> str:
        return f"At({self.tick}, {self.token.text!r}, {self.trace!r})"

    def __getattr__(self, name: str) -> Reading:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except UsageError as error:
            raise AttributeError(str(error)) from None


@dataclass(frozen=True, eq=False)
class Trace:
    """All that a network computed over one input; a frozen value with read-only arrays.

    It speaks of one layer at a time, the last one forward unless `layer` chose another.

    Raises:
        UsageError: the parts do not fit each other.
    """

    tokens: Sequence[Token]
    kind: Kind
    network: Description
    recordings: Mapping[tuple[int, Direction], Recording]  # layers counted from 1
    output: Array | None = None  # (time, answers): what the network's readout says
    shown: tuple[int, Direction] = field(default=(0, "forward"))
    skipped: tuple[int, ...] = ()  # the steps of the input, from 0, that are masked: not in here
    features: tuple[str, ...] = ()  # what the numbers of the input are called, or none
    made_by: MadeBy | None = field(default=None, repr=False)  # the network; no file holds it
    # The states before each tick, and the short times, once they have been asked for.
    _before: dict[str, Array] = field(init=False, repr=False, default_factory=dict)
    _short: list[str] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.tokens, Steps):
            object.__setattr__(self, "tokens", tuple(self.tokens))
        object.__setattr__(self, "recordings", MappingProxyType(dict(self.recordings)))
        if self.output is not None:
            object.__setattr__(self, "output", frozen(self.output))
        if self.shown[0] == 0 and self.recordings:
            last = max(number for number, _ in self.recordings)
            forward = (last, "forward") in self.recordings
            object.__setattr__(self, "shown", (last, "forward" if forward else "backward"))
        self._check()

    def __reduce__(self) -> tuple[Any, ...]:
        output = None if self.output is None else packed(self.output)
        parts = (self.tokens, self.kind, self.network, dict(self.recordings), output, self.shown)
        made_by = self.made_by if self.made_by is not None and self.made_by.travels else None
        return _whole, (*parts, self.skipped, self.features, made_by)

    def __repr__(self) -> str:
        what = f"{self.unit}s"
        units = len(next(iter(self.initial.values())))
        return f"Trace({self.cell}, {len(self)} {what}, {units} units: {', '.join(self.names)})"

    def __deepcopy__(self, memo: object) -> Trace:
        """A frozen value is its own copy."""
        return self

    def _check(self) -> None:
        if not self.tokens or self.shown not in self.recordings:
            raise UsageError("A trace needs tokens and a recording of the layer that it shows.")
        end = len(self.tokens) + len(self.skipped)
        if not all(a < b for a, b in pairwise((-1, *self.skipped, end))):
            raise UsageError("A trace skips steps of its input in their order, each of them once.")
        if self.kind not in UNITS:
            raise UsageError(f"A trace is of one of {', '.join(UNITS)}, not of {self.kind!r}.")
        if len(self.features) not in (0, self.network.inputs):
            raise UsageError(
                f"{len(self.features)} features cannot be the {self.network.inputs} inputs of a "
                "network."
            )
        output = self.output
        if output is not None:
            self._refuse_shape("the output", output.shape, 2)
            if not is_mapped(output) and not np.isfinite(output).all():
                raise UsageError(_INFINITE.format("the output"))
        for (number, direction), recording in self.recordings.items():
            shapes = recording.shapes
            # Most have the same shape, of which the first is looked at: there may be many traces.
            kinds = {shape: name for name, shape in reversed(shapes.items()) if name != "x"}
            for shape, name in (*kinds.items(), (shapes.get("x"), "x")):
                if shape is not None:
                    self._refuse_shape(name, shape, 2, number)
            for name, start in recording.initial.items():
                self._refuse_shape(f"the initial {name}", start.shape, 1, number)
            if recording.unfit is not None:
                raise UsageError(_INFINITE.format(f"{recording.unfit} of layer {number}"))
            for state, start in recording.initial.items():
                if shapes.get(state, ())[1:] != start.shape:
                    raise UsageError(
                        f"Layer {number}, {direction}, records no {state} of the shape of its "
                        "initial state."
                    )
            widths = {start.shape[0] for start in recording.initial.values()}
            for shape, name in kinds.items():
                if shape[1] not in widths:
                    raise UsageError(
                        f"{name} of layer {number} has {shape[1]} units, unlike its states."
                    )

    def _refuse_shape(self, what: str, shape: tuple[int, ...], axes: int, layer: int = 0) -> None:
        if len(shape) != axes or (axes == 2 and shape[0] != len(self.tokens)):
            where = f" of layer {layer}" if layer else ""
            raise UsageError(
                f"A trace of {len(self.tokens)} ticks cannot hold {what}{where} of shape {shape}."
            )

    @property
    def unit(self) -> str:
        """What stands at a tick, a word, character, token (a piece of a word) or step."""
        return UNITS[self.kind]

    @property
    def counted_as(self) -> str:
        """What the ticks are counted as, as `unit` says, or steps where some are padding."""
        return counted_as(self.tokens, self.kind)

    @property
    def cell(self) -> str:
        """The name of this layer's cell."""
        return self._recording.cell or self.network.cell

    @property
    def activations(self) -> Mapping[str, str]:
        """The function behind each reading of this layer that one gave, as `f` has `sigmoid`."""
        return self._recording.activations

    @property
    def steps(self) -> NDArray[np.intp]:
        """The step of the input that each tick is, from 0, (time,); some are skipped."""
        return np.delete(np.arange(len(self) + len(self.skipped)), self.skipped)

    @property
    def times(self) -> tuple[str, ...]:
        """The times of the ticks, (time,), or none."""
        return self.tokens.times if isinstance(self.tokens, Steps) else ()

    def short(self, tick: int) -> str:
        """What stands at a tick, a time without what is the same in all: a year, a day, seconds."""
        if not self.times:
            return self.tokens[tick].text
        if not self._short:
            self._short.extend(shortened(self.times))
        return self._short[tick]

    def names_of(self, reading: str) -> tuple[str, ...]:
        """What the entries of a reading are called: those of `x` are features in the first layer.

        Empty where they have no names, as units have none.
        """
        if reading == "x" and self.shown[0] == 1:
            return self.features
        if reading != "output" or self.output is None:
            return ()
        # Of two labels for one value, the last one is what it is the probability of.
        return self.network.labels[-self.output.shape[1] :]

    @property
    def notation(self) -> Notation:
        """How this layer's readings are written and drawn, which its cell says."""
        return self._recording.notation

    @property
    def answer(self) -> Array | None:
        """What the network's readout says when all has been read, (answers,)."""
        if self.output is None:
            return None
        backward = (self.network.depth, "forward") not in self.recordings
        row: Array = self.output[0 if backward else -1]
        return row

    @property
    def memory(self) -> str:
        """The state that remembers, `c` of an LSTM, or the only one of cells that have one."""
        first, *more = self.initial
        return more[0] if more else first

    @property
    def keeps_memory_apart(self) -> bool:
        """Whether it has a state beside its output."""
        return len(self.initial) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """The names recorded in this layer, in the order of the equations, `x` first."""
        return tuple(self._recording.values)

    @property
    def initial(self) -> Mapping[str, Array]:
        """The states (units,) that this layer started from, by name."""
        return self._recording.initial

    @property
    def _recording(self) -> Recording:
        return self.recordings[self.shown]

    def __getitem__(self, name: str) -> Array:
        """The readings of that name over all ticks, (time, units), read-only.

        `h_prev` and `c_prev` are the states before each tick. A trace that was opened from a
        large file reads them from there.

        Raises:
            UsageError: the layer recorded nothing of that name.
        """
        values = self._recording.values
        if name in values:
            return values[name]
        if name == "output" and self.output is not None:
            return self.output
        if name not in self._before:
            after, first = values[self._state_before(name)], self.initial[name[:-5]][None]
            ways = [first, after[:-1]] if self.shown[1] == "forward" else [after[1:], first]
            self._before[name] = frozen(np.concatenate(ways))
        return self._before[name]

    def _row(self, name: str, tick: int) -> Array:
        """The readings of that name at one tick, (units,); a long trace is not read whole."""
        values = self._recording.values
        if name in values or name == "output":
            row: Array = self[name][tick]
        else:
            after = values[self._state_before(name)]
            earlier = tick - 1 if self.shown[1] == "forward" else tick + 1
            row = after[earlier] if 0 <= earlier < len(self) else self.initial[name[:-5]]
        if is_mapped(row) and not np.isfinite(row).all():
            raise UsageError(_INFINITE.format(f"{name} at tick {tick}"))
        return row

    def _state_before(self, name: str) -> str:
        """The state of which `name` is what it was before a tick: `c` for `c_prev`."""
        state = name.removesuffix("_prev")
        if state == name or state not in self.initial:
            raise UsageError(
                f"There is no reading '{name}' in this {self.cell}{nearest(name, self._readable)}; "
                f"choose one of: "
                f"{', '.join(self._readable)}."
            )
        return state

    @property
    def _readable(self) -> list[str]:
        output = [] if self.output is None else ["output"]
        return [*self.names, *(f"{state}_prev" for state in self.initial), *output]

    def __contains__(self, name: object) -> bool:
        return name in self._readable

    def __len__(self) -> int:
        """The number of ticks."""
        return len(self.tokens)

    def __iter__(self) -> Iterator[At]:
        return (At(self, tick) for tick in range(len(self)))

    def at(self, where: int | str) -> At:
        """One tick: by its number from 0 (from the end below 0), or the first with that word.

        A word as it is written goes before one in another case, or with another apostrophe.

        Raises:
            UsageError: there is no such tick or word.
        """
        if isinstance(where, str):
            wanted = folded(where)
            ticks = (tick for tick, token in enumerate(self.tokens) if token.text == where)
            alike = (
                tick
                for tick, token in enumerate(self.tokens)
                if wanted in (folded(token.text), folded(visible(token.text)))
            )
            found = next(ticks, None)
            found = next(alike, None) if found is None else found
            if found is None:
                raise UsageError(
                    f"There is no '{where}' in the input{nearest(where, self.words)}; it has: "
                    f"{self._some_tokens()}." + (self._masked(where) if self.skipped else "")
                )
            return At(self, found)
        tick = operator.index(where)
        if not -len(self) <= tick < len(self):
            raise UsageError(
                f"There is no tick {tick}; the input has {len(self)}, from 0 to {len(self) - 1}."
            )
        return At(self, tick % len(self))

    def _masked(self, where: str) -> str:
        """Say that what was asked for may be masked, and what can be told instead of it."""
        forms = self.times, tuple(self.short(tick) for tick in range(len(self)))
        later = next((found for form in forms if (found := next_after(form, where.strip()))), None)
        instead = f"; the next one that can is '{later}'" if later else ""
        return f" Steps that are masked are passed over, and cannot be told{instead}."

    @property
    def words(self) -> list[str]:
        """Every token as it is shown, each once."""
        return list(dict.fromkeys(visible(token.text) for token in self.tokens))

    def _some_tokens(self) -> str:
        texts: dict[str, None] = {}
        for token in self.tokens:
            texts[visible(token.text)] = None
            if len(texts) > 20:
                break
        return ", ".join([*texts][:20]) + (", …" if len(texts) > 20 else "")

    def layer(self, number: int, direction: Direction = "forward") -> Trace:
        """The same trace, speaking of another layer; layers count from 1.

        Raises:
            UsageError: the network has no such layer or direction.
        """
        if (number, direction) not in self.recordings:
            have = ", ".join(f"{n} {way}" for n, way in self.recordings)
            raise UsageError(f"There is no layer {number} {direction}; there is: {have}.")
        return replace(self, shown=(number, direction))

    def merged(self, number: int | None = None) -> Array:
        """What a layer hands on, (time, outputs): both directions as the next layer sees them.

        That of this layer, or of the one of that number. Of a bidirectional network the outputs
        stand side by side, forward first, unless it adds or multiplies them or takes their mean.

        Raises:
            UsageError: there is no such layer.
        """
        merge: Any = self.network.merge
        number = self.shown[0] if number is None else number
        return frozen(handed_on(self.recordings, number, merge))

    def final(self, state: str) -> Array:
        """A state after all has been read, (layers·directions, units), as PyTorch's h_n and c_n.

        Layer after layer, the forward direction first; the backward one ends at the first tick.
        A network that only reads forward goes on from there with the next part of an input:
        `initial=(trace.final("h"), trace.final("c"))`.

        Raises:
            UsageError: no layer has such a state, or the layers are of several widths.
        """
        return frozen(final(self.recordings, state))

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the trace to an .npz file, whole or not at all; no pickle.

        With `force` a file may be replaced that lstmviz did not write, or that was changed since.
        """
        trace_file.save(self, path, force=force)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """The trace of a file that `save` or `lstmviz.run(…, record_to=…)` wrote.

        What a run recorded to the file stays there and is read where it is looked at.

        Raises:
            UsageError: the file is missing, damaged, no trace, or of another version.
        """
        return trace_file.load(path, cls)

    def to_json(self, path: str | Path | None = None, *, force: bool = False) -> str:
        """All layers as JSON text, also written to `path` if given; `force` as of `save`."""
        from lstmviz.trace.text import as_json

        return as_json(self, path, force)

    def to_csv(self, path: str | Path | None = None, *, force: bool = False) -> str:
        """This layer as CSV text, a row per tick and a column per unit, also written to `path`.

        Columns: tick (from 0), token, known (1 or 0), then `x[0]`, `f[0]` and so on; features
        that have names are `x[name]`.
        """
        from lstmviz.trace.text import as_csv

        return as_csv(self, path, force)

    def to_dataframe(self) -> pandas.DataFrame:
        """This layer as a pandas DataFrame: rows (tick, token), columns (reading, unit).

        Raises:
            LstmvizError: pandas is not installed.
        """
        from lstmviz.trace.frames import dataframe

        return dataframe(self)

    def to_xarray(self) -> xarray.Dataset:
        """This layer as an xarray Dataset: a variable per reading, over tick and unit.

        Raises:
            LstmvizError: xarray is not installed.
        """
        from lstmviz.trace.frames import dataset

        return dataset(self)

    def digest(self) -> str:
        """Give a key of the content: equal for equal numbers, words and descriptions.

        Where the weights came from is not in it: the same network may lie in a file, or not.
        """
        content = trace_file.described(self)
        del content["network"]["source"]
        told = json.dumps(content, sort_keys=True)
        digest = hashlib.blake2b(told.encode(), digest_size=20)
        arrays = trace_file.small(self).values(), trace_file.large(self).values()
        for array in chain(*arrays):
            digest.update(f"{array.shape} {array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def _repr_html_(self) -> str:
        """The gates and states as a coloured table, for notebooks."""
        from lstmviz.trace.table import html

        return html(self)


def _whole(
    tokens: Sequence[Token],
    kind: Kind,
    network: Description,
    recordings: Mapping[tuple[int, Direction], Recording],
    output: Array | Place | None,
    shown: tuple[int, Direction],
    skipped: tuple[int, ...],
    features: tuple[str, ...],
    made_by: MadeBy | None,
) -> Trace:
    found = None if output is None else unpacked(output)
    return Trace(tokens, kind, network, recordings, found, shown, skipped, features, made_by)
