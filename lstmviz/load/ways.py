"""What may stand between a recurrent part and the answer, in files that do not tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lstmviz.load.common.contents import Chain, Contents, Head, Stack
from lstmviz.load.parts import in_a_row

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Way:
    """Dense layers that may follow one another: as their shapes allow, or a chain of the file."""

    heads: tuple[Head, ...]
    chain: Chain | None = None

    @property
    def known(self) -> bool:
        """Whether all that is computed is known, besides that it is the answer."""
        return len(self.heads) == 1 if self.chain is None else not self.chain.problem

    @property
    def sure(self) -> bool:
        """Whether these are dense layers at all: a matrix without a bias may be an embedding."""
        return self.chain is not None or self.heads[0].sure

    @property
    def asked(self) -> str:
        """What `head=` says to take it."""
        if self.chain is not None and self.known:
            return self.chain.name
        after = [*self.heads[1:], None]
        pairs = zip(self.heads, after, strict=True)
        return ",".join(
            head.name + ("" if next_one is None or _adjoin(head, next_one) else ":relu")
            for head, next_one in pairs
        )

    def __str__(self) -> str:
        """The layers in a few words: `'fc1' (8 → 4), 'fc2' (4 → 2)`."""
        if self.chain is not None and self.known:
            return self.chain.told
        return ", ".join(map(told_head, self.heads))


def told_head(head: Head) -> str:
    """A dense layer in a few words: `'fc' (8 → 2)`."""
    return f"'{head.name}' ({head.inputs} → {head.answers})"


def proposed(contents: Contents, stack: Stack, times: int = 1) -> tuple[Head, ...]:
    """The dense layers that may read what a stack gives, or so many poolings of it."""
    embeddings = {matrix.name for matrix in contents.matrices if matrix.sure} | {stack.embedding}
    return tuple(
        head
        for head in contents.heads
        if head.inputs == times * stack.outputs
        and (head.sure or f"{head.name}.weight" not in embeddings)
    )


def ways_to_answer(contents: Contents, stack: Stack, times: int = 1) -> list[Way]:
    """What may give the answer: each dense layer that fits, with those that may follow it.

    One that follows another has no way of its own.
    """
    found = []
    for head in proposed(contents, stack, times):
        chain = next((one for one in contents.chains if head.name == one.heads[0].name), None)
        found.append(_shaped(contents, head) if chain is None else Way(chain.heads, chain))
    within = {head.name for way in found for head in way.heads[1:]}
    return [way for way in found if way.heads[0].name not in within]


def _shaped(contents: Contents, head: Head) -> Way:
    """A dense layer and those of the file that may follow it, as their shapes tell."""
    chain = [head]
    while chain[-1].sure:
        rest = contents.heads[contents.heads.index(chain[-1]) + 1 :]
        following = [one for one in rest if one.sure and one.inputs == chain[-1].answers]
        beside = [one for one in following if _group(one) == _group(chain[-1]) != ""]
        if not following:
            break
        chain.append((beside or following)[0])
    return Way(tuple(chain))


def _group(head: Head) -> str:
    return head.name.rpartition(".")[0]


def _adjoin(one: Head, other: Head) -> bool:
    """Whether nothing stands between two layers of a Sequential, as their numbers tell."""
    number, following = (head.name.rpartition(".")[2] for head in (one, other))
    if not (_group(one) == _group(other) and number.isdecimal() and following.isdecimal()):
        return False
    return int(following[:9]) == int(number[:9]) + 1


def unknown_before(contents: Contents, head: Head) -> str:
    """The module without weights that a Sequential has before a layer, by its name; or ""."""
    group, _, number = head.name.rpartition(".")
    if not number.isdecimal() or number.startswith("0"):
        return ""
    before = f"{group}.{int(number[:9]) - 1}" if group else str(int(number[:9]) - 1)
    known = any(name.startswith(f"{before}.") for name in contents.arrays)
    return "" if known else before


def norms_of(contents: Contents, width: int) -> Iterator[str]:
    """The names of normalisations of so many values, or of a number that is not told."""
    for name, tensor in contents.arrays.items():
        prefix, _, last = name.rpartition(".")
        told_twice = last == "weight" and f"{prefix}.running_mean" in contents.arrays
        fits = last in ("weight", "running_mean") and tensor.shape == (width,)
        if fits and not told_twice:
            yield prefix
    for name, told in contents.norms:
        if told in (None, width):
            yield name


def read_on(contents: Contents, stack: Stack) -> tuple[str, bool]:
    """That another part reads what a part gives, or "", and whether that is sure."""
    row = [one.name for one in in_a_row(contents.stacks)]
    if stack.name in row[:-1]:
        return f"'{row[row.index(stack.name) + 1]}' reads what '{stack.name}' gives", True
    if stack.name in row:
        return "", True
    own = {id(level) for level in stack.levels}
    for other in contents.stacks:
        apart = not any(id(level) in own for level in other.levels)
        if apart and other.inputs == stack.outputs and not _before(other.name, stack.name):
            return f"'{other.name}' may read what '{stack.name}' gives", False
    return "", True


def _before(one: str, other: str) -> bool:
    """Whether a part stands before another one, by the only number in which they differ."""
    pieces = [_NUMBERS.split(name) for name in (one, other)]
    if len(pieces[0]) != len(pieces[1]):
        return False
    pairs = zip(*pieces, strict=True)
    differing = [(place, pair) for place, pair in enumerate(pairs) if pair[0] != pair[1]]
    if len(differing) != 1 or differing[0][0] % 2 == 0:
        return False
    first, second = (int(number[:9]) for number in differing[0][1])
    return first < second
