"""What gives the answer: the dense layers of a file that follow its recurrent part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from lstmviz.engine.model.activations import FUNCTIONS, Activation
from lstmviz.engine.model.readout import Dense, Pooling, Readout, is_pooling
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Stack, listed
from lstmviz.load.common.vocabulary_file import words_of
from lstmviz.load.ways import (
    Way,
    norms_of,
    proposed,
    read_on,
    told_head,
    unknown_before,
    ways_to_answer,
)
from lstmviz.system.suggest import nearest

_POOLINGS = get_args(Pooling)
_MOST = 100_000  # labels
_SIDE_BY_SIDE = 3  # poolings that a layer may read at once, where a way out is told


def readout_of(
    contents: Contents, stack: Stack, head: str | None, labels: str | Path | Sequence[str] | None
) -> tuple[Readout | None, list[str]]:
    """The readout of a stack, and what was assumed about it, a sentence each.

    `head` names dense layers of the file as in "fc1:relu,fc2": each may have its activation, the
    first also what it reads of the outputs (each, last, mean, max or sum, or several side by side
    as in mean+max), as in "fc:mean"; or it is "none". Where the file itself says what follows, that
    is taken: its first output, or the one that `head` names. A dense layer that fits alone is
    taken, too, and so is a Sequential of them.

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


def _chosen(contents: Contents, stack: Stack, head: str | None) -> tuple[Readout | None, list[str]]:
    if head == "none":
        return None, []
    if stack.answers:
        return _of_model(stack, head)
    if head is not None:
        if stack.unread and not contents.heads:
            raise UsageError(
                f"head= names a dense layer, but the file itself says what follows: {stack.unread}"
            )
        asked = _asked(contents, stack, head)
        return asked, _unrun(contents, asked, stack.outputs)
    why, sure = read_on(contents, stack)
    if stack.unread or (why and sure):
        return None, [f"no answer is read: {why or stack.unread}"]
    if why:
        fitting = [way for way in ways_to_answer(contents, stack) if way.sure]
        out = [f"no answer is read, as {why}; if not, head='{way.asked}'" for way in fitting[:1]]
        return None, out
    return _assumed(contents, stack)


def _of_model(stack: Stack, head: str | None) -> tuple[Readout, list[str]]:
    """The readout of an output of the model, which its file tells."""
    first, *others = stack.answers
    if head is not None:
        for one in stack.answers:
            if head in dict(one.choices):
                return one.read(), [*one.notes, dict(one.choices)[head]]
        named = [one for one in stack.answers if head in (one.name, *one.alike)]
        named = named or [o for o in stack.answers if o.name.endswith((f"/{head}", f".{head}"))]
        if len(named) != 1:
            have = listed([f"'{one.name}' ({one.told})" for one in stack.answers])
            raise UsageError(
                "the file itself says what gives the answer; head= may name one of its outputs, "
                f"{have}, or none, and there is no '{head}'"
            )
        return named[0].read(), list(named[0].notes)
    notes = list(first.notes)
    if others:
        notes.append(
            f"the answer is '{first.name}'; the model gives "
            f"{listed([repr(one.name) for one in others])}, too; head='{others[0].name}' chooses "
            "that one"
        )
    return first.read(), notes


def _assumed(contents: Contents, stack: Stack) -> tuple[Readout | None, list[str]]:
    """The dense layers that alone can give the answer, or why none are taken."""
    fitting = [way for way in ways_to_answer(contents, stack) if way.sure]
    if not fitting:
        return None, _of_several(contents, stack)
    if len(fitting) > 1:
        names = listed([str(way) for way in fitting], 4)
        which = " or ".join(f"head='{way.asked}'" for way in fitting[:4])
        return None, [f"no answer is read, as several would fit: {names}; {which} names one"]
    (only,) = fitting
    first = only.heads[0]
    if not only.known:
        return None, [f"no answer is read, {_unclear(contents, only)}"]
    norm = next(norms_of(contents, stack.outputs), "")
    if norm:
        return None, [
            f"no answer is read, as '{norm}' may stand between the outputs and '{first.name}', and "
            f"would not be run; head='{only.asked}' leaves it out"
        ]
    if only.chain is None:
        note = f"{told_head(first)} is assumed to give the answer; head= names another, or none"
        readout = Readout((first.read(),))
        before = unknown_before(contents, first)
        if before:
            note += (
                f"; what '{before}' before it does is not in the file, and not run (a Dropout "
                "does nothing)"
            )
    else:
        note = f"{only}, as '{only.chain.name}' has them, are assumed to give the answer"
        note += "; head= names others, or none"
        readout = Readout(tuple(read() for read in only.chain.reads))
    if len(stack.levels[-1]) > 1:
        note += f"; head='{only.asked}:last' reads both directions as they are at their ends"
    return readout, [note]


def _unclear(contents: Contents, way: Way) -> str:
    """Why a chain is not taken, and how it can be."""
    first, *rest = way.heads
    if way.chain is not None and not rest:
        return f"as {way.chain.problem}; head='{first.name}' leaves that out"
    if way.chain is not None:
        return (
            f"as {way.chain.problem}; without that, head='{way.asked}' with the activations "
            f"between them, else head='{first.name}'"
        )
    names = listed([f"'{one.name}'" for one in rest])
    norms = [repr(norm) for one in rest for norm in norms_of(contents, one.inputs)]
    between = f" and without {listed(norms)}" if norms else ""
    return (
        f"as {names} may follow '{first.name}'; if so, head='{way.asked}' with the activation "
        f"between them{between}, else head='{first.name}'"
    )


def _of_several(contents: Contents, stack: Stack) -> list[str]:
    """What is to be said where a dense layer reads two or three times what the part gives."""
    for poolings in ("mean+max", "each+mean+max"):
        many = poolings.count("+") + 1
        ways = [one for one in ways_to_answer(contents, stack, many) if one.sure]
        if len(ways) == 1:
            first, *rest = ways[0].asked.split(",")
            name, *function = first.split(":")
            asked = ",".join([":".join([name, poolings, *function]), *rest])
            return [
                f"no answer is read, as {told_head(ways[0].heads[0])} takes {many} times the "
                f"{stack.outputs} values of '{stack.name or 'it'}'; if these are poolings side by "
                f"side, head='{asked}' in their order"
            ]
    return []


def _unrun(contents: Contents, readout: Readout, width: int) -> list[str]:
    """Which normalisations may stand before a dense layer that was asked for."""
    found: dict[str, str] = {}
    for place, dense in enumerate(readout.dense):
        for size in {dense.inputs, *([width] if place == 0 else [])}:
            for norm in norms_of(contents, size):
                found.setdefault(norm, dense.name)
    return [f"'{norm}' may stand before '{name}', and is not run" for norm, name in found.items()]


def _asked(contents: Contents, stack: Stack, asked: str) -> Readout:
    pooling = "each"
    dense: list[Dense] = []
    for place, text in enumerate(asked.split(",")):
        name, *words = (word.strip() for word in text.split(":"))
        *before, layer = _layers(contents, stack, name, words)
        if sum(map(is_pooling, words)) > 1 or sum(w in FUNCTIONS for w in words) > 1:
            raise UsageError(
                f"head= says '{text.strip()}'; give one activation, and one of "
                f"{', '.join(_POOLINGS)}, or several as in mean+max"
            )
        for word in words:
            if place == 0 and _is_joined(word, stack):
                pooling = word.replace("last", "each") if "+" in word else word
            elif word in FUNCTIONS:
                layer = replace(layer, activation=Activation(word))
            else:
                known = [*_POOLINGS, "relu", "tanh", "sigmoid", "softmax"]
                raise UsageError(
                    f"head= says '{word}' of '{name}'{nearest(word, known)}; a layer has an "
                    f"activation ({listed(known[len(_POOLINGS) :])}, …), and the first reads "
                    f"{', '.join(_POOLINGS)} of the outputs, or several as in mean+max"
                )
        dense += [*before, layer]
    many = len(pooling.split("+"))
    if dense[0].inputs != many * stack.outputs:
        fitting = listed([told_head(one) for one in proposed(contents, stack, many)]) or "none"
        times = f" {many} times" if many > 1 else ""
        raise UsageError(
            f"'{dense[0].name}' takes {dense[0].inputs} values, but the recurrent part gives"
            f"{times} {stack.outputs}; "
            + (_as_wide(asked, dense[0], stack) or f"dense layers that fit it: {fitting}")
        )
    return Readout(tuple(dense), pooling)


def _as_wide(asked: str, first: Dense, stack: Stack) -> str:
    """What to say where the layer that was asked for reads another number of poolings; or ""."""
    many, rest = divmod(first.inputs, stack.outputs)
    if rest or not 1 <= many <= _SIDE_BY_SIDE:
        return ""
    layer, *others = asked.split(",")
    name, *words = (word.strip() for word in layer.split(":"))
    said = [pooling for word in words if _is_joined(word, stack) for pooling in word.split("+")]
    usual = [one for one in ("mean", "max", "each") if one not in said]
    poolings = "+".join([*said, *usual][:many])
    functions = [word for word in words if not _is_joined(word, stack)]
    fits = ",".join([":".join([name, poolings, *functions]), *others])
    if many == 1:
        return f"it reads one pooling, as in head='{fits}'"
    return f"if it reads {many} poolings side by side, say which in their order: head='{fits}'"


def _is_joined(word: str, stack: Stack) -> bool:
    """Whether a word says how outputs are pooled; the last of one direction may be joined, too."""
    if is_pooling(word):
        return True
    if "+" not in word or not is_pooling(word.replace("last", "each")):
        return False
    if len(stack.levels[-1]) > 1:
        raise UsageError(
            f"head= says '{word}', but of both directions the last output cannot be joined; say "
            "each for what PyTorch's output[-1] is"
        )
    return True


def _layers(contents: Contents, stack: Stack, name: str, words: Sequence[str]) -> list[Dense]:
    """The dense layer of that name, or those of a Sequential, with the functions it has.

    `words` are what was said of it.
    """
    exact = [head for head in contents.heads if head.name == name]
    exact = exact or [head for head in contents.heads if f".{head.name}".endswith(f".{name}")]
    if len(exact) == 1:
        return [exact[0].read()]
    chains = [one for one in contents.chains if f".{one.name}".endswith(f".{name}")]
    if len(chains) == 1 and not exact:
        if chains[0].problem:
            raise UsageError(
                f"'{chains[0].name}' is not all dense layers and functions, as "
                f"{chains[0].problem}; name its layers themselves"
            )
        return [read() for read in chains[0].reads]
    if not exact:
        _refuse_group(contents, stack, name, words)
    fitting = proposed(contents, stack) or contents.heads
    have = listed([told_head(one) for one in fitting]) or "none"
    raise UsageError(f"it has no dense layer '{name}'; those that may give the answer: {have}")


def _refuse_group(contents: Contents, stack: Stack, name: str, words: Sequence[str]) -> None:
    """Refuse a name that only begins those of dense layers: a file of weights tells no chain.

    Raises:
        UsageError: it is one; it says how to name its layers.
    """
    within = [one for one in contents.heads if one.sure and f".{name}." in f".{one.name}"]
    if not within:
        return
    ways = [way for way in ways_to_answer(contents, stack) if way.heads[0] in within]
    way = ways[0] if len(ways) == 1 else Way(tuple(within))
    *first, last = way.asked.split(",")
    function = [word for word in words if word in FUNCTIONS]
    layers = [*first, ":".join([last, *function])]
    beside = [word for word in words if word not in FUNCTIONS]
    start, *rest = layers[0].split(":")
    layers[0] = ":".join([start, *beside, *rest])
    are = listed([told_head(one) for one in within])
    between = " between them and" if len(within) > 1 else ""
    raise UsageError(
        f"'{name}' is no dense layer but has {are}, and the file does not tell the functions"
        f"{between} after; name {'each' if len(within) > 1 else 'it'} with its own, as in "
        f"head='{','.join(layers)}'"
    )
