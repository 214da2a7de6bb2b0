"""From a file's contents to a Network: which part, which embedding, which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Unpack

from lstmviz.engine.model.network import Merge, Network
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Matrix, Stack, listed
from lstmviz.load.common.vocabulary import read_vocabulary, words_of
from lstmviz.load.detect import kind_of, read_file, told
from lstmviz.load.head import readout_of
from lstmviz.load.options import ALL_IN_FILE, FileOptions, Vocabulary, refuse_options
from lstmviz.trace.recording import Source


def load_network(
    path: str | Path,
    *,
    title: str | None = None,
    **options: Unpack[FileOptions],
) -> Network:
    """The network of a file: of lstmviz (.npz), PyTorch, Keras or ONNX.

    No framework is needed, and nothing in the file is run. `vocabulary` is the words of the
    embedding's rows: a file (JSON list, JSON object from word to row, or a word per line), or
    the words themselves; `unknown` is the one that stands for all others, if it is no common
    one. `embedding` names the matrix, where several would do. `config` is the model's
    configuration (`model.to_json()`) for Keras files of weights alone. `nonlinearity` is that
    of PyTorch's RNNs, which its files do not tell: tanh unless it is "relu". `part` chooses
    among several recurrent parts of a file by name, or names some that feed one another.

    What had to be assumed stands in the network's `notes`.

    Raises:
        UsageError: the file is missing, damaged or of no use; one sentence says why.
    """
    place = Path(path)
    with told(place):
        if kind_of(place) == "npz":
            network = Network.load(place)
            refuse_options(options, ALL_IN_FILE)
            return network
        contents = read_file(place, options)
        made = assemble(contents, options, title=title or place.name, source=place.name)
        return replace(made, source=Source("file", place.name))


def assemble(contents: Contents, options: FileOptions, *, title: str, source: str) -> Network:
    """The network of one part of the contents."""
    vocabulary, embedding = options.get("vocabulary"), options.get("embedding")
    unknown = options.get("unknown")
    stack = _joined(chosen(contents, options.get("part")))
    if vocabulary is None and contents.vocabulary is not None and embedding is None:
        vocabulary = contents.vocabulary
    matrix, assumed = _embedding(contents, stack, embedding, vocabulary)
    words = None
    if matrix is not None and vocabulary is not None:
        words = read_vocabulary(vocabulary, matrix.rows)
    if words is not None and unknown is not None and unknown not in words:
        raise UsageError(f"the vocabulary has no '{unknown}' for unknown words")
    layers = tuple(tuple(found.layer() for found in level) for level in stack.levels)
    mask = stack.mask
    if mask is not None and mask.of == "row" and (matrix is None or matrix.name != stack.embedding):
        mask = None
        assumed.append(f"no step is masked, as '{stack.embedding}', which does that, is not used")
    array = None
    if matrix is not None:
        array = matrix.read()
        if array.shape != (matrix.rows, matrix.width):
            raise UsageError(f"'{matrix.name}' has not the shape that it claims")
    readout, told_of = readout_of(contents, stack, options.get("head"), options.get("labels"))
    return Network(
        layers,
        array,
        words,
        readout,
        title,
        f"{source}: {contents.format}" + (f", {stack.name}" if stack.name else ""),
        stack.merges,
        (
            *stack.assumed,
            *assumed,
            *told_of,
            *(f"not used: {reason}" for reason in contents.unusable),
        ),
        unknown,
        stack.length,
        mask,
    )


def chosen(contents: Contents, part: str | Sequence[str] | None) -> list[Stack]:
    """The recurrent parts that `part` names, or the only one."""
    stacks = {stack.name: stack for stack in contents.stacks}
    if part is not None:
        names = [part] if isinstance(part, str) else list(part)
        for name in names:
            if name not in stacks:
                why = next((u for u in contents.unusable if u.startswith(f"{name}: ")), None)
                have = listed([f"'{name}'" for name in stacks]) or "none"
                raise UsageError(why or f"it has no part '{name}'; its recurrent parts: {have}")
        if names:
            return [stacks[name] for name in names]
    if len(stacks) == 1:
        return list(stacks.values())
    if not stacks:
        why = "; ".join(contents.unusable) or "it has no RNN, LSTM or GRU in it"
        raise UsageError(f"nothing in this {contents.format} can be run: {why}")
    told = [f"'{name}' ({describe(stack)})" for name, stack in stacks.items()]
    raise UsageError(
        f"it has {len(stacks)} recurrent parts: {listed(told)}; choose one with part=, or name "
        "several in the order in which they feed one another"
    )


def describe(stack: Stack) -> str:
    """A stack in a few words: `2 × lstm, both ways, 64 → 128`."""
    first = stack.levels[0]
    names = list(dict.fromkeys(found.cell.name for level in stack.levels for found in level))
    count = f"{len(stack.levels)} × " if len(stack.levels) > 1 else ""
    ways = ", both ways" if len(first) > 1 else ""
    ways = ", backward" if [found.direction for found in first] == ["backward"] else ways
    return f"{count}{' and '.join(names)}{ways}, {stack.inputs} → {stack.outputs}"


def _joined(stacks: list[Stack]) -> Stack:
    if len(stacks) == 1:
        return stacks[0]
    for before, after in pairwise(stacks):
        if after.mask is not None:
            raise UsageError(
                f"'{after.name}' passes over steps by what '{before.name}' gives, so they cannot "
                "be run as one network; choose one of them with part="
            )
        if before.outputs != after.inputs:
            raise UsageError(
                f"'{before.name}' gives {before.outputs} values, but '{after.name}' takes "
                f"{after.inputs}; they do not feed one another"
            )
    names = " → ".join(stack.name for stack in stacks)
    merges: tuple[Merge, ...] = tuple(merge for stack in stacks for merge in stack.each_merge)
    lengths = [stack.length for stack in stacks if stack.length is not None]
    return Stack(
        names,
        tuple(level for stack in stacks for level in stack.levels),
        merges,
        stacks[0].embedding,
        (
            *dict.fromkeys(note for stack in stacks for note in stack.assumed),
            f"{names} feed one another directly, as was asked for",
        ),
        min(lengths, default=None),
        stacks[0].mask,
        stacks[-1].readout,
        stacks[-1].answer,
    )


def _embedding(
    contents: Contents,
    stack: Stack,
    name: str | None,
    vocabulary: str | Path | Vocabulary | None,
) -> tuple[Matrix | None, list[str]]:
    """The matrix that turns words into the stack's inputs, and what was assumed about it."""
    fitting = [matrix for matrix in contents.matrices if matrix.width == stack.inputs]
    if name is not None:
        return _by_name(contents, stack, name), []
    if stack.embedding is not None:
        return next(m for m in contents.matrices if m.name == stack.embedding), []
    likely = [matrix for matrix in fitting if matrix.sure]
    if vocabulary is not None and len(likely) != 1:
        rows = _length(vocabulary)
        likely = [matrix for matrix in likely or fitting if rows in (None, matrix.rows)]
        if len(likely) != 1:
            found = listed([f"'{m.name}' ({m.rows} × {m.width})" for m in fitting]) or "none"
            raise UsageError(
                "a vocabulary is given, but which matrix is its embedding is not clear; with "
                f"{stack.inputs} columns there is: {found}; name one with embedding="
            )
    if len(likely) == 1:
        return likely[0], [f"'{likely[0].name}' is assumed to be the embedding that feeds it"]
    if likely:
        names = listed([f"'{matrix.name}'" for matrix in likely])
        return None, [f"no embedding is used, as several would fit: {names}"]
    return None, []


def _by_name(contents: Contents, stack: Stack, name: str) -> Matrix:
    matches = [m for m in contents.matrices if m.name == name]
    matches = matches or [
        m for m in contents.matrices if f".{m.name}".endswith((f".{name}", f".{name}.weight"))
    ]
    if len(matches) == 1 and matches[0].width == stack.inputs:
        return matches[0]
    if len(matches) == 1:
        raise UsageError(
            f"'{matches[0].name}' has {matches[0].width} columns, but the network takes "
            f"{stack.inputs} inputs; it is not its embedding"
        )
    found = listed([f"'{m.name}'" for m in contents.matrices if m.width == stack.inputs]) or "none"
    raise UsageError(f"it has no matrix '{name}'; those with {stack.inputs} columns are: {found}")


def _length(vocabulary: str | Path | Vocabulary) -> int | None:
    """The number of rows that the words ask for; None where it is not known beforehand."""
    words = words_of(vocabulary) if isinstance(vocabulary, (str, Path)) else vocabulary
    return None if isinstance(words, Mapping) else len(words)
