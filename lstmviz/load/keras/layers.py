"""Keras's recurrent layers: their options, their weights, and which feeds which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Direction, Merge
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Found, Matrix, Stack
from lstmviz.load.keras.cells import ORDER, Stored, found_cell, read
from lstmviz.load.keras.config import Entry, cells_of, class_of, config_of_one, config_within
from lstmviz.load.keras.feeding import Feeding, feeding, mask_of_all, masker_before
from lstmviz.load.keras.readout import rows_before, with_readout

Array = NDArray[np.floating[Any]]

_RECURRENT = {"LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN", "Bidirectional"}
_STATELY = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "ConvLSTM2DCell")
_MERGES: dict[str | None, Merge] = {
    "concat": "concat",
    "sum": "sum",
    "ave": "ave",
    "mul": "mul",
    None: "concat",
}


@dataclass
class _Level:
    """One recurrent layer on its way to be found: some cells, one upon another, or two ways."""

    entry: Entry
    levels: list[tuple[Found, ...]]
    merge: Merge
    backward: bool  # whether a layer of one direction reads what it is given from its end
    notes: list[str] = field(default_factory=list)


def contents(
    kind: str,
    entries: Sequence[Entry],
    major: int | None,
    stored: Callable[[Entry], list[Stored]],
) -> Contents:
    """The recurrent layers and embeddings of a configuration, with their weights.

    `major` is the version of Keras, 2 or 3; `stored` gives the weights of a layer in Keras's
    order: kernel, recurrent_kernel, bias, the forward direction first.
    """
    by_name = {entry.name: entry for entry in entries}
    levels: dict[str, _Level] = {}
    broken: dict[str, str] = {}  # the reason by the layer's name
    matrices: list[Matrix] = []
    for entry in entries:
        try:
            if entry.kind in _RECURRENT and entry.ours:
                levels[entry.name] = _level(entry, stored(entry), major)
            elif (kind_within := class_of(entry.config.get("layer"))) in _RECURRENT:
                levels[entry.name] = _level_within(entry, kind_within, stored(entry), major)
            elif entry.kind == "Embedding" and entry.ours:
                matrices.append(_embedding(entry, stored(entry)))
            elif entry.kind in _STATELY:
                raise UsageError(f"{entry.kind} is none that lstmviz can run")
            elif not entry.ours and ("rnn" in entry.kind.lower() or "lstm" in entry.kind.lower()):
                raise UsageError(f"{entry.kind} is a class of somebody's own making")
        except UsageError as error:
            broken[entry.name] = str(error)
    feeds: dict[str, Feeding] = {}
    tables = {matrix.name: matrix for matrix in matrices}
    for name in levels:
        try:
            found = feeding(by_name[name], by_name, levels, tables)
        except UsageError as error:
            broken[name] = str(error)
            continue
        if by_name[name].kind == "TimeDistributed" and found.kind == "layer":
            found = replace(found, kind="other")
        rows = None
        if found.kind == "other" and found.mask is None:
            rows = rows_before(by_name[name], by_name, tables, stored, major)
        if rows is not None:
            source, matrix = rows
            mask = Mask("row", 0) if by_name[source].config.get("mask_zero") else None
            found = Feeding("embedding", source, mask, found.seen, matrix.name)
            matrices = [*(one for one in matrices if one.name != matrix.name), matrix]
        feeds[name] = found
    fathers = {one.name for one in feeds.values() if one.kind == "layer"}
    model = _Model(by_name, levels, feeds, broken)
    after: dict[str, list[Entry]] = {}
    for entry in entries:
        for source in dict.fromkeys(entry.sources):
            after.setdefault(source, []).append(entry)
    read_on = partial(with_readout, by_name=by_name, after=after, stored=stored, major=major)
    stacks: list[Stack] = []
    inner: list[Stack] = []
    for name in feeds:
        if name not in fathers:
            try:
                chain = model.chain(name)
                stacks.append(read_on(model.stack(chain)))
                if len(chain) > 1:
                    inner += [read_on(model.stack([one])) for one in chain]
            except UsageError as error:
                broken[name] = str(error)
    unusable = [f"{name}: {reason}" for name, reason in broken.items()]
    if not levels and not unusable:
        unusable.append("there is no SimpleRNN, LSTM or GRU layer in it")
    return Contents(kind, tuple(stacks), tuple(matrices), tuple(unusable), inner=tuple(inner))


@dataclass(frozen=True)
class _Model:
    """The layers of a model by their names, and what feeds those that are recurrent."""

    by_name: Mapping[str, Entry]
    levels: Mapping[str, _Level]
    feeds: Mapping[str, Feeding]
    broken: Mapping[str, str]

    def chain(self, name: str) -> list[str]:
        """The recurrent layers that feed one another up to that one."""
        chain, fed = [name], self.feeds[name]
        while fed.kind == "layer" and fed.name not in chain:
            chain.insert(0, fed.name)
            if fed.name not in self.feeds:
                self._refuse(fed.name)
            fed = self.feeds[fed.name]
        if fed.name in self.broken:
            self._refuse(fed.name)
        return chain

    def _refuse(self, source: str) -> NoReturn:
        raise UsageError(f"it is fed by '{source}', which cannot be used: {self.broken[source]}")

    def stack(self, chain: Sequence[str]) -> Stack:
        """The layers of a chain, or some of it, as they are run."""
        fed, last = self.feeds[chain[0]], self.by_name[chain[-1]]
        cut = fed.kind == "layer"  # in the middle of the whole chain
        mask = None
        if not cut:
            mask = mask_of_all([self.by_name[one] for one in chain], fed, self.by_name)
        found: list[tuple[Found, ...]] = []
        merges: list[Merge] = []
        notes: list[str] = []
        backward = False  # whether what comes in stands in reverse, as go_backwards leaves it
        if mask is not None and any(self.by_name[one].kind == "TimeDistributed" for one in chain):
            raise UsageError("it is masked within TimeDistributed, which cannot be run")
        for one in chain:
            level = self.levels[one]
            notes += level.notes
            if backward and mask is not None:
                raise UsageError(
                    "go_backwards turns the steps round before it, but not which of them are "
                    "masked, which cannot be run; save the model without its mask, and leave out "
                    "what it masks"
                )
            if len(level.levels[0]) == 2:
                if backward:
                    raise UsageError("a Bidirectional layer after go_backwards cannot be run")
                found += level.levels
            else:
                backward ^= level.backward
                way: Direction = "backward" if backward else "forward"
                found += [(replace(row[0], direction=way),) for row in level.levels]
            merges += [level.merge] * len(level.levels)
            if len(self.by_name[one].sources) > 1:
                notes.append(
                    f"'{one}' starts from states that other layers give; they are 0 here unless "
                    "initial= gives them"
                )
        notes += self._made(chain[0], fed, mask)
        ends_with = config_of_one(last)
        zeros = ends_with.get("zero_output_for_mask") and not ends_with.get("return_sequences")
        if mask is not None and zeros:
            notes.append(
                f"'{last.name}' gives zeros where the very last step is masked "
                "(zero_output_for_mask); here its output is that of the last step that is not"
            )
        return Stack(
            last.name,
            tuple(found),
            tuple(merges),
            (fed.table or fed.name) if fed.kind == "embedding" else None,
            tuple(dict.fromkeys(notes)),
            mask=mask,
            fed_by=fed.name,
        )

    def _made(self, first: str, fed: Feeding, mask: Mask | None) -> list[str]:
        """What is to be said of a layer whose input is made by another one."""
        if fed.table:
            return [f"each row of '{fed.name}' is taken as what follows makes it: {fed.table}"]
        if fed.kind not in ("other", "layer"):
            return []
        kind = self.by_name[fed.name].kind
        notes = [
            f"what goes into '{first}' is made by '{fed.name}' ({kind}), which is not run: the "
            "input is that of the recurrent layer"
        ]
        if mask is None and (masker := masker_before(fed.name, self.by_name)) is not None:
            notes.append(
                f"'{masker}' masks steps before '{fed.name}', so Keras passes over them in "
                f"'{first}'; which they are is not known here: leave them out of the input"
            )
        return notes


def _embedding(entry: Entry, stored: list[Stored]) -> Matrix:
    if not stored or len(stored[0].shape) != 2:
        raise UsageError("its matrix is missing")
    rows, width = stored[0].shape
    if (
        entry.config.get("input_dim", rows) != rows
        or entry.config.get("output_dim", width) != width
    ):
        raise UsageError(
            f"its matrix has the shape {stored[0].shape}, unlike the configuration's "
            f"{entry.config.get('input_dim')} × {entry.config.get('output_dim')}"
        )
    return Matrix(entry.name, rows, width, partial(read, stored[0], entry.name), True)


def _level(entry: Entry, stored: list[Stored], major: int | None) -> _Level:
    if entry.kind != "Bidirectional":
        backward = bool(entry.config.get("go_backwards", False))
        levels, rest = _ways(entry.name, entry.kind, entry.config, stored, "forward", major)
        _all_used(rest)
        level = _Level(entry, [(one,) for one in levels], "concat", backward)
        if backward:
            level.notes.append(
                f"'{entry.name}' goes backwards, and Keras leaves its outputs in that order; here "
                "each stands at its tick of the input"
            )
    else:
        inner: Any = entry.config.get("layer")
        config = config_within(inner)
        other: Any = entry.config.get("backward_layer") or inner
        if config.get("go_backwards"):
            raise UsageError("its directions are the other way round, which cannot be run")
        forward, rest = _ways(entry.name, class_of(inner), config, stored, "forward", major)
        backward_, rest = _ways(
            entry.name, class_of(other), config_within(other), rest, "backward", major
        )
        _all_used(rest)
        if len(forward) != 1 or len(backward_) != 1:
            raise UsageError("it has several cells in each direction, which cannot be run")
        mode = entry.config.get("merge_mode", "concat")
        if mode not in _MERGES:
            raise UsageError(f"its merge_mode is {mode!r}, which Keras does not have")
        level = _Level(entry, [(forward[0], backward_[0])], _MERGES[mode], False)
        if mode is None:
            level.notes.append(f"'{entry.name}' does not merge its directions (merge_mode None)")
    if config_of_one(entry).get("stateful"):
        level.notes.append(f"'{entry.name}' is stateful; it starts from 0 here")
    return level


def _level_within(entry: Entry, kind: str, stored: list[Stored], major: int | None) -> _Level:
    """The recurrent layer that another one, as TimeDistributed, runs."""
    if entry.kind != "TimeDistributed":
        raise UsageError(f"it is a {kind} within {entry.kind}, which cannot be run")
    inner = replace(entry, kind=kind, config=config_within(entry.config.get("layer")))
    level = _level(inner, stored, major)
    level.notes.append(
        f"'{entry.name}' reads the inner sequence of each step anew (TimeDistributed); the input "
        "here is one such sequence"
    )
    return level


def _all_used(rest: list[Stored]) -> None:
    if rest:
        raise UsageError(f"it has {len(rest)} weights more than its configuration says")


def _ways(
    name: str,
    kind: str,
    config: Mapping[str, Any],
    stored: list[Stored],
    direction: Direction,
    major: int | None,
) -> tuple[list[Found], list[Stored]]:
    """The cells of one direction, and the stored arrays that are left for the other."""
    if kind.removeprefix("CuDNN") not in (*ORDER, "RNN"):
        raise UsageError(f"it is made of {kind or 'nothing'}, which cannot be run")
    found = []
    for cell_kind, cell_config in cells_of(kind, config):
        base = cell_kind.removesuffix("Cell").removeprefix("CuDNN")
        if base not in ORDER:
            raise UsageError(f"it has a cell of the class {cell_kind}, which cannot be run")
        count = 3 if cell_config.get("use_bias", True) else 2
        if len(stored) < count:
            lacks = ("kernel", "recurrent_kernel", "bias (use_bias is true)")[len(stored)]
            raise UsageError(f"the {lacks} of its {base} is missing; save the model again")
        found.append(found_cell(name, base, cell_config, stored[:count], direction, major))
        stored = stored[count:]
    return found, stored
