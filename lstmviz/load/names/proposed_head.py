"""The dense layers that are left over in a file of arrays, as they would stand in names.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from lstmviz.load.common.contents import Tensor

_NO_HEAD = re.compile(r"emb|lookup|attn|attention|query|key|score", re.IGNORECASE)
_MOST = 8  # layers that follow one another
_FUNCTION = '"linear"  # or "softmax", "sigmoid", "relu", …: what is applied is not told'


@dataclass(frozen=True)
class _Dense:
    W: str
    b: str | None
    answers: int
    transposed: bool


def proposed_head(
    arrays: Mapping[str, Tensor], used: Collection[str], outputs: int, transposed: bool
) -> tuple[list[str], set[str]]:
    """The lines on what reads so many outputs, and the arrays that they speak of.

    A single matrix with a bias of its own is proposed; one without, or several in a row, as a
    remark. `transposed` is how the recurrent layer's weights stand.
    """
    chain: list[_Dense] = []
    taken, width = {*used}, outputs
    for _ in range(_MOST):
        fitting = [*_fitting(arrays, taken, width, transposed)]
        with_bias = [one for one in fitting if one.b is not None]
        fitting = with_bias or fitting
        if len(fitting) != 1:
            if len(fitting) > 1 and not chain:
                return [], set()
            break
        chain += fitting
        taken |= {chain[-1].W, *([chain[-1].b] if chain[-1].b else [])}
        width = chain[-1].answers
    if not chain:
        return [], set()
    sure = len(chain) == 1 and chain[0].b is not None
    lines: list[str] = []
    for dense in chain:
        lines += ["[head]" if len(chain) == 1 else "[[head]]", f"W = {toml_text(dense.W)}"]
        lines += ["transposed = true"] if dense.transposed else []
        lines += [f"b = {toml_text(dense.b)}"] if dense.b else []
        lines += [f"activation = {_FUNCTION}"]
    if not sure:
        which = "this gives" if len(chain) == 1 else "these give"
        lines = [f"If {which} the answer:", *lines]
        lines = [f"# {line}" for line in lines]
    return ["", *lines], taken - {*used}


def _fitting(
    arrays: Mapping[str, Tensor], taken: Collection[str], width: int, transposed: bool
) -> Iterator[_Dense]:
    """The matrices that take so many values, each with the bias beside it."""
    free = {name: one.shape for name, one in arrays.items() if name not in taken}
    for name, shape in free.items():
        if len(shape) != 2 or width not in shape or _NO_HEAD.search(name):
            continue
        turned = shape[1] != width or (transposed and shape[0] == width)
        answers = shape[1 if turned else 0]
        biases = [other for other, size in free.items() if size == (answers,)]
        own = [one for one in biases if _beside(one) == _beside(name)]
        biases = own if len(own) == 1 else biases
        yield _Dense(name, biases[0] if len(biases) == 1 else None, answers, turned)


def _beside(name: str) -> str:
    """What the arrays of one layer have in common in their names."""
    return re.split(r"[./]", name)[-2] if re.search(r"[./]", name) else name


def toml_text(value: str) -> str:
    """A text of TOML, which has the escapes of JSON."""
    return json.dumps(value, ensure_ascii=False)
