"""The library `tokenizers`, which cuts a text as a `tokenizer.json` says."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, NamedTuple

from lstmviz.errors import LstmvizError, UsageError, brief
from lstmviz.system.package import install_extra

_BLANKS = ("▁", "Ġ")  # as names of a token


class Encoded(NamedTuple):
    """One token as the library gives it."""

    text: str  # of the input; of what it adds itself, the token's name
    word: str  # the token's name in the vocabulary
    row: int
    continues: bool  # whether it goes on with the word of the token before


def encoded(json: str, text: str) -> list[Encoded]:
    """What a tokenizer makes of a text, without padding or an end of its own.

    Raises:
        LstmvizError: the library is not installed.
        UsageError: it cannot use the tokenizer, or cut the text with it.
    """
    made = _guarded(lambda: _tokenizer(json).encode(text), "cannot cut this text")
    # Several tokens may share one character, as its bytes: each is shown by its name.
    shared = {span for span, count in Counter(made.offsets).items() if count > 1}
    found: list[Encoded] = []
    before, end = None, 0
    for row, name, span, special, word in zip(
        made.ids, made.tokens, made.offsets, made.special_tokens_mask, made.word_ids, strict=True
    ):
        own = "" if special or span in shared else text[slice(*span)]
        if name in _BLANKS:
            own = " "
        within = word is not None and word == before and not found[-1].text.isspace()
        found.append(
            Encoded(own.strip() or own or name, name, row, within and span[0] in (end, end - 1))
        )
        before, end = word, span[1]
    return found


@lru_cache(maxsize=2)
def _tokenizer(json: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise LstmvizError(
            "A tokenizer.json is used by the library tokenizers, which is not installed; "
            f"{install_extra('tokens')}."
        ) from None
    made = _guarded(lambda: Tokenizer.from_str(json), "cannot read this tokenizer.json")
    made.no_padding()
    made.no_truncation()
    return made


def _guarded(call: Any, what: str) -> Any:
    try:
        return call()
    except LstmvizError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        why = brief(str(error)).rstrip(".")
        raise UsageError(f"The library tokenizers {what}: {why}.") from None
