"""A model's graph as one flat list of nodes: bodies of If, Loop, Scan and functions in their place.

ONNX nests graphs: a body sees the names of what is around it, and a function is called as a node
of its own. Here every value has a name of its own in one list, so that whatever reads the graph
needs to know nothing of nesting. Where a body begins and ends, nodes say so that ONNX has not:

- `If` has the condition and what both branches give as its inputs;
- `Carried` is a value that a loop hands from one step to the next: what it begins with, and what
  the body makes of it;
- `Step` is the number of a loop's step, and `Element` what one step of a Scan is given.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lstmviz.errors import UsageError

_DEEPEST = 32  # bodies within bodies
_MOST = 600_000  # names in all nodes, when every function stands where it is called
_CALL = 60  # what a call costs beside its names
_OWN = ("", "ai.onnx")  # the names of ONNX's own set of operators
_BODIES = {"If": "then_branch", "Loop": "body", "Scan": "body"}

Names = ChainMap[str, str]


@dataclass(frozen=True)
class Branch:
    """One side of an If."""

    node: str  # the If
    condition: str  # the name of the value that decides
    taken: bool  # what it must be


@dataclass(frozen=True)
class Node:
    """A node, with names that are known in the whole model."""

    op: str  # with the domain before it where it is not ONNX's own: "com.microsoft:Gelu"
    name: str
    inputs: tuple[str, ...]  # "" where one is left out
    outputs: tuple[str, ...]
    given: Mapping[str, Any] = field(default_factory=dict)  # its attributes
    path: tuple[str, ...] = ()  # the names of the nodes that it is in
    branches: tuple[Branch, ...] = ()  # the sides of the Ifs that it is in
    opset: int = 0  # the version of ONNX's operators

    def input(self, k: int) -> str:
        """The name of an input; "" where it is left out."""
        return self.inputs[k] if k < len(self.inputs) else ""

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return self.name or self.op


@dataclass(frozen=True)
class Graph:
    """All nodes of a model, whatever they are nested in."""

    nodes: tuple[Node, ...]
    stored: Mapping[str, Any]  # TensorProto by name
    makers: Mapping[str, Node]  # the node that makes a value, by the value's name
    inputs: Mapping[str, tuple[int, ...]]  # what the model is given: its shape, 0 where it varies
    outputs: tuple[str, ...]

    @cached_property
    def takers(self) -> Mapping[str, list[Node]]:
        """The nodes that read a value, by its name."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return found

    def after(self, names: Iterable[str]) -> set[str]:
        """These values and all that are made of them."""
        rest = [name for name in names if name]
        found = set(rest)
        while rest:
            for node in self.takers.get(rest.pop(), ()):
                new = [name for name in node.outputs if name and name not in found]
                found.update(new)
                rest += new
        return found

    def tensors(self) -> Iterator[Any]:
        """Every TensorProto in it."""
        yield from self.stored.values()
        for node in self.nodes:
            if node.op == "Constant" and "value" in node.given:
                yield node.given["value"]


def flat(model: Any) -> Graph:
    """The graph of a ModelProto, with no bodies and no functions left in it.

    Raises:
        UsageError: a function calls itself, or bodies are nested deeper than in any model.
    """
    made = _Flattener(model)
    names: Names = ChainMap({})
    made.declare(model.graph, names)
    opset = _opset(model.opset_import)
    made.body(model.graph.node, names, _Place(opset=opset))
    stored = made.stored
    return Graph(
        tuple(made.nodes),
        stored,
        {out: node for node in made.nodes for out in node.outputs if out},
        {given.name: _shape(given) for given in model.graph.input if given.name not in stored},
        tuple(out.name for out in model.graph.output),
    )


@dataclass(frozen=True)
class _Place:
    """Where a body stands: what it is in, and the attributes of the function's call."""

    path: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    calls: tuple[Any, ...] = ()  # the functions that are being called
    attributes: Mapping[str, Any] = field(default_factory=dict)  # AttributeProto by name
    opset: int = 0
    depth: int = 0


class _Flattener:
    def __init__(self, model: Any) -> None:
        self.nodes: list[Node] = []
        self.stored: dict[str, Any] = {}
        self.taken: Counter[str] = Counter()
        self.left = _MOST
        self.functions = {_key(function): function for function in model.functions}

    def unique(self, name: str) -> str:
        """That name, or one like it if another body has it, too."""
        self.taken[name] += 1
        if self.taken[name] == 1 or not name:
            return name
        return self.unique(f"{name}:{self.taken[name]}")

    def spend(self, count: int) -> None:
        """Count what is made: functions that call others twice soon make more than fits."""
        self.left -= count
        if self.left < 0:
            raise UsageError("its functions call one another more often than those of any model")

    def declare(self, graph: Any, names: Names) -> None:
        """Give the names that a GraphProto has in it, and store its tensors."""
        self.spend(len(graph.input) + len(graph.initializer))
        for one in (*graph.input, *graph.initializer):
            if one.name not in names.maps[0]:
                names[one.name] = self.unique(one.name)
        self.stored.update({names[one.name]: one for one in graph.initializer})
        self._made(graph.node, names)

    def _made(self, nodes: Iterable[Any], names: Names) -> None:
        for node in nodes:
            for out in node.output:
                if out and out not in names.maps[0]:
                    names[out] = self.unique(out)

    def body(self, nodes: Iterable[Any], names: Names, place: _Place) -> None:
        """Add the nodes of a graph or function whose values have names already."""
        if place.depth > _DEEPEST:
            raise UsageError("its graphs are nested deeper than those of any model")
        for node in nodes:
            self.spend(1 + len(node.input) + 2 * len(node.output))
            inputs = tuple(names.get(name, name) for name in node.input)
            outputs = tuple(names.get(name, name) for name in node.output)
            attributes = _resolved(node, place.attributes)
            function = self.functions.get(_key(node))
            if function is not None:
                self._call(node, function, inputs, outputs, attributes, place)
            elif node.domain in _OWN and _BODIES.get(node.op_type, "none") in attributes:
                self._nested(node, inputs, outputs, attributes, names, place)
            else:
                op = node.op_type if node.domain in _OWN else f"{node.domain}:{node.op_type}"
                given = {name: _value(one) for name, one in attributes.items()}
                self._add(op, node.name, inputs, outputs, place, given)

    def _add(
        self,
        op: str,
        name: str,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        place: _Place,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.nodes.append(
            Node(op, name, inputs, outputs, given or {}, place.path, place.branches, place.opset)
        )

    def _call(
        self,
        node: Any,
        function: Any,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        attributes: Mapping[str, Any],
        place: _Place,
    ) -> None:
        if _key(function) in place.calls:
            raise UsageError(f"its function '{function.name}' calls itself")
        self.spend(
            _CALL + len(function.input) + len(function.output) + len(function.attribute_proto)
        )
        have = [*inputs, *[""] * len(function.input)]
        names: Names = ChainMap(dict(zip(function.input, have, strict=False)))
        for name, out in zip(function.output, outputs, strict=False):
            if name in function.input:
                self._add("Identity", "", (names[name],), (out,), place)
            elif out:
                names[name] = out
        self._made(function.node, names)
        defaults = {one.name: one for one in function.attribute_proto}
        inside = _Place(
            (*place.path, node.name or function.name),
            place.branches,
            (*place.calls, _key(function)),
            {**defaults, **attributes},
            _opset(function.opset_import) or place.opset,
            place.depth + 1,
        )
        self.body(function.node, names, inside)

    def _nested(
        self,
        node: Any,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        attributes: Mapping[str, Any],
        names: Names,
        place: _Place,
    ) -> None:
        title = node.name or next((out for out in outputs if out), node.op_type)
        op = node.op_type

        def inner(graph: Any, *side: str, branches: tuple[Branch, ...] = ()) -> list[str]:
            """Add a body; the names of its inputs and of its outputs, one after the other."""
            within = names.new_child()
            self.declare(graph, within)
            self.body(
                graph.node,
                within,
                _Place(
                    (*place.path, title, *side),
                    (*place.branches, *branches),
                    place.calls,
                    place.attributes,
                    place.opset,
                    place.depth + 1,
                ),
            )
            return [within.get(one.name, one.name) for one in (*graph.input, *graph.output)]

        if op == "If":
            sides: list[str] = []
            for word, taken in (("then", True), ("else", False)):
                graph = attributes[f"{word}_branch"].g
                side = inner(graph, word, branches=(Branch(title, inputs[0], taken),))
                # A branch has no inputs; what it gives too little is left out.
                sides += [*side, *[""] * len(outputs)][: len(outputs)]
            self._add("If", title, (inputs[0], *sides), outputs, place)
            return
        graph = attributes["body"].g
        found = inner(graph)
        into, out = found[: len(graph.input)], found[len(graph.input) :]
        if op == "Loop":
            # How often, whether to go on, and the values that are carried.
            self._add("Step", title, (), tuple(into[:1]), place)
            carried = zip(inputs[2:], out[1:], into[2:], strict=False)
        else:
            many = len(into) - attributes["num_scan_inputs"].i
            begin = inputs[len(inputs) - len(into) :]  # the first Scan had lengths before them
            for outer, name in zip(begin[many:], into[many:], strict=False):
                self._add("Element", title, (outer,), (name,), place)
            carried = zip(begin[:many], out, into[:many], strict=False)
        for first, again, name in carried:
            self._add("Carried", title, (first, again), (name,), place)
        self._add(op, title, inputs, outputs, place)


def _key(one: Any) -> tuple[str, str, str]:
    """What a function is called by; of a node, what it calls."""
    name = one.op_type if hasattr(one, "op_type") else one.name
    return one.domain, name, getattr(one, "overload", "")


def _opset(imports: Iterable[Any]) -> int:
    return max((one.version for one in imports if one.domain in _OWN), default=0)


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(max(dim.dim_value, 0) for dim in value.type.tensor_type.shape.dim)


def _resolved(node: Any, outer: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes (AttributeProto) of a node; those that a function is given, from its call."""
    found: dict[str, Any] = {}
    for one in node.attribute:
        if not one.ref_attr_name:
            found[one.name] = one
        elif one.ref_attr_name in outer:
            found[one.name] = outer[one.ref_attr_name]
    return found


def _value(one: Any) -> Any:
    """An attribute as a Python value; text as str."""
    match one.type:
        case 1:
            return one.f
        case 2:
            return one.i
        case 3:
            return one.s.decode("utf-8", "replace")
        case 4:
            return one.t
        case 6:
            return list(one.floats)
        case 7:
            return list(one.ints)
        case 8:
            return [text.decode("utf-8", "replace") for text in one.strings]
    return None
