"""Which tick of a trace is meant by what a person writes: a number, a word, `word:2`, a phrase."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from lstmviz.engine.inputs.tokenise import tokenise
from lstmviz.engine.model.tokenizers import CONTINUES
from lstmviz.errors import UsageError
from lstmviz.style.notation import visible
from lstmviz.trace.tokens import folded
from lstmviz.trace.trace import Trace


def find_tick(trace: Trace, at: int | str) -> int:
    """Find the tick, from 0, that `at` means.

    A number is a tick from 0, or below 0 from the end; a number that is written as text is
    counted from 1, as people count words. Else it is a word, `word:2` for the second of its
    kind, or a phrase, which means the tick where it begins. The form of an apostrophe does not
    matter, nor does the case; but a single word as it is written goes before another case.

    Where the ticks have times, these are meant, whole or as short as they are on screen; a year
    goes before a number.

    Raises:
        UsageError: the input has no such tick or word, or not so many of it.
    """
    if isinstance(at, str) and trace.times:
        short = (trace.short(tick) for tick in range(len(trace)))
        for labels in (trace.times, tuple(short)):
            if at.strip() in labels:
                return labels.index(at.strip())
    if not isinstance(at, str):
        try:
            return trace.at(at).tick
        except TypeError:
            raise UsageError(
                f"at is {at!r}; give the whole number of a tick, from 0, or a word."
            ) from None
    if re.fullmatch(r"[+-]?\d{1,18}", at, re.ASCII):
        if not 1 <= int(at) <= len(trace):
            raise UsageError(
                f"There is no {trace.counted_as} {at}; the input has {len(trace)}, counted from 1."
            )
        return int(at) - 1
    found, which = _ticks(trace, at), 1
    if found:
        written = (tick for tick in found if trace.tokens[tick].text == at)
        return next(written, found[0])
    counted = re.fullmatch(r"(.+):([1-9]\d{0,17})", at, re.ASCII | re.DOTALL)
    if counted:
        found, which = _ticks(trace, counted[1]), int(counted[2])
        if 0 < len(found) < which:
            raise UsageError(
                f"“{counted[1]}” stands {len(found)} × in the input; there is no number {which}."
            )
    # Not found: the trace says so, and what it has.
    return found[which - 1] if found else trace.at(at).tick


def _ticks(trace: Trace, phrase: str) -> list[int]:
    """Every tick at which a word, or a phrase of several, begins."""
    texts = [folded(token.text) for token in trace.tokens]
    asked = {folded(phrase), folded(visible(phrase))}
    found = [tick for tick, text in enumerate(texts) if {text, folded(visible(text))} & asked]
    if found or not phrase.strip():
        return found
    if trace.kind == "characters":
        return _across(texts, folded(phrase))
    if trace.kind == "tokens":  # of which ·ly goes on with the word before it
        parts = [t[1:] if t.startswith(CONTINUES) and len(t) > 1 else f" {t}" for t in texts]
        words = tokenise(phrase, {token.text for token in trace.tokens})
        return _across(parts, "".join(f" {folded(word)}" for word in words))
    wanted = [folded(text) for text in tokenise(phrase, {token.text for token in trace.tokens})]
    return [tick for tick in range(len(texts)) if texts[tick : tick + len(wanted)] == wanted]


def _across(parts: Sequence[str], wanted: str) -> list[int]:
    """Every part with which a text begins that ends where a part does."""
    ends = list(accumulate(map(len, parts)))
    starts, whole, found = [0, *ends], "".join(parts), set(ends)
    return [
        tick
        for tick, start in enumerate(starts[:-1])
        if whole.startswith(wanted, start) and start + len(wanted) in found
    ]
