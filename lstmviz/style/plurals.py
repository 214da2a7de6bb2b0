"""Plural rules: which form of a word stands with a number.

The classes are those of Unicode's CLDR ("Language Plural Rules"), for whole numbers; written by
hand, as the library that has all of them (babel) weighs 30 MB. A language file names its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PluralRule:
    """The forms that a word has, in the order in which texts list them, and which one n takes."""

    forms: tuple[str, ...]
    form: Callable[[int], int]


def _slavic(n: int) -> int:
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2


def _polish(n: int) -> int:
    return 0 if n == 1 else max(_slavic(n), 1) if n % 10 != 1 else 2


def _czech(n: int) -> int:
    return 0 if n == 1 else 1 if n in (2, 3, 4) else 2


def _arabic(n: int) -> int:
    if n < 3:
        return n
    return 3 if 3 <= n % 100 <= 10 else 4 if n % 100 >= 11 else 5


PLURALS: Mapping[str, PluralRule] = {
    "other": PluralRule(("other",), lambda n: 0),  # Chinese, Japanese, Korean, Vietnamese
    "one-other": PluralRule(("one", "other"), lambda n: int(n != 1)),  # English, Spanish, German
    "french": PluralRule(("one", "other"), lambda n: int(n > 1)),  # also Brazilian Portuguese
    "slavic": PluralRule(("one", "few", "many"), _slavic),  # Russian, Ukrainian
    "polish": PluralRule(("one", "few", "many"), _polish),
    "czech": PluralRule(("one", "few", "other"), _czech),  # also Slovak
    "arabic": PluralRule(("zero", "one", "two", "few", "many", "other"), _arabic),
}
