"""What gives the answer: the dense layers of a file that follow its recurrent part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from lstmviz.engine.model.activations import FUNCTIONS, Activation
from lstmviz.engine.model.readout import Pooling, Readout
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Head, Stack, listed
from lstmviz.load.common.vocabulary_file import words_of
from lstmviz.load.parts import in_a_row
from lstmviz.system.suggest import nearest

_POOLINGS = get_args(Pooling)
_MOST = 100_000  # labels


def readout_of(
    contents: Contents, stack: Stack, head: str | None, labels: str | Path | Sequence[str] | None
) -> tuple[Readout | None, list[str]]:
    """The readout of a stack, and what was assumed about it, a sentence each.

    `head` names dense layers of the file as in "fc1:relu,fc2": each may have its activation, the
    first also what it reads of the outputs (each, last, mean, max or sum), as in "fc:mean"; or it
    is "none". Where the file itself says what follows, that is taken. A dense layer that fits
    alone is taken, too.

    Raises:
        UsageError: there is no such layer, or what is named does not fit.
    """
    readout, notes = _chosen(contents, stack, head)
    if readout is None:
        if labels is not None:
            why = notes[0] if notes else "nothing in the file gives an answer"
            raise UsageError(f"labels= name answers, but {why}")
        return None, notes
    names = (readout.labels or contents.labels) if labels is None else read_labels(labels)
    if labels is None and len(names) not in (readout.answers, 2 * readout.of_two):
        names = ()
    if labels is not None and len(names) == 2 and readout.answers == 1 and not readout.of_two:
        notes.append(
            f"its one answer is taken for the log odds of '{names[1]}', as labels= has two"
        )
        readout = replace(readout, log_odds=True)
    return replace(readout, labels=names), notes


def read_labels(labels: str | Path | Sequence[str]) -> tuple[str, ...]:
    """What the answers are called: names, "bad,good", or a file as JSON or of a name per line.

    Raises:
        UsageError: the file cannot be read, or there is something that is no name in it.
    """
    names: Any = labels
    if isinstance(labels, str) and "," in labels and not Path(labels).exists():
        names = [name.strip() for name in labels.split(",")]
    elif isinstance(labels, (str, Path)):
        names = words_of(labels, "labels")
        if isinstance(names, dict):
            names = _by_number(names, labels)
    if not all(isinstance(name, str) and name.strip() for name in names) or len(names) > _MOST:
        raise UsageError("labels= has an entry that is no name; give a name for each answer")
    if len(set(names)) < len(names):
        raise UsageError("labels= has a name twice; give each answer its own")
    return tuple(names)


def _by_number(names: dict[str, Any], where: str | Path) -> list[Any]:
    """Names in their order, from an object {"good": 1} or {"1": "good"}."""
    if all(type(number) is int for number in names.values()):
        names = {str(number): name for name, number in names.items()}
    if set(names) != {str(number) for number in range(len(names))}:
        raise UsageError(f"{where} numbers its names from 0 to {len(names) - 1}, each once, or not")
    return [names[str(number)] for number in range(len(names))]


def proposed(contents: Contents, stack: Stack) -> tuple[Head, ...]:
    """The dense layers that may read what a stack gives."""
    embeddings = {matrix.name for matrix in contents.matrices if matrix.sure} | {stack.embedding}
    return tuple(
        head
        for head in contents.heads
        if head.inputs == stack.outputs and (head.sure or f"{head.name}.weight" not in embeddings)
    )


def _chosen(contents: Contents, stack: Stack, head: str | None) -> tuple[Readout | None, list[str]]:
    if head == "none":
        return None, []
    if stack.readout is not None:
        if head is not None:
            raise UsageError(
                f"the file itself says what gives the answer ({stack.answer}); leave out head="
            )
        return stack.readout(), []
    norm = norm_before(contents, stack)
    if head is not None:
        asked = _asked(contents, stack, head)
        notes = (
            [f"'{norm}' may stand before '{asked.dense[0].name}', and is not run"] if norm else []
        )
        return asked, notes
    onward = _next_in_row(contents, stack)
    if onward:
        return None, [f"no answer is read: '{onward}' reads what '{stack.name}' gives"]
    if stack.answer:
        return None, [f"no answer is read: {stack.answer}"]
    fitting = [one for one in proposed(contents, stack) if one.sure]
    if not fitting:
        return None, []
    if len(fitting) > 1:
        names = listed([told_head(one) for one in fitting])
        return None, [f"no answer is read, as several would fit: {names}; head= names one"]
    (only,) = fitting
    after = [one for one in contents.heads if one.sure and one is not only]
    next_ones = [one for one in after if one.inputs == only.answers]
    if next_ones:
        chain = f"{only.name}:relu,{next_ones[0].name}"
        return None, [
            f"no answer is read, as '{next_ones[0].name}' may follow '{only.name}'; if so, "
            f"head='{chain}' with the activation between them, else head='{only.name}'"
        ]
    if norm:
        return None, [
            f"no answer is read, as '{norm}' may stand between the outputs and '{only.name}', and "
            f"would not be run; head='{only.name}' leaves it out"
        ]
    note = f"{told_head(only)} is assumed to give the answer; head= names another, or none"
    if len(stack.levels[-1]) > 1:
        note += f"; head='{only.name}:last' reads both directions as they are at their ends"
    return Readout((only.read(),)), [note]


def _next_in_row(contents: Contents, stack: Stack) -> str:
    """The part that reads what this one gives, where the file has several in a row; or ""."""
    row = [one.name for one in in_a_row(contents.stacks)]
    return row[row.index(stack.name) + 1] if stack.name in row[:-1] else ""


def norm_before(contents: Contents, stack: Stack) -> str:
    """The name of a normalisation as wide as what a stack gives, in a file of PyTorch; or ""."""
    for name, tensor in contents.arrays.items():
        prefix, _, last = name.rpartition(".")
        if last in ("weight", "running_mean") and tensor.shape == (stack.outputs,):
            return prefix
    return ""


def told_head(head: Head) -> str:
    """A dense layer in a few words: `'fc' (8 → 2)`."""
    return f"'{head.name}' ({head.inputs} → {head.answers})"


def _asked(contents: Contents, stack: Stack, asked: str) -> Readout:
    pooling: Any = "each"
    dense = []
    for place, text in enumerate(asked.split(",")):
        name, *words = (word.strip() for word in text.split(":"))
        layer = _named(contents, stack, name).read()
        if sum(w in _POOLINGS for w in words) > 1 or sum(w in FUNCTIONS for w in words) > 1:
            raise UsageError(
                f"head= says '{text.strip()}'; give one activation, and one of "
                f"{', '.join(_POOLINGS)}"
            )
        for word in words:
            if word in _POOLINGS and place == 0:
                pooling = word
            elif word in FUNCTIONS:
                layer = replace(layer, activation=Activation(word))
            else:
                known = [*_POOLINGS, "relu", "tanh", "sigmoid", "softmax"]
                raise UsageError(
                    f"head= says '{word}' of '{name}'{nearest(word, known)}; a layer has an "
                    f"activation ({listed(known[len(_POOLINGS) :])}, …), and the first reads "
                    f"{', '.join(_POOLINGS)} of the outputs"
                )
        dense.append(layer)
    if dense[0].inputs != stack.outputs:
        fitting = listed([told_head(one) for one in proposed(contents, stack)]) or "none"
        raise UsageError(
            f"'{dense[0].name}' takes {dense[0].inputs} values, but the recurrent part gives "
            f"{stack.outputs}; dense layers that fit it: {fitting}"
        )
    return Readout(tuple(dense), pooling)


def _named(contents: Contents, stack: Stack, name: str) -> Head:
    exact = [head for head in contents.heads if head.name == name]
    ending = [head for head in contents.heads if f".{head.name}".endswith(f".{name}")]
    if len(exact or ending) == 1:
        return (exact or ending)[0]
    fitting = proposed(contents, stack) or contents.heads
    have = listed([told_head(one) for one in fitting]) or "none"
    raise UsageError(f"it has no dense layer '{name}'; those that may give the answer: {have}")
