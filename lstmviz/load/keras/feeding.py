"""What feeds a recurrent layer of Keras, and which steps of that are masked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lstmviz.engine.model.masks import Mask
from lstmviz.errors import UsageError
from lstmviz.load.keras.config import Entry, config_of_one

# Layers that change nothing when a network is used, not trained; all of them hand masks on.
_PASSES = {
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "Identity",
    "ActivityRegularization",
    "Masking",
}
_WITHOUT = "save the model without it, and leave out of the input what it masks"


@dataclass(frozen=True)
class Feeding:
    """What feeds a layer: another recurrent layer, an embedding, the input, or something else."""

    kind: str  # layer, embedding, other or input
    name: str = ""
    mask: Mask | None = None  # that arises on the way to the layer
    seen: tuple[str, ...] = ()  # the layers on the way, each of which hands the same values on
    table: str = ""  # the matrix of what comes in for each row, if that is not the embedding's own


def feeding(
    entry: Entry,
    by_name: Mapping[str, Entry],
    recurrent: Collection[str],
    embeddings: Collection[str],
) -> Feeding:
    """What feeds a recurrent layer; nothing but layers that change nothing lies between.

    Raises:
        UsageError: several layers mask steps one after another, or one by no number.
    """
    mask: Mask | None = None
    seen: list[str] = []
    for _ in range(len(by_name) + 1):
        if not entry.sources:
            break
        name = entry.sources[0]
        entry = by_name[name]
        seen.append(name)
        if name in embeddings:
            if mask is None and entry.config.get("mask_zero"):
                mask = Mask("row", 0)
            return Feeding("embedding", name, mask, tuple(seen))
        if name in recurrent:
            sequences = config_of_one(entry).get("return_sequences", False)
            # A mask made of what a recurrent layer gives is none of the input's: a new part begins.
            through = sequences and mask is None
            return Feeding("layer" if through else "other", name, mask, tuple(seen))
        if not passes(entry):
            return Feeding("other", name, mask, tuple(seen))
        if entry.kind == "Masking":
            own = Mask("values", entry.config.get("mask_value", 0.0))
            if mask not in (None, own):
                raise UsageError(f"'{name}' masks steps, and another layer after it; {_WITHOUT}")
            mask = own
    return Feeding("input", "", mask, tuple(seen))


def passes(entry: Entry) -> bool:
    """Whether a layer gives on what it is given, when a network is used."""
    linear = entry.kind == "Activation" and entry.config.get("activation") == "linear"
    return entry.ours and (entry.kind == "InputLayer" or entry.kind in _PASSES or linear)


def mask_of_all(chain: Sequence[Entry], fed: Feeding, by_name: Mapping[str, Entry]) -> Mask | None:
    """The mask of recurrent layers that feed one another, the first of which is fed so.

    A layer hands its mask on to the next one, unless the model gives it one in so many words, as
    Keras 3 writes down wherever layers are called on one another.

    Raises:
        UsageError: a layer has a mask that is computed in a way of the model's own.
    """
    for entry in chain:
        for name in entry.masks:
            given = _spelt_out(by_name[name], fed, by_name)
            if given is None and fed.kind == "other" and fed.mask is None:
                continue  # what masks steps before that is told
            if given is None or given != fed.mask:
                raise UsageError(
                    f"'{entry.name}' has a mask that '{name}' makes, which cannot be run; "
                    f"{_WITHOUT}"
                )
    return fed.mask


def masker_before(name: str, by_name: Mapping[str, Entry]) -> str | None:
    """A layer at or before that one which masks steps, if there is any."""
    todo, seen = [name], set[str]()
    while todo:
        entry = by_name[todo.pop()]
        if entry.name in seen:
            continue
        seen.add(entry.name)
        if entry.ours and (entry.kind == "Masking" or entry.config.get("mask_zero")):
            return entry.name
        todo += [*entry.sources, *entry.masks]
    return None


def _spelt_out(entry: Entry, fed: Feeding, by_name: Mapping[str, Entry]) -> Mask | None:
    """The mask that such an operation of Keras 3 computes of what feeds the layer, if it does."""
    of = "row"
    if entry.kind == "Any" and entry.config.get("axis") == -1 and entry.sources:
        of, entry = "values", by_name[entry.sources[0]]
    if entry.kind != "NotEqual" or len(entry.sources) != 1 or len(entry.numbers) != 1:
        return None
    if of == "values":
        return Mask("values", entry.numbers[0]) if {*entry.sources} & {*fed.seen} else None
    if fed.kind != "embedding" or entry.sources != by_name[fed.name].sources:
        return None
    return Mask("row", entry.numbers[0])
