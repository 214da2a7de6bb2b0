"""Inputs that a graph turns round in time, as for a layer that goes backwards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstmviz.load.common.contents import Found
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.graph import Node
from lstmviz.load.onnx.operators import MOVED
from lstmviz.load.onnx.walk import Last, NotReadError, Walk, before, entrance

_TRIED = (5, 7)  # ticks, where the graph takes any number
_LAYERS = 64  # that are looked at


def turned_inputs(
    constants: Constants, nodes: Mapping[str, Node], levels: Mapping[str, tuple[Found, ...]]
) -> set[str]:
    """The values that layers read, and that are turned round as a whole."""
    if not {"Slice", "ReverseSequence"} & {node.op for node in constants.graph.nodes}:
        return set()
    found = set()
    for name, level in [*levels.items()][:_LAYERS]:
        node = nodes[name]
        ways = (tuple(one.direction for one in level),)
        fed = node.inputs[0], level[0].inputs
        by = _turning(constants, Last((node,), ways, level[0].hidden, "concat", (), *fed))
        if by is not None:
            found.add(by.outputs[0])
    return found


def _turning(constants: Constants, last: Last) -> Node | None:
    """The node that turns the whole of what a layer reads round, nearest to the layer.

    None where nothing does, or where that is not sure: some steps alone may be turned.
    """
    for name, shape in before(constants, last, ("ticks", "batch")):
        node = constants.makers.get(name)
        if node is None or node.op not in ("Slice", "ReverseSequence"):
            continue
        time, batch = shape.index("ticks"), shape.index("batch") if "batch" in shape else None
        counts = _declared(constants, last) or _TRIED
        try:
            whole = all(_turns(constants, last, node, n, (time, batch)) for n in counts)
        except (NotReadError, ValueError, IndexError, KeyError, TypeError):
            return None
        return node if whole else None
    return None


def _declared(constants: Constants, last: Last) -> tuple[int, ...]:
    """The number of ticks that the model says to take, if it does."""
    for shape, declared in entrance(constants, last, ("ticks", "batch")):
        for size, told in zip(shape, declared, strict=False):
            if size == "ticks" and told:
                return (told,)
    return ()


def _turns(
    constants: Constants, last: Last, node: Node, count: int, axes: tuple[int, int | None]
) -> bool:
    """Whether a node turns all of so many ticks round."""
    time, batch = axes
    walk = Walk(constants, last, set(), count)
    values = [walk.value(name) if name else None for name in node.inputs[1:]]
    if node.op == "ReverseSequence":
        lengths = values[0]
        if not isinstance(lengths, np.ndarray) or not lengths.size:
            return False
        place = node.given.get("time_axis", 0), node.given.get("batch_axis", 1)
        return place == (time, batch) and bool((lengths == count).all())
    if any(value is not None and not isinstance(value, np.ndarray) for value in values):
        return False
    probe = np.arange(count).reshape([count if k == time else 1 for k in range(3)])
    made = MOVED["Slice"](node.given, probe, *values)
    return np.array_equal(made, np.flip(probe, time))
