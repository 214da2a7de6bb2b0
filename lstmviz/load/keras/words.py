"""The vocabulary that a layer within a Keras model has: TextVectorization, StringLookup, …"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstmviz.load.common.contents import Contents, Stack
from lstmviz.load.keras.config import Entry
from lstmviz.load.keras.feeding import passes
from lstmviz.system.zip_members import read_member

Assets = Callable[[Entry], Sequence[Any] | None]  # what a layer has learnt, if the file has it

_LAYERS = ("TextVectorization", "StringLookup", "IntegerLookup")
_LARGEST = 32 << 20  # bytes of a vocabulary; two million words have 20 MB


@dataclass(frozen=True)
class _Source:
    """A layer that gives an embedding its rows, and the words of these."""

    entry: Entry
    words: tuple[str, ...] | None
    notes: tuple[str, ...]


def with_words(contents: Contents, entries: Sequence[Entry], assets: Assets) -> Contents:
    """The contents with the vocabulary of the layer that turns words into an embedding's rows."""
    by_name = {entry.name: entry for entry in entries}
    rows = {matrix.name: matrix.rows for matrix in contents.matrices}
    fed = {one.embedding: one.fed_by for one in contents.stacks if one.embedding and one.fed_by}
    before = {name: _before(by_name[first], by_name) for name, first in fed.items()}
    only = len(before) == 1 and all(one.embedding in before for one in contents.stacks)
    sources = {
        name: _source(entry, rows[name], assets, only=only)
        for name, entry in before.items()
        if entry is not None
    }
    contents = replace(contents, stacks=tuple(_told(one, sources) for one in contents.stacks))
    if not only or not sources:
        return contents
    (source,) = sources.values()
    text = source.entry.kind == "TextVectorization"
    return replace(
        contents,
        vocabulary=source.words,
        vectorization=source.entry.config if text else None,
    )


def in_archive(archive: zipfile.ZipFile) -> Assets:
    """What the layers of a .keras file have learnt, which lies in it as text.

    Lines end at line feeds alone, as Keras reads them: a word may have other ends in it.
    """
    texts = {
        name: read_member(archive, name, _LARGEST).decode("utf-8").split("\n")
        for name in archive.namelist()
        if name.startswith("assets/") and name.endswith("/vocabulary.txt")
    }

    def assets(entry: Entry) -> list[str] | None:
        place = "assets" + "".join(f"/layers/{step}" for step in entry.path)
        lines = next((texts[name] for name in sorted(texts) if name.startswith(f"{place}/")), None)
        while lines and lines[-1] == "":
            lines.pop()
        return lines

    return assets


def _before(entry: Entry, by_name: Mapping[str, Entry]) -> Entry | None:
    """The layer that gives an embedding its rows, if it is one with a vocabulary."""
    for _ in range(len(by_name)):
        if not entry.sources:
            return None
        entry = by_name[entry.sources[0]]
        if entry.kind in _LAYERS and entry.ours and not entry.config.get("invert"):
            return entry
        if not passes(entry):
            return None
    return None


def _source(entry: Entry, rows: int, assets: Assets, *, only: bool) -> _Source:
    """The words of a layer for so many rows; `only`: they are those of the whole model."""
    config = entry.config
    name = f"'{entry.name}' ({entry.kind})"
    length = config.get("output_sequence_length")
    notes: list[str] = []
    if type(length) is int:
        done = "so it is done here" if only else f"as pad={length} and pad_side='right' do here"
        notes.append(
            f"{name} cuts a text off after {length} tokens, or fills it up with row 0; {done}"
        )
    listed_ = config.get("vocabulary")
    words: Sequence[Any] | None = listed_ if isinstance(listed_, (list, tuple)) else None
    if words is None:
        words = assets(entry)
    if words is not None and not only:
        notes.append(
            f"{name} has its words, but not those of all parts: give them with vocabulary="
        )
        return _Source(entry, None, tuple(notes))
    if words is None:
        return _Source(
            entry,
            None,
            (
                f"{name} makes rows of words, but its vocabulary is not in the file (.h5 files "
                "leave it out); save the model as .keras, or give vocabulary= what its "
                "get_vocabulary() gives",
                *notes,
            ),
        )
    special, unknowns = _special(entry)
    plain = [_text(word) for word in words]
    if plain[: len(special)] != special:
        plain = [*special, *plain]
    first = len(special) - unknowns
    if unknowns > 1:
        plain[first + 1 : len(special)] = [""] * (unknowns - 1)
        notes.append(
            f"{name} spreads unknown words over {unknowns} rows; here all of them have the first"
        )
    if len(plain) > rows:
        notes.append(
            f"{name} has {len(plain)} words, but the embedding {rows} rows; the vocabulary is left "
            "out"
        )
        return _Source(entry, None, tuple(notes))
    plain += [""] * (rows - len(plain))
    notes.insert(0, f"the words of the rows are those that {name} in the file has")
    return _Source(entry, tuple(plain), tuple(notes))


def _special(entry: Entry) -> tuple[list[str], int]:
    """What stands before a layer's own words, and how many rows of it are for unknown ones."""
    config = entry.config
    if entry.kind == "TextVectorization":
        return ["", "[UNK]"], 1
    mask, unknowns = config.get("mask_token"), config.get("num_oov_indices", 1)
    count = unknowns if type(unknowns) is int and 0 <= unknowns <= 1000 else 1
    usual = "[UNK]" if entry.kind == "StringLookup" else -1
    unknown = _text(config.get("oov_token", usual))
    return ([] if mask is None else [_text(mask)]) + [unknown] * count, count


def _text(word: Any) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)


def _told(stack: Stack, sources: Mapping[str, _Source]) -> Stack:
    source = sources.get(stack.embedding or "")
    return stack if source is None else replace(stack, assumed=(*stack.assumed, *source.notes))
