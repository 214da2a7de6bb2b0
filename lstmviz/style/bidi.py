"""Which way text runs: the bidirectional algorithm of Unicode's annex 9, for one line.

Marks of direction are kept; embeddings and isolates, which no word has, are passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

LEFT_TO_RIGHT, RIGHT_TO_LEFT = "\u200e", "\u200f"  # marks, which have no shape

_RIGHT = frozenset(("R", "AL"))
_STRONG = frozenset(("L", "R", "AL"))
_NEUTRAL = frozenset(("B", "S", "WS", "ON"))
_PASSED = frozenset(("BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
_CLOSES = {")": "(", "]": "[", "}": "{"}
_FIELD = re.compile(r"\{[^{}]*\}")
_SIGN = re.compile(r"(?<!\w)(?=[−+-]\d)")
_SIGHT = 400  # words that say which way a text runs


def runs_left(text: str) -> bool:
    """Tell whether a line runs from right to left: as a mark at its start says, or as most of it.

    What has no letters runs to the right.
    """
    if text[:1] in (LEFT_TO_RIGHT, RIGHT_TO_LEFT):
        return text[0] == RIGHT_TO_LEFT
    kinds = [unicodedata.bidirectional(character) for character in text]
    right = sum(kind in _RIGHT for kind in kinds)
    return right > 0 and right >= kinds.count("L")


def words_run_left(words: Iterable[str]) -> bool:
    """Tell whether most of the first words run from right to left."""
    return runs_left("".join(islice(words, _SIGHT)))


def beside(text: str, *, left: bool) -> str:
    """Set a text among others that run to the left or not, so that it moves none of them."""
    mark = RIGHT_TO_LEFT if left else LEFT_TO_RIGHT
    kinds = {unicodedata.bidirectional(character) for character in text}
    turns = kinds & ({"L"} if left else {*_RIGHT, "AN"})
    return f"{mark}{text}{mark}" if turns else text


def pattern_runs_left(pattern: str) -> bool:
    """Tell whether a pattern runs from right to left; the names of its fields do not count."""
    return runs_left(_FIELD.sub("", pattern))


def keeping(text: str, *, left: bool) -> str:
    """Let a filled sentence run as its pattern does, whatever words were put into it.

    In one that runs to the left, the sign of a number stays before it.
    """
    if left:
        text = _SIGN.sub(LEFT_TO_RIGHT, text)
    if runs_left(text) == left:
        return text
    return (RIGHT_TO_LEFT if left else LEFT_TO_RIGHT) + text


def towards(text: str, *, left: bool) -> str:
    """Let a text without letters, such as a bracket, be drawn as in one that runs to the left."""
    return RIGHT_TO_LEFT + text if left and not _has_letters(text) else text


def _has_letters(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in _STRONG for character in text)


def levels(text: str, *, left: bool) -> list[int]:
    """Give the embedding level of each character: odd where it runs to the left."""
    base = int(left)
    found = [unicodedata.bidirectional(character) or "L" for character in text]
    if not left and not any(kind in _RIGHT or kind == "AN" for kind in found):
        return [0] * len(text)
    seen = [k for k, kind in enumerate(found) if kind not in _PASSED]
    kinds = [found[k] for k in seen]
    _weak(kinds, "LR"[base])
    _brackets([text[k] for k in seen], kinds, "LR"[base])
    _neutral(kinds, "LR"[base])
    result = [base] * len(text)
    for k, kind in zip(seen, kinds, strict=True):
        # Rules I1 and I2.
        result[k] = base + ((kind == "L") if left else {"L": 0, "R": 1}.get(kind, 2))
        result[k] += left and kind in ("EN", "AN")
    for k in range(1, len(text)):
        if found[k] in _PASSED:
            result[k] = result[k - 1]
    for k in reversed(range(len(text))):  # rule L1: spaces at the end stand at the end
        if found[k] not in ("WS", "B", "S", *_PASSED):
            break
        result[k] = base
    return result


def _weak(kinds: list[str], base: str) -> None:
    """Rules W1 to W7: accents, numbers and what stands in them."""
    before, letters = base, base
    for k, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[k] = kind = before
        before = kind
        if kind in _STRONG:
            letters = kind
        elif kind == "EN" and letters == "AL":
            kinds[k] = "AN"
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for k in range(1, len(kinds) - 1):
        around = kinds[k - 1], kinds[k + 1]
        if kinds[k] in ("ES", "CS") and around == ("EN", "EN"):
            kinds[k] = "EN"
        elif kinds[k] == "CS" and around == ("AN", "AN"):
            kinds[k] = "AN"
    for start, end in _runs([kind == "ET" for kind in kinds]):
        if kinds[start] == "ET" and "EN" in (kinds[start - 1 : start] + kinds[end : end + 1]):
            kinds[start:end] = ["EN"] * (end - start)
    letters = base
    for k, kind in enumerate(kinds):
        if kind in ("ES", "CS", "ET"):
            kinds[k] = "ON"
        elif kind in ("L", "R"):
            letters = kind
        elif kind == "EN" and letters == "L":
            kinds[k] = "L"


def _brackets(text: Sequence[str], kinds: list[str], base: str) -> None:
    """Rule N0: both brackets of a pair run as what is in them, or as what is before them."""
    opened: list[int] = []
    pairs = []
    for k, character in enumerate(text):
        if kinds[k] != "ON":
            continue
        if character in _CLOSES.values():
            opened.append(k)
        elif character in _CLOSES:
            fitting = [at for at in opened if text[at] == _CLOSES[character]]
            if fitting:
                pairs.append((fitting[-1], k))
                del opened[opened.index(fitting[-1]) :]
    for start, end in sorted(pairs):
        within = {_side(kind) for kind in kinds[start + 1 : end]} - {""}
        if base in within:
            kinds[start] = kinds[end] = base
        elif within:
            other = within.pop()
            before = next((s for kind in reversed(kinds[:start]) if (s := _side(kind))), base)
            kinds[start] = kinds[end] = other if before == other else base


def _neutral(kinds: list[str], base: str) -> None:
    """Rules N1 and N2: what has no direction runs as both its neighbours, or as the line."""
    for start, end in _runs([kind in _NEUTRAL for kind in kinds]):
        if kinds[start] in _NEUTRAL:
            before = _side(kinds[start - 1]) if start else base
            after = _side(kinds[end]) if end < len(kinds) else base
            kinds[start:end] = [before if before == after else base] * (end - start)


def _side(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _runs(values: Sequence[object]) -> list[tuple[int, int]]:
    """Where each stretch of equal values begins and ends."""
    edges = [k for k in range(1, len(values)) if values[k] != values[k - 1]]
    starts = [0, *edges] if values else []
    return list(zip(starts, [*edges, len(values)], strict=False))


def in_sight(levels: Sequence[int]) -> list[int]:
    """Give the order from left to right of pieces with these levels (rule L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        for start, end in _runs([levels[k] >= level for k in order]):
            if levels[order[start]] >= level:
                order[start:end] = reversed(order[start:end])
    return order
