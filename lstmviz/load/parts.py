"""Which of a file's recurrent parts is meant: one, one layer of one, or several in a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Stack, listed

_NUMBERS = re.compile(r"(\d+)")


def parts_named(contents: Contents, part: str | Sequence[str]) -> list[Stack]:
    """The parts that `part` names: their names, `a,b`, `a:2` for a layer of one, or a layer's name.

    Raises:
        UsageError: there is none of that name.
    """
    stacks = {stack.name: stack for stack in contents.stacks}
    known = {*stacks, *(stack.name for stack in contents.inner)}
    if isinstance(part, str):
        part = [part] if part in known or "," not in part else part.split(",")
    names = [name.strip() for name in part]
    for stack in contents.stacks:
        if names == list(dict.fromkeys(one.name for level in stack.levels for one in level)):
            return [stack]
    # Of several names each is a single layer; one alone may mean all that leads to it.
    if len(names) == 1:
        stacks = {**{stack.name: stack for stack in contents.inner}, **stacks}
    else:
        stacks |= {stack.last: stack for stack in contents.inner}
    return [stacks.get(name) or _numbered(contents, name) for name in names]


def _numbered(contents: Contents, name: str) -> Stack:
    """A layer of a part by its number: `a:2`."""
    before, colon, number = name.rpartition(":")
    for stack in contents.stacks:
        if colon and stack.name == before and number.isdecimal():
            if not 1 <= int(number[:9]) <= len(stack.levels):
                layers = f"the layers 1 to {len(stack.levels)}"
                raise UsageError(f"'{before}' has {layers}, not {number}")
            return _layer(contents, stack, int(number[:9]) - 1)
    why = next((u for u in contents.unusable if u.startswith(f"{name}: ")), None)
    names = listed([f"'{stack.name}'" for stack in contents.stacks]) or "none"
    raise UsageError(why or f"it has no part '{name}'; its recurrent parts: {names}")


def _layer(contents: Contents, stack: Stack, place: int) -> Stack:
    """One layer of a part by itself; what comes before and after the others is left to them."""
    name = stack.levels[place][-1].name
    for alone in contents.inner:
        if alone.last == name and len(alone.levels) == 1:
            return replace(alone, name=f"{stack.name}:{place + 1}")
    first, last = place == 0, place == len(stack.levels) - 1
    return replace(
        stack,
        name=f"{stack.name}:{place + 1}",
        levels=(stack.levels[place],),
        merges=(stack.each_merge[place],),
        embedding=stack.embedding if first else None,
        mask=stack.mask if first else None,
        answers=stack.answers if last else (),
        unread=stack.unread if last else f"layer {place + 2} reads what it gives",
    )


def in_a_row(stacks: Sequence[Stack]) -> list[Stack]:
    """All parts in the order in which they feed one another, where a file says it by their names.

    They are numbered one after another (`lstm1` and `lstm2`, `rnns.0` and `rnns.1`), each takes
    what the one before gives, and none could take what the first takes. Otherwise there is none.
    """
    pieces = [_NUMBERS.split(stack.name) for stack in stacks]
    if len(stacks) < 2 or len({len(one) for one in pieces}) != 1:
        return []
    differing = [place for place, each in enumerate(zip(*pieces, strict=True)) if len({*each}) > 1]
    if len(differing) != 1 or differing[0] % 2 == 0:
        return []
    numbered = sorted(
        zip((int(one[differing[0]][:9]) for one in pieces), stacks, strict=True),
        key=lambda pair: pair[0],
    )
    for (one, before), (other, after) in pairwise(numbered):
        if other != one + 1 or after.inputs != before.outputs or after.mask is not None:
            return []
        if after.fed_by not in (None, before.last):
            return []
    first, *rest = (stack for _, stack in numbered)
    return [] if first.inputs in {stack.inputs for stack in rest} else [first, *rest]
