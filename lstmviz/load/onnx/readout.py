"""What follows the recurrent nodes of an ONNX model, read exactly as the graph says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.picked import Picked, Stage
from lstmviz.load.onnx.walk import Last, NotReadError, Walk, entrance

_TRIED = (5, 7)  # ticks that the graph is followed for, where it takes any number
_LENGTHS = 8  # lengths that are tried, where shapes tell of one
_OUTPUTS = 32  # of a graph, that are looked at
_FURTHEST = 200  # nodes at the end of a graph
# What makes a choice of the answers, or gives them names, and is not run.
_CHOSEN, _NOT_RUN = "what ", " chooses of the answers is not run"
_CHOICES = ("ArgMax", "TopK", "ai.onnx.ml:ZipMap")


@dataclass(frozen=True)
class Answer:
    """What a graph makes of its last recurrent layer at one of its outputs."""

    name: str
    readout: Readout
    notes: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()  # further outputs that give the same
    choices: tuple[tuple[str, str], ...] = ()  # further ones that choose of it, and what each does


def answers_of(constants: Constants, last: Last) -> tuple[list[Answer], dict[str, str]]:
    """The readouts of a graph's outputs; and by output the first node that is not understood.

    The graph is followed with values of which only their place in time is known, for two
    numbers of ticks: what comes of both must be the same. What is chosen of answers comes after
    the answers themselves.
    """
    found: list[Answer] = []
    labels: dict[str, tuple[str, ...]] = {}
    unread: dict[str, str] = {}
    after = constants.graph.after(name for node in last.nodes for name in node.outputs)
    for name in [name for name in constants.graph.outputs if name in after][:_OUTPUTS]:
        try:
            made, labels[name], said = _followed(constants, last, name, after)
        except NotReadError as problem:
            unread[name] = str(problem)
            continue
        if made is not None:
            found.append(Answer(name, made, tuple(dict.fromkeys(said))))
    distinct: list[Answer] = []
    for one in sorted(found, key=lambda answer: len(answer.notes)):
        same = next((k for k, a in enumerate(distinct) if _equal(a.readout, one.readout)), None)
        if same is None:
            distinct.append(one)
        else:
            distinct[same] = _joined(distinct[same], one)
    return [_labelled(one, labels) for one in distinct], unread


def _joined(first: Answer, other: Answer) -> Answer:
    """An answer with the name of a further output that gives the same, or chooses of it."""
    choice = next((said for said in other.notes if said.startswith(_CHOSEN)), None)
    if choice is None or choice in first.notes:
        return replace(first, alike=(*first.alike, other.name))
    what = choice.removeprefix(_CHOSEN).removesuffix(_NOT_RUN)
    told = f"'{other.name}' is what {what} chooses of '{first.name}', whose values are shown"
    if what == "ArgMax":
        told += ": an index, and not they"
    return replace(first, choices=(*first.choices, (other.name, told)))


def _labelled(answer: Answer, labels: dict[str, tuple[str, ...]]) -> Answer:
    """The answer with the names that the graph gives it, there or where it gives the same."""
    outputs = (answer.name, *answer.alike, *(name for name, _ in answer.choices))
    names = next((labels[one] for one in outputs if labels[one]), ())
    readout = answer.readout
    if len(names) != (2 if readout.of_two else readout.answers):
        return answer
    return replace(answer, readout=replace(readout, labels=names))


def _followed(
    constants: Constants, last: Last, name: str, after: set[str]
) -> tuple[Readout | None, tuple[str, ...], list[str]]:
    """The readout that an output of the graph is; None when it is no such thing."""
    labels: tuple[str, ...] = ()
    node = constants.makers.get(name)
    notes = []
    for _ in range(_FURTHEST):
        if node is None or node.op not in (*_CHOICES, "Identity", "Cast", "Squeeze"):
            break
        if node.op == "ai.onnx.ml:ZipMap":
            given = node.given.get("classlabels_strings") or node.given.get("classlabels_int64s")
            labels = tuple(map(str, given or ()))
        elif node.op in _CHOICES:
            notes.append(f"{_CHOSEN}{node.op}{_NOT_RUN}")
        if node.op == "TopK" and node.outputs[0] != name:
            return None, (), []
        name = node.inputs[0]
        node = constants.makers.get(name)
    first: tuple[Readout | None, list[str]] | None = None
    problem: NotReadError | None = None
    for counts in _counts(constants, last):
        try:
            first = _of_all([_of(constants, last, name, after, count) for count in counts])
            break
        except NotReadError as error:
            problem = problem or error
    if first is None:
        assert problem is not None
        raise problem
    return first[0], labels, notes + first[1]


def _of(
    constants: Constants, last: Last, name: str, after: set[str], count: int
) -> tuple[Readout | None, list[str]]:
    """What a value is, followed for so many ticks."""
    walk = Walk(constants, last, after, count)
    value = walk.value(name)
    if not isinstance(value, Picked):
        return None, []
    return _readout(value, last), walk.notes


def _of_all(made: list[tuple[Readout | None, list[str]]]) -> tuple[Readout | None, list[str]]:
    """What is the same for all numbers of ticks."""
    first, notes = made[0]
    for other, _ in made[1:]:
        if first is None or other is None:
            if first is not other:
                raise NotReadError("a step that depends on how long the input is")
        elif not _equal(first, other):
            raise NotReadError("a step that depends on how long the input is")
    return first, notes


def _equal(one: Readout, other: Readout) -> bool:
    return (
        one.pooling == other.pooling
        and len(one.dense) == len(other.dense)
        and all(
            a.activation == b.activation and np.array_equal(a.W, b.W) and np.array_equal(a.b, b.b)
            for a, b in zip(one.dense, other.dense, strict=True)
        )
    )


def _readout(value: Picked, last: Last) -> Readout | None:
    """The readout that makes a value; None when it is what the layer gives, as it is."""
    stage, ticks = value.stage, value.stage.ticks
    if stage.W is None and stage.b is None and not stage.dense:
        return None  # whichever of them it is
    first = value.when // ticks.each == 0  # the first sequence
    when, row = value.when[first] % ticks.each, value.row[first]
    if not when.size:
        raise NotReadError("the last step")
    times = np.unique(when)
    if len(times) == ticks.count and times[-1] < ticks.count:
        order = np.argsort(when, kind="stable")
        if when.size % ticks.count:
            raise NotReadError("the last step")
        vectors = row[order].reshape(ticks.count, -1)
        if (vectors != vectors[0]).any():
            raise NotReadError("the last step")
        row, pooling = vectors[0], "each"
    elif len(times) > 1:
        raise NotReadError("the last step, which gives values of several ticks")
    else:
        pooling = _pooling(int(times[0]), stage, last)
    if len(row) != len(np.unique(row)):
        raise NotReadError("the last step, which gives values twice")
    dense = stage.dense
    whole = len(row) == stage.width and (row == np.arange(stage.width)).all()
    if stage.W is not None or stage.b is not None or (dense and not whole):
        dense = stage.then(row, Activation("linear")).dense
    if not dense:
        return None
    if stage.memory:
        raise NotReadError("what reads the cell state")
    return Readout((_merged(dense[0], last), *dense[1:]), pooling)


def _pooling(tick: int, stage: Stage, last: Last) -> str:
    """How a readout says that the graph reads one tick, or all of them together."""
    ticks, ways = stage.ticks, last.all_ways
    if tick == ticks.pooled:
        return stage.pooling
    if tick == ticks.end:
        return "last"
    if ways == ("forward",) and tick == ticks.count - 1:
        return "last"
    if ways == ("backward",) and tick == 0:
        return "last"
    if len(ways) == 2 and tick == ticks.count - 1:
        return "each"
    raise NotReadError("a step that takes one output from the middle of its reading")


def _merged(first: Dense, last: Last) -> Dense:
    """A dense layer that reads both directions, as one of what they are merged to."""
    if last.merge == "concat" or len(last.all_ways) == 1:
        return first
    W = first.W
    one, other = W[:, : last.hidden], W[:, last.hidden :]
    if last.merge != "sum" or not np.array_equal(one, other):
        raise NotReadError("what merges the directions")
    return Dense(one, first.b, first.activation, first.name)


def _counts(constants: Constants, last: Last) -> Iterator[tuple[int, ...]]:
    """The numbers of ticks to follow the graph for: those that must give the same."""
    for shape, declared in entrance(constants, last, ("ticks", "batch")):
        for size, told in zip(shape, declared, strict=False):
            if size == "ticks" and told:
                yield (told,)
                return
    yield _TRIED
    # Exporters may write the length of their example into a shape, and say that it is free.
    lengths = set()
    for node in constants.graph.nodes:
        wanted = node.input(1)
        maker = constants.makers.get(wanted)
        told = wanted in constants.stored or (maker is not None and maker.op == "Constant")
        value = constants.value(wanted) if node.op == "Reshape" and told else None
        lengths |= {int(n) for n in value.ravel() if n > 1} if value is not None else set()
    for count in sorted(lengths)[:_LENGTHS]:
        yield (count,)
