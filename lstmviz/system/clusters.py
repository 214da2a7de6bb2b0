"""What people take for one character: a letter with its accents, a flag, a family of emoji."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ZWJ = "\u200d"
# What has no shape of its own: it joins, parts or varies what is beside it, or says which way
# it is read.
UNSEEN = frozenset(
    map(chr, (0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F)))
) | frozenset(
    map(chr, (*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xE0100, 0xE01F0)))
)

_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_LETTERS_OF_FLAGS = range(0x1F1E6, 0x1F200)
_TAILS_OF_HANGUL = range(0x1160, 0x1200)
_HANGUL = range(0x1100, 0x1200)
_AM = "\u0e33\u0eb3"  # vowels of Thai and Lao that reach over the letter before them
_VIRAMA = 9  # the combining class of what takes a letter's vowel, and joins it to the next one


def clusters(text: str) -> Iterator[str]:
    """Cut a text into its grapheme clusters, about as Unicode's annex 29 says."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not belongs(text, at):
            yield text[start:at]
            start = at


def belongs(text: str, at: int) -> bool:
    """Tell whether the character at a place is one with what stands before it."""
    if at == 0:
        return False
    here, before = text[at], text[at - 1]
    if here < "\u0300":  # the most of all text
        return False
    point = ord(here)
    if here == ZWJ or unicodedata.category(here) in ("Mn", "Mc", "Me") or point in _TAGS:
        return True
    if here in _AM or here == "\u200c":
        return not before.isspace()
    if point in _TONES or before == ZWJ:
        return unicodedata.category(before) == "So" or before in (ZWJ, "\ufe0f")
    if point in _LETTERS_OF_FLAGS:
        first = at
        while first and ord(text[first - 1]) in _LETTERS_OF_FLAGS:
            first -= 1
        return (at - first) % 2 == 1
    if point in _TAILS_OF_HANGUL:
        return ord(before) in _HANGUL
    return unicodedata.combining(before) == _VIRAMA and here.isalpha() and here != "\u0e3a"


def is_wide(character: str) -> bool:
    """Tell whether it is a character of Chinese or Japanese text, which has no spaces."""
    point = ord(character)
    return (
        0x2E80 <= point < 0xA000
        or 0xF900 <= point < 0xFB00
        or 0xFE30 <= point < 0xFE50
        or 0xFF00 <= point < 0xFFF0
        or 0x20000 <= point < 0x40000
    )
