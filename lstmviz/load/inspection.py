"""What is inside a network's file, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Unpack

from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.load.assemble import assemble, chosen, describe, refuse_idle
from lstmviz.load.common.contents import NOT_RECURRENT, Contents, Found, Output, Stack, listed
from lstmviz.load.detect import file_of, kind_of, read_file, told
from lstmviz.load.names.proposed import proposed_names
from lstmviz.load.options import ALL_IN_FILE, FileOptions, check_options, given_of, refuse_options
from lstmviz.load.parts import in_a_row
from lstmviz.load.ways import norms_of, proposed, told_head, ways_to_answer

_TRIED = 8  # parts that are tried with what was said beside a file
_SOME = 4  # words of a vocabulary that are kept for an example

# What a variant computes, where its name alone does not say it.
_VARIANTS = {
    "gru": "reset after the product; h = (1 - z)·n + z·h, z near 1 keeps",
    "gru-reset-before": "reset before the product; h = (1 - z)·n + z·h, z near 1 keeps",
    "gru-chung": "reset before the product; h = (1 - z)·h + z·n, z near 1 takes the new",
    "lstm-peephole": "gates see the cell state",
    "lstm-coupled": "forgets as much as it writes, f = 1 - i",
    "lstm-coupled-peephole": "f = 1 - i, gates see the cell state",
    "lstm-projected": "its output is a projection of what the units give",
}


@dataclass(frozen=True)
class LayerInfo:
    """One direction of one recurrent layer."""

    name: str
    number: int  # from 1, within its part
    cell: str
    direction: str
    inputs: int
    hidden: int
    outputs: int
    variant: str  # what the cell computes, where its name alone does not say it
    activations: Mapping[str, str]  # the function behind each reading
    initial: tuple[str, ...]  # the states that the file brings along
    problem: str = ""  # why its weights cannot be used

    def __str__(self) -> str:
        sizes = f"{self.inputs} → {self.hidden} units"
        sizes += "" if self.outputs == self.hidden else f" → {self.outputs}"
        functions: dict[str, list[str]] = {}
        for name, function in self.activations.items():
            functions.setdefault(function, []).append(name)
        told = "; ".join(f"{what} for {', '.join(names)}" for what, names in functions.items())
        parts = [f"{self.cell}, {self.direction}, {sizes}", self.variant, told]
        if self.initial:
            parts.append(f"brings its initial {' and '.join(self.initial)}")
        if self.problem:
            parts.append(f"CANNOT BE USED: {self.problem}")
        return f"layer {self.number}: " + "; ".join(part for part in parts if part)


@dataclass(frozen=True)
class PartInfo:
    """Recurrent layers that feed one another: what can be run as one network."""

    name: str
    summary: str
    layers: tuple[LayerInfo, ...]
    merges: tuple[str, ...]
    embedding: str | None
    length: int | None
    assumed: tuple[str, ...]
    mask: str | None = None  # which steps it passes over
    answer: str = ""  # what gives its answer, where the file tells
    unread: str = ""  # why what gives its answer cannot be read
    heads: tuple[str, ...] = ()  # dense layers that may give it, where the file does not tell
    readings: tuple[str, ...] = ()  # what is recorded of its last layer
    answers: tuple[tuple[str, str], ...] = ()  # its outputs and what gives each, if there are more

    def __str__(self) -> str:
        lines = [f"part '{self.name}': {self.summary}" if self.name else self.summary]
        lines += [f"  {layer}" for layer in self.layers]
        if any(merge != "concat" for merge in self.merges):
            lines.append(f"  directions are merged by: {', '.join(self.merges)}")
        if self.embedding is not None:
            lines.append(f"  fed by the embedding '{self.embedding}'")
        if self.length is not None:
            lines.append(f"  reads {self.length} ticks at most")
        if self.mask is not None:
            lines.append(f"  passes over the steps that are masked: {self.mask}")
        if self.answer:
            which = f" is '{self.answers[0][0]}'" if self.answers else ""
            lines.append(f"  its answer{which}: {self.answer}")
        lines += [f"  another, with head='{name}': {told}" for name, told in self.answers[1:]]
        if self.unread:
            lines.append(f"  no answer is read: {self.unread}")
        if self.heads:
            lines.append(f"  its answer may come from: {', '.join(self.heads)}")
        lines += [f"  assumed: {note}" for note in self.assumed]
        return "\n".join(lines)


@dataclass(frozen=True)
class Inspection:
    """What a file holds; `str()` says it in lines."""

    path: str
    format: str
    parts: tuple[PartInfo, ...]
    embeddings: tuple[tuple[str, int, int], ...]  # (name, rows, columns) of what may be one
    vocabulary: int | None  # how many words are in the file, None if there are none
    unusable: tuple[str, ...]  # what cannot be used, and why
    words: tuple[str, ...] = ()  # some of its vocabulary
    labels: tuple[str, ...] = ()  # what its answers are called
    row: tuple[str, ...] = ()  # the parts that run as one where none is chosen
    names: str = ""  # a names.toml that would make a network of its arrays, as they suggest

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.format}"]
        lines += [str(part) for part in self.parts] or ["nothing in it can be run"]
        if self.row:
            lines.append(f"run as one, unless a part is chosen: {' → '.join(self.row)}")
        for name, rows, width in self.embeddings:
            fits = [p.name or "it" for p in self.parts if p.layers and p.layers[0].inputs == width]
            lines.append(
                f"matrix '{name}': {rows} × {width}"
                + (f", fits as the embedding of {', '.join(fits)}" if fits else "")
            )
        if self.vocabulary is not None:
            lines.append(f"vocabulary: {self.vocabulary} words")
        elif self.embeddings:
            lines.append("vocabulary: not in the file; pass one to give sentences")
        if self.labels:
            lines.append(f"answers: {listed(self.labels)}")
        reasons = self.unusable or (() if self.parts else (NOT_RECURRENT,))
        lines += [f"cannot be used: {reason}" for reason in reasons]
        if self.names:
            lines += ["its arrays suggest this names.toml:", "", self.names.rstrip("\n")]
        return "\n".join(lines)


def inspect_file(
    path: str | Path,
    **options: Unpack[FileOptions],
) -> Inspection:
    """Say what is inside a network's file, without loading more of it than that takes.

    The `options` are those of `load_network`.

    Raises:
        UsageError: the file is missing, damaged, or none of a network.
    """
    check_options(options)
    place = Path(path)
    with told(place):
        place = file_of(place)
        if kind_of(place) == "npz":
            refuse_options(options, ALL_IN_FILE)
            return _of_network(Network.load(place), place.name)
        contents = read_file(place, options)
        refuse_idle(contents, options, kind_of(place))
        return _as_asked(_of_contents(contents, place.name), contents, options)
    raise AssertionError("unreachable")


def _as_asked(found: Inspection, contents: Contents, options: FileOptions) -> Inspection:
    """What was found, for the part that was asked for, with the words that were given.

    Raises:
        UsageError: something that was asked for cannot be.
    """
    part = options.get("part")
    if not {*given_of(options)} - {"config", "nonlinearity", "names"}:
        return found
    if part is None and len(found.parts) > 1 and not found.row:
        _refuse_for_all(contents, options)
        return found  # each part would want its own
    made = assemble(contents, options, title="", source="")
    words = found.words if made.vocabulary is None else _some(made.vocabulary)
    count = found.vocabulary if made.vocabulary is None else len(made.vocabulary)
    named = {stack.name for stack in chosen(contents, part)} if part is not None else set()
    parts = tuple(one for one in found.parts if one.name in named) or found.parts
    labels = () if made.readout is None else made.readout.labels
    row = found.row if part is None else ()
    return replace(
        found, parts=parts, vocabulary=count, words=words, labels=labels or found.labels, row=row
    )


def _refuse_for_all(contents: Contents, options: FileOptions) -> None:
    """Refuse what was said beside a file of several parts, if it fits none of them.

    Raises:
        UsageError: it does not; of each part it says why.
    """
    whys: dict[str, list[str]] = {}
    for stack in contents.stacks[:_TRIED]:
        try:
            assemble(contents, {**options, "part": stack.name}, title="", source="")
        except UsageError as error:
            whys.setdefault(str(error).rstrip("."), []).append(f"'{stack.name}'")
        else:
            return
    if len(whys) == 1:
        raise UsageError(next(iter(whys)))
    told = "; ".join(f"for {listed(names)}: {why}" for why, names in whys.items())
    raise UsageError(f"of none of its parts: {told}")


def _of_contents(contents: Contents, name: str) -> Inspection:
    widths = {stack.inputs for stack in contents.stacks}
    return Inspection(
        name,
        contents.format,
        tuple(_part(stack, _heads(contents, stack)) for stack in contents.stacks),
        tuple((m.name, m.rows, m.width) for m in contents.matrices if m.sure or m.width in widths),
        None if contents.vocabulary is None else sum(map(bool, contents.vocabulary)),
        contents.unusable,
        _some(contents.vocabulary or ()),
        contents.labels,
        tuple(stack.name for stack in in_a_row(contents.stacks)),
        proposed_names(contents, name),
    )


def _some(vocabulary: Sequence[str]) -> tuple[str, ...]:
    """Some words of a vocabulary, or of one of letters some of these, for an example."""
    words = islice((word for word in vocabulary if len(word) > 1 and word.isalpha()), _SOME)
    return tuple(words) or tuple(islice((one for one in vocabulary if one.isalpha()), _SOME))


def _heads(contents: Contents, stack: Stack) -> list[str]:
    """What may give the answer, a clause each, with what may stand before it."""
    norm = next(norms_of(contents, stack.outputs), "")
    beside = f", if '{norm}' is not before it" if norm else ""
    found = []
    for way in ways_to_answer(contents, stack):
        told = f"{way}{beside}"
        if len(way.heads) > 1 and not way.known:
            told += f", with head='{way.asked}' and the activations that are between them"
        elif len(way.heads) > 1 or not way.known:
            told += f", with head='{way.asked}'"
        if way.chain is not None and way.chain.problem:
            told += f", but {way.chain.problem}"
        found.append(told)
    joint = [] if found else [h for k in (2, 3) for h in proposed(contents, stack, k) if h.sure]
    return found + [
        f"{told_head(head)}, if it reads poolings side by side: head='{head.name}:mean+max' or the "
        "like"
        for head in joint
    ]


def _part(stack: Stack, heads: Sequence[str] = ()) -> PartInfo:
    return PartInfo(
        stack.name,
        describe(stack),
        tuple(
            _layer(found, number)
            for number, level in enumerate(stack.levels, start=1)
            for found in level
        ),
        stack.each_merge,
        stack.embedding,
        stack.length,
        stack.assumed,
        None if stack.mask is None else str(stack.mask),
        stack.answers[0].told if stack.answers else "",
        stack.unread,
        () if stack.answers or stack.unread else tuple(heads),
        tuple(stack.levels[-1][0].cell.names),
        tuple((one.name, one.told) for one in stack.answers) if len(stack.answers) > 1 else (),
    )


def _layer(found: Found, number: int) -> LayerInfo:
    problem = ""
    try:
        found.layer()
    except UsageError as error:
        problem = str(error)
    return LayerInfo(
        found.name,
        number,
        found.cell.name,
        found.direction,
        found.inputs,
        found.hidden,
        found.outputs,
        _VARIANTS.get(found.cell.name, ""),
        found.cell.spelt,
        tuple(found.initial),
        problem,
    )


def _of_network(network: Network, name: str) -> Inspection:
    levels = tuple(
        tuple(
            Found(
                "",
                layer.cell,
                layer.direction,
                layer.inputs,
                layer.hidden,
                layer.outputs,
                partial(getattr, layer, "weights"),
                layer.initial,
            )
            for layer in level
        )
        for level in network.layers
    )
    embedding, readout = network.embedding, network.readout
    part = _part(
        Stack(
            "",
            levels,
            network.merges,
            None if embedding is None else "embedding",
            network.notes,
            network.length,
            network.mask,
            answers=() if readout is None else (Output("", str(readout), lambda: readout),),
        )
    )
    return Inspection(
        name,
        f"network of lstmviz, {network.title}",
        (part,),
        () if embedding is None else (("embedding", len(embedding), embedding.shape[1]),),
        None if network.vocabulary is None else len(network.vocabulary),
        (),
        _some(network.vocabulary or ()),
        () if network.readout is None else network.readout.labels,
    )
