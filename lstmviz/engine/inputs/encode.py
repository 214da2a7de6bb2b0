"""What goes into a network: the rows that it reads at each tick, and what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.inputs.feed import Feed, Looked, some_tokens
from lstmviz.engine.inputs.frames import is_frame, series_of_frame
from lstmviz.engine.inputs.padding import padded, unmasked
from lstmviz.engine.inputs.read import as_numbers
from lstmviz.engine.inputs.ready_tokens import ready_tokens, refuse_bytes
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.tokenise import is_folded, look_up, tokenise
from lstmviz.engine.model.network import Network
from lstmviz.engine.model.tokenizers import UNKNOWNS, Piece, Tokenizer
from lstmviz.errors import UsageError, brief
from lstmviz.style.notation import visible
from lstmviz.system.texts import said
from lstmviz.trace.tokens import PAD, Kind, Steps, Token, is_word, tokens_of, unknown_words

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Text:
    """A text that the tokenizer of a network cuts."""

    text: str


Given = list[str] | Text | Array | Series  # words, a text that is not cut, or (time, features)

_MOST = 4  # unknown words that are named


def taken(input: str | ArrayLike, network: Network | None = None) -> Given:
    """An input as words, cut for the vocabulary of a network, or as numbers (time, features).

    A list of strings is a list of tokens, each as it stands there.

    Raises:
        UsageError: it is empty, or holds something that is no finite number.
    """
    if is_frame(input):
        return series_of_frame(input)
    if isinstance(input, Series):
        return replace(input, values=as_numbers(input.values))
    if not isinstance(input, str):
        tokens = ready_tokens(input)
        return as_numbers(input) if tokens is None else tokens
    if network is not None and network.tokenizer is not None:
        refuse_bytes(input)
        return Text(input)
    return tokenise(input, (network and network.vocabulary) or ())


def feed(given: Given, network: Network) -> Feed:
    """An input as that network reads it.

    Raises:
        UsageError: the network does not read such an input.
    """
    if isinstance(given, Text):
        made = _of_text(given.text, network)
    else:
        made = _of_words(given, network) if isinstance(given, list) else _of_numbers(given, network)
    if network.embedding is None and network.vocabulary and isinstance(made.rows, Looked):
        named = tuple(visible(_shown(word, network)) or PAD for word in network.vocabulary)
        made = replace(made, features=named)  # one-hot
    length, count = network.length, len(made.rows)
    if length is not None and length < count:
        note = f"the network reads {length} of the {count} ticks"
        rows = made.rows.at(slice(length)) if isinstance(made.rows, Looked) else made.rows[:length]
        tokens, notes = some_tokens(made.tokens, range(length)), (*made.notes, note)
        made = replace(made, rows=rows, tokens=tokens, notes=notes)
    if network.padding is not None:
        made = padded(made, network, network.padding)
    if network.mask is not None:
        made = unmasked(made, network, network.mask)
    return _with_unknown(made)


def _with_unknown(made: Feed) -> Feed:
    """The input with a note where few of its words are known to the network, or none."""
    missing = unknown_words(made.tokens)
    if missing is None:
        return made
    count, total = missing
    verb = "is" if count == 1 else "are"
    missed = [token.text for token in made.tokens if not token.known and is_word(token.text)]
    some = list(dict.fromkeys(map(visible, missed)))
    listed = ", ".join(some[:_MOST]) + (", …" if len(some) > _MOST else "")
    note = f"{count} of {total} {made.kind} {verb} unknown to this network: {listed}"
    return replace(made, notes=(*made.notes, note))


def _words_of(network: Network) -> tuple[str, ...]:
    """The vocabulary of a network that reads words.

    Raises:
        UsageError: it has none.
    """
    if network.vocabulary is not None:
        return network.vocabulary
    if network.embedding is None:
        raise UsageError(
            "The network reads numbers, not words; give numbers or another network, or if it reads "
            f"one-hot tokens, a vocabulary of {network.inputs}."
        )
    raise UsageError(
        f"The network has an embedding of {len(network.embedding)} rows but no vocabulary; "
        "pass one with a word for each row, as JSON or as text with a word per line."
    )


def _of_words(words: list[str], network: Network) -> Feed:
    vocabulary = _words_of(network)
    rows, known = look_up(words, vocabulary, network.unknown)
    tokens = tokens_of(zip(words, known, strict=True))
    pairs = ((word, vocabulary[row]) for word, row, k in zip(words, rows, known, strict=True) if k)
    folded = next((pair for pair in pairs if is_folded(*pair)), None)
    notes: tuple[str, ...] = ()
    made_for_it = network.source is not None and network.source.kind in ("demo", "seed")
    if folded is not None and not made_for_it:
        notes = (f"the vocabulary has no capitals: '{folded[0]}' is read as '{folded[1]}'",)
    return Feed(
        Looked(network, np.array(rows, np.int64)),
        tokens,
        network.tokenizer.unit if network.tokenizer else "words",
        notes,
        folded=folded is not None,
    )


def _of_text(text: str, network: Network) -> Feed:
    vocabulary, tokenizer = _words_of(network), network.tokenizer
    assert tokenizer is not None  # a text is one that such a network cuts
    names = UNKNOWNS if network.unknown is None else (network.unknown,)
    spare = next((vocabulary.index(name) for name in names if name in vocabulary), None)
    cut = tokenizer.cut(text, vocabulary)
    pieces = [p for p in cut if p.row is not None or not _is_left_out(p, tokenizer, spare)]
    notes = []
    if left := [piece.text for piece in cut if _is_left_out(piece, tokenizer, spare)]:
        notes.append(_told_left_out(left, tokenizer.omits, tokenizer.unit))
    if not pieces:
        raise UsageError(
            "The text has no token of this network's vocabulary in it"
            + (f": {notes[0]}." if notes else "; give a text of at least one.")
        )
    missing = next((piece.text for piece in pieces if piece.row is None), None)
    if spare is None and missing is not None:
        raise UsageError(
            f"The network's vocabulary has no {said(visible(missing))}, and no row {names[0]} for "
            "what is unknown; leave it out, or name such a row with unknown=."
        )
    folded = tokenizer.folds(text, vocabulary)
    if folded:
        notes.append("capitals are read as small letters")
    rows = [spare or 0 if piece.row is None else piece.row for piece in pieces]
    return Feed(
        Looked(network, np.array(rows, np.int64)),
        tokens_of((piece.text, piece.row is not None) for piece in pieces),
        tokenizer.unit,
        tuple(notes),
        folded=folded,
    )


def _is_left_out(piece: Piece, tokenizer: Tokenizer, spare: int | None) -> bool:
    """Whether a token that the vocabulary lacks is passed over: by the tokenizer, or as a blank."""
    blank = tokenizer.unit == "characters" and piece.text.isspace() and spare is None
    return piece.row is None and (tokenizer.omits or blank)


def _told_left_out(left: list[str], by_tokenizer: bool, kind: Kind) -> str:
    some = [visible(text) for text in dict.fromkeys(left)]
    listed = ", ".join(some[:_MOST]) + (", …" if len(some) > _MOST else "")
    units = kind if by_tokenizer else "blanks"
    what, verb = (units, "are") if len(left) > 1 else (units.removesuffix("s"), "is")
    why = ", as its tokenizer does" if by_tokenizer else ""
    return f"{len(left)} {what} that the vocabulary does not have {verb} left out{why}: {listed}"


def _of_numbers(given: Array | Series, network: Network) -> Feed:
    series = given if isinstance(given, Series) else Series(given)
    numbers = series.values
    ticks, features = numbers.shape
    count = network.tokens
    if count is not None and features == 1 != network.inputs:
        rows = _token_rows(numbers[:, 0], count, network)
        tokens: Sequence[Token] = Steps(ticks, _own(numbers[:, 0]), series.times)
        if network.vocabulary is not None:
            words = (_shown(network.vocabulary[row], network) for row in rows.tolist())
            # The row 0 of those that Keras counts from 1 has no word: it pads.
            called = (
                (w or (f"{row}" if row else PAD), True) for w, row in zip(words, rows, strict=True)
            )
            tokens = tokens_of(called)
        what = "of the vocabulary" if network.embedding is None else "of the embedding"
        note = (
            f"the numbers are taken for rows {what}: {rows[0]} for {said(visible(tokens[0].text))}"
        )
        kind: Kind = "numbers"
        if network.vocabulary is not None:
            kind = network.tokenizer.unit if network.tokenizer else "words"
        return Feed(Looked(network, rows), tokens, kind, (*series.notes, note))
    if features != network.inputs:
        plural = "" if features == 1 else "s"
        named = f" ({brief(', '.join(series.features), 100)})" if series.features else ""
        row = ", ".join(f"{number:g}" for number in numbers[:4, 0])
        turned = (
            f"a tick is a row, as in [[{row}{', …' if ticks > 4 else ''}]], or array.T in Python"
        )
        raise UsageError(
            f"The input has {features} feature{plural}{named} at each tick, but the network takes "
            f"{network.inputs}; give (time, {network.inputs})"
            f"{', or choose some with columns=' if features > network.inputs else ''}"
            f"{'; its axes seem swapped: ' + turned if ticks == network.inputs else ''}."
        )
    own = _own(numbers[:, 0]) if features == 1 and not series.times else None
    steps = Steps(ticks, own, series.times)
    return Feed(numbers, steps, "numbers", series.notes, features=series.features)


def _own(numbers: Array) -> Array:
    """Numbers that nobody else can change: a copy, unless they stand in a mapped file."""
    base: Any = numbers
    while base is not None and not isinstance(base, np.memmap):
        base = getattr(base, "base", None)
    return numbers if isinstance(base, np.memmap) and base.mode == "r" else np.array(numbers)


def _shown(word: str, network: Network) -> str:
    return word if network.tokenizer is None else network.tokenizer.shown(word)


def _token_rows(numbers: Array, count: int, network: Network) -> NDArray[np.int64]:
    """The rows of tokens that are meant by numbers, checked."""
    rows = numbers.astype(np.int64)
    bad = (rows != numbers) | (rows < 0) | (rows >= count)
    if bad.any():
        what = "vocabulary" if network.embedding is None else "embedding"
        raise UsageError(
            f"The network's {what} has the rows 0 to {count - 1}, but tick "
            f"{int(np.argmax(bad))} asks for {numbers[bad][0]:g}; give words or numbers of rows."
        )
    return rows
