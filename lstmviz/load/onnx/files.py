"""ONNX models: their RNN, LSTM and GRU nodes with every attribute, without onnxruntime."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.network import Merge
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Found, Matrix, Output, Stack
from lstmviz.load.onnx.constants import PASSES, Constants
from lstmviz.load.onnx.embeddings import Embeddings
from lstmviz.load.onnx.graph import Graph, Node, flat
from lstmviz.load.onnx.nodes import KINDS, Nodes
from lstmviz.load.onnx.protobuf import check_parts
from lstmviz.load.onnx.readout import Answer, answers_of
from lstmviz.load.onnx.turned import turned_inputs
from lstmviz.load.onnx.walk import Last
from lstmviz.load.onnx.words import encoded_words, labels_in, metadata_of, words_in
from lstmviz.system.package import install_extra

Array = NDArray[np.floating[Any]]

_FOREIGN = re.compile(r":.*(LSTM|GRU|RNN)", re.IGNORECASE)
_MERGES: dict[str, Merge] = {"Concat": "concat", "Add": "sum", "Sum": "sum", "Mul": "mul"}
_MOST = 2**31 - 1  # bytes of a protobuf
_ANSWERS = 64  # parts whose answers are looked for


def read(path: Path) -> Contents:
    """The contents of an .onnx file.

    Raises:
        UsageError: the package onnx is missing, or the file is none of a model.
    """
    try:
        from google.protobuf.message import DecodeError
        from onnx import ModelProto
    except ImportError:
        raise UsageError(
            "reading ONNX needs the package onnx; install it with: " + install_extra("networks")
        ) from None
    if path.stat().st_size > _MOST:
        raise UsageError("it is larger than an ONNX model can be")
    model = ModelProto()
    content = path.read_bytes()
    check_parts(content, ModelProto.DESCRIPTOR)
    try:
        model.ParseFromString(content)
    except DecodeError:
        raise UsageError("it is damaged or no ONNX model") from None
    if not model.graph.node or not model.ir_version:
        raise UsageError("it is no ONNX model, or one without nodes")
    if not _is_text(model):
        raise UsageError("it is damaged: a name in it is no text in UTF-8")
    graph = flat(model)
    beside = sum(one.stat().st_size for one in _beside(graph, path.parent))
    constants = Constants(graph, path.parent, max(path.stat().st_size + beside, 1 << 16))
    return _Reader(graph, constants, metadata_of(model)).contents()


def _is_text(message: Any) -> bool:
    """Whether all names in a message are texts: those that are not come as bytes."""
    for field, value in message.ListFields():
        many = value if field.is_repeated else [value]
        if field.type == field.TYPE_STRING and not all(isinstance(one, str) for one in many):
            return False
        if field.type == field.TYPE_MESSAGE and not all(map(_is_text, many)):
            return False
    return True


def _beside(graph: Graph, folder: Path) -> Iterator[Path]:
    """The files with external data that lie directly in the folder, for their sizes alone."""
    names = {
        entry.value
        for tensor in graph.tensors()
        for entry in tensor.external_data
        if entry.key == "location"
    }
    for name in names:
        if (folder / Path(name).name).is_file():
            yield folder / Path(name).name


@dataclass(frozen=True)
class _Source:
    """What a value is: recurrent layers' output, an embedding, the model's input, or other."""

    kind: str  # layers, embedding, input, turned, other
    names: tuple[str, ...] = ()
    merge: Merge = "concat"
    turned: str = ""  # the node that turned it round in time


class _Reader:
    def __init__(self, graph: Graph, constants: Constants, metadata: Mapping[str, Any]) -> None:
        self.graph, self.constants, self.metadata = graph, constants, metadata
        self.reader = Nodes(constants, set(graph.inputs))
        nodes = [node for node in graph.nodes if node.op in KINDS and node.outputs]
        self.nodes = _named([node for node in nodes if self._reached(node)])
        self.names = {  # of the recurrent nodes, by what they put out
            node.outputs[0]: name for name, node in self.nodes.items() if node.outputs[0]
        }

        self.turns: set[str] = set()  # what is the whole input of a layer, turned round

        self.embeddings = Embeddings(graph, constants, self.reader)
        self.ends = {out: name for name, node in self.nodes.items() for out in node.outputs[1:2]}

    def _reached(self, node: Node) -> bool:
        """Whether a node is in no branch that is known never to be taken."""
        for branch in node.branches:
            taken = self.constants.value(branch.condition)
            if taken is not None and bool(taken.any()) != branch.taken:
                return False
        return True

    def contents(self) -> Contents:
        levels: dict[str, tuple[Found, ...]] = {}
        notes: dict[str, list[str]] = {}
        lengths: dict[str, int | None] = {}
        broken: dict[str, str] = {}  # the reason by the node's name
        for name, node in self.nodes.items():
            try:
                levels[name], notes[name], lengths[name] = self.reader.layer(name, node)
            except UsageError as error:
                broken[name] = str(error)
        unusable = list(self._strange())
        if not self.nodes and not unusable:
            unusable.append(
                "there is no RNN, LSTM or GRU node in it; an exporter may have unrolled the "
                "network, as PyTorch's newer one does with nn.RNN: load the .pt file instead, or "
                "export with dynamo=False"
            )
        matrices = self.embeddings.all()
        stacks = self._stacks(levels, notes, lengths, {m.name for m in matrices}, broken)
        unusable += [f"{name}: {reason}" for name, reason in broken.items()]
        words = self._vocabulary(stacks, matrices)
        return Contents("ONNX model", tuple(stacks), tuple(matrices), tuple(unusable), words)

    def _strange(self) -> Iterator[str]:
        """What may be a recurrent layer, but is no node of one, a sentence each."""
        inside = {name for node in self.nodes.values() for name in node.path}
        for node in self.graph.nodes:
            if node.op in ("Loop", "Scan") and node.name not in inside and self._reached(node):
                yield (
                    f"{node.title}: a {node.op}, which may be a recurrent layer that was exported "
                    "as a loop; load the file of PyTorch or Keras instead"
                )
            elif node.op not in KINDS and _FOREIGN.search(node.op):
                yield (
                    f"{node.title}: an operator '{node.op}', which is none of ONNX's own and not "
                    "defined in the file; export the network with ONNX's LSTM, GRU or RNN"
                )

    def _vocabulary(self, stacks: list[Stack], matrices: list[Matrix]) -> tuple[str, ...] | None:
        """The words of the rows of the embedding, where the file has them."""
        rows = {m.rows for m in matrices if any(s.embedding == m.name for s in stacks)}
        if len(rows) != 1:
            return None
        for node in self.graph.nodes:
            if node.op == "Gather" and node.inputs[0] in {m.name for m in matrices}:
                maker = self.constants.makers.get(self.constants.through(node.inputs[1]))
                if maker is not None and (words := encoded_words(maker, *rows)):
                    return words
        return words_in(self.metadata, *rows)

    def _where(self, node: Node) -> list[str]:
        """In which branches a node is: a clause each."""
        return [
            f"in the branch of '{branch.node}' that is taken where "
            + self._condition(branch.condition, branch.taken)
            for branch in node.branches
            if self.constants.value(branch.condition) is None
        ]

    def _condition(self, name: str, taken: bool) -> str:
        maker = self.constants.makers.get(name := self.constants.through(name))
        if maker is not None and maker.op == "Equal":
            values = [self.constants.value(given) for given in maker.inputs]
            for given, value in zip(reversed(maker.inputs), values, strict=True):
                if value is not None and value.size == 1:
                    what = self.constants.through(given)
                    return f"'{what}' is {'' if taken else 'not '}{value.item()}"
        return f"'{name}' is {'true' if taken else 'false'}"

    def _stacks(
        self,
        levels: dict[str, tuple[Found, ...]],
        notes: dict[str, list[str]],
        lengths: dict[str, int | None],
        embeddings: set[str],
        broken: dict[str, str],
    ) -> list[Stack]:
        stacks: list[Stack] = []
        self.turns = turned_inputs(self.constants, self.nodes, levels)
        pairs = self._pairs(levels)
        fed: dict[tuple[str, ...], _Source] = {}
        unit: tuple[str, ...]
        for name in levels:
            unit = pairs[name][:2] if name in pairs else (name,)
            fed[unit] = self._source(self.nodes[unit[0]].inputs[0], pairs)
        fathers = {source.names for source in fed.values() if source.kind == "layers"}
        for unit in fed:
            if unit in fathers:
                continue
            chain, at = [unit], fed[unit]
            while at.kind == "layers" and at.names in fed and at.names not in chain:
                chain.insert(0, at.names)
                at = fed[at.names]
            bad = next((name for name in at.names if name in broken), None)
            if bad is not None:
                broken[unit[0]] = f"it is fed by '{bad}', which cannot be used: {broken[bad]}"
                continue
            members = [name for one in chain for name in one]
            turned = [fed[one].turned for one in chain]
            ways = [tuple(f for name in one for f in levels[name]) for one in chain]
            alone = all(len(level) == 1 for level in ways)
            if any(turned) and not alone:
                broken[unit[0]] = (
                    f"{next(filter(None, turned))} turns round what a layer of both directions "
                    "reads, which cannot be run; load the file of PyTorch or Keras instead"
                )
                continue
            assumed = list(dict.fromkeys(note for name in members for note in notes[name]))
            back = False  # whether what comes in stands in reverse by now
            for place, turner in enumerate(turned):
                back ^= bool(turner)
                if turner:
                    assumed.append(
                        f"{turner} turns round what {chain[place][0]} reads; here each of its "
                        "steps stands at its tick of the input"
                    )
                ways[place] = tuple(_other_way(f) if back else f for f in ways[place])
            where = list(
                dict.fromkeys(w for name in members for w in self._where(self.nodes[name]))
            )
            assumed += [f"{chain[-1][0]} is {clause}" for clause in where]
            if at.kind in ("other", "layers"):
                what = ", ".join(at.names)
                assumed.append(
                    f"what goes into {chain[0][0]} is made by {what} in the model, which is not "
                    "run: the input is that of the recurrent layer"
                )
            if at.kind == "turned":
                assumed.append(
                    f"the model reads its input backward, turned by {at.names[0]}, which is not "
                    "run: give the last step first"
                )
            if at.kind == "embedding" and at.names[1] not in self.graph.inputs:
                by = self.constants.makers.get(at.names[1])
                if by is None or not by.op.startswith("ai.onnx.ml:"):
                    assumed.append(
                        f"the rows of '{at.names[0]}' are chosen by {by.title if by else 'a loop'} "
                        "in the model, which is not run: the input is the rows themselves"
                    )
            found = [length for name in members if (length := lengths[name]) is not None]
            embedding = at.names[0] if at.kind == "embedding" else None
            merges = tuple(pairs[one[0]][2] if len(one) > 1 else "concat" for one in chain)
            many = len(stacks) >= _ANSWERS
            answers, unread, said = self._answers(chain, levels, merges[-1], many=many)
            stacks.append(
                Stack(
                    chain[-1][0],
                    tuple(ways),
                    merges,
                    embedding if embedding in embeddings else None,
                    (*assumed, *said),
                    min(found, default=None),
                    answers=answers,
                    unread=unread,
                    where=" and ".join(where),
                )
            )
        return stacks

    def _answers(
        self,
        chain: list[tuple[str, ...]],
        levels: Mapping[str, tuple[Found, ...]],
        merge: Merge,
        *,
        many: bool,
    ) -> tuple[tuple[Output, ...], str, list[str]]:
        """What the model makes of the last layer, or why none of it is read; what to note."""
        if many:  # each takes its time
            return (), "", []
        nodes = tuple(self.nodes[name] for name in chain[-1])
        first = levels[chain[0][0]][0]
        last = Last(
            nodes,
            tuple(tuple(found.direction for found in levels[name]) for name in chain[-1]),
            levels[chain[-1][0]][0].hidden,
            merge,
            tuple(
                (self.nodes[name], len(levels[name]), levels[name][0].hidden)
                for one in chain[:-1]
                for name in one
            ),
            self.nodes[chain[0][0]].inputs[0],
            first.inputs,
        )
        found, whys = answers_of(self.constants, last)
        if not found:
            why = next(iter(whys.values()), "")
            return (), why and f"{why} follows {chain[-1][0]} and is not understood", []
        notes = [
            f"the model's output '{name}' is not read: {why} follows {chain[-1][0]} and is not "
            "understood"
            for name, why in whys.items()
        ]
        return tuple(map(self._output, found)), "", notes

    def _output(self, answer: Answer) -> Output:
        """An answer as of any framework, with its labels where the file names them."""
        readout = answer.readout
        labels = labels_in(self.metadata, 2 if readout.of_two else readout.answers)
        if labels is not None and not readout.labels:
            readout = replace(readout, labels=labels)
        return Output(
            answer.name, str(readout), lambda: readout, answer.notes, answer.alike, answer.choices
        )

    def _pairs(self, levels: dict[str, tuple[Found, ...]]) -> dict[str, tuple[str, str, Merge]]:
        """Forward and reverse nodes that read the same and are put together."""
        pairs: dict[str, tuple[str, str, Merge]] = {}
        for node in self.graph.nodes:
            if node.op not in _MERGES or len(node.inputs) != 2:
                continue
            sources = [self._ended(given) or self._source(given, pairs) for given in node.inputs]
            if any(s.kind != "layers" or len(s.names) != 1 for s in sources):
                continue
            one, other = (s.names[0] for s in sources)
            if one == other or one not in levels or other not in levels:
                continue
            ways = [tuple(found.direction for found in levels[name]) for name in (one, other)]
            same = self.nodes[one].inputs[0] == self.nodes[other].inputs[0] or (
                self._source(self.nodes[one].inputs[0], pairs)
                == self._source(self.nodes[other].inputs[0], pairs)
            )
            if ways == [("forward",), ("backward",)] and same:
                pairs[one] = pairs[other] = (one, other, _MERGES[node.op])
        return pairs

    def _ended(self, name: str) -> _Source | None:
        """The recurrent node whose final output this is."""
        name = self.constants.through(name)
        return _Source("layers", (self.ends[name],)) if name in self.ends else None

    def _source(
        self, name: str, pairs: dict[str, tuple[str, str, Merge]], *, merged: bool = True
    ) -> _Source:
        for _ in range(64):
            if name in self.names:
                return _Source("layers", (self.names[name],))
            if name in self.graph.inputs:
                return _Source("input")
            node = self.constants.makers.get(name)
            if node is None:
                return _Source("other", (name,))
            if node.op in PASSES and node.inputs:
                name = node.inputs[0]
                continue
            if name in self.turns and merged:
                found = self._source(node.inputs[0], pairs, merged=False)
                return replace(found, turned="" if found.turned else node.title)
            if node.op == "Gather":
                matrix = self.embeddings.of(node)
                if matrix is not None:
                    rows = self.embeddings.rows(node.inputs[1], matrix.rows)
                    return _Source("embedding", (matrix.name, rows))
                index = self.constants.makers.get(self.constants.through(node.inputs[1]))
                if index is not None and index.op == "Step":  # a loop takes one step after another
                    name = node.inputs[0]
                    continue
            # Not deeper than one: sums of sums of sums would take for ever.
            if node.op == "If" and (side := self.constants.side(node, name)):
                name = side
                continue
            if merged and node.op == "If":
                at = 1 + node.outputs.index(name)
                both = (node.inputs[at], node.inputs[at + len(node.outputs)])
                one, other = (self._source(side, pairs, merged=False) for side in both)
                if one == other and one.kind != "other":
                    return one
            if merged and node.op in _MERGES and len(node.inputs) == 2:
                sources = [self._source(given, {}, merged=False) for given in node.inputs]
                names = tuple(n for s in sources for n in s.names)
                for pair in pairs.values():
                    if names == pair[:2]:
                        return _Source("layers", names, pair[2])
            return _Source("turned" if node.op == "ReverseSequence" else "other", (node.title,))
        return _Source("other", (name,))


def _other_way(found: Found) -> Found:
    return replace(found, direction="backward" if found.direction == "forward" else "forward")


def _named(nodes: list[Node]) -> dict[str, Node]:
    """Nodes by their names; those of one name by where they are, too."""
    titles = [node.name or next((out for out in node.outputs if out), "") for node in nodes]
    count = Counter(titles)
    found: dict[str, Node] = {}
    for title, node in zip(titles, nodes, strict=True):
        name = title
        if count[title] > 1:
            name = "/".join([*node.path, title])
        while not name or name in found:
            name += f"{node.op.lower()}_{len(found)}"
        found[name] = node
    return found
