"""Steps that stand for nothing: put before or after an input, and passed over where masked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.feed import Feed, Looked, Some, some_tokens
from lstmviz.engine.model.masks import Mask, Padding
from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.trace.tokens import PAD, PADS, Token

Array = NDArray[np.floating[Any]]

AT_ONCE = 2**14  # steps that are looked through at a time for those that are masked


def padded(made: Feed, network: Network, padding: Padding) -> Feed:
    """The input at the length that a network was trained with: cut, or filled up with padding.

    Of tokens that is the row of the vocabulary that is called so, or else its first one; of
    numbers it is 0. Too long an input loses its beginning where the padding would stand there,
    else its end.
    """
    count, length = len(made.rows), padding.length
    left = padding.side == "left"
    if count > length:
        kept = range(count - length, count) if left else range(length)
        what = "last" if left else "first"
        trained = f"{length} {'step' if length == 1 else 'steps'}"
        note = f"the network was trained on {trained}: it reads the {what} of the {count}"
        places = slice(kept.start, kept.stop)
        rows = made.rows.at(places) if isinstance(made.rows, Looked) else made.rows[places]
        return replace(
            made, rows=rows, tokens=some_tokens(made.tokens, kept), notes=(*made.notes, note)
        )
    missing = length - count
    before, after = (missing, 0) if left else (0, missing)
    row, name = _pad_row(network)
    if isinstance(made.rows, Looked):
        rows = made.rows.between(row, before, after)
    else:
        rows = np.pad(made.rows[:], ((before, after), (0, 0)))
    tokens = (*[Token(name)] * before, *made.tokens, *[Token(name)] * after)
    where = "before" if left else "after"
    told = f"{missing} {'step' if missing == 1 else 'steps'} of padding {where} it"
    note = f"{told}, as in training; row {row}" if isinstance(made.rows, Looked) else told
    return replace(
        made, rows=rows, tokens=tokens, notes=(*made.notes, note) if missing else made.notes
    )


def _pad_row(network: Network) -> tuple[int, str]:
    """The row that pads, and what it is called."""
    words = network.vocabulary or ()
    row = next((words.index(name) for name in PADS if name in words), None)
    return row or 0, PAD if row is None else words[row]


def unmasked(whole: Feed, network: Network, mask: Mask) -> Feed:
    """The steps that the network does not pass over, each still called as it was.

    To carry every state over a step, in either direction, is to leave the step out.
    """
    dtype, masked = network.layers[0][0].weights.W.dtype, np.zeros(len(whole.rows), np.bool_)
    for start in range(0, len(masked), AT_ONCE):
        ticks = slice(start, start + AT_ONCE)
        if isinstance(whole.rows, Looked) and whole.rows.are_one_hot:
            break  # none is all of one value, and there may be many of them
        if mask.of == "values":
            masked[ticks] = mask.masked(whole.rows[ticks], dtype)
        elif isinstance(whole.rows, Looked):  # not the vectors themselves, given as numbers
            masked[ticks] = mask.masked(whole.rows.places[ticks], dtype)
    skipped, count = np.flatnonzero(masked), len(masked)
    if not len(skipped):
        return whole
    if len(skipped) == count:
        raise UsageError(
            f"The network passes over all of the {count} steps, as they are masked ({mask}); give "
            "at least one that is not."
        )
    places = np.flatnonzero(~masked)
    told = f"{len(skipped)} of the {count} steps {'is' if len(skipped) == 1 else 'are'} masked"
    return replace(
        whole,
        rows=Some(whole.rows, places),
        tokens=some_tokens(whole.tokens, places.tolist()),
        notes=(*whole.notes, f"{told} ({mask}) and passed over, as Keras does"),
        skipped=tuple(skipped.tolist()),
    )
