"""Plural rules: which form of a word stands with a number, in any language.

They are those of Unicode's CLDR for whole numbers, in `plurals.toml`; the library that has all of
CLDR (babel) weighs 30 MB. Tests compare both.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_RELATION = re.compile(r"([a-z])(?: mod (\d+))? (not )?in ([\d.,]+)")
_WHOLE = ("n", "i")  # a number, and its whole part; what else rules name is 0 without a fraction


@dataclass(frozen=True)
class PluralRule:
    """The forms that a word has, in the order in which texts list them, and when it has which.

    The last form needs no condition: it is that of all other numbers.
    """

    forms: tuple[str, ...]
    conditions: tuple[str, ...]

    def form(self, number: int) -> int:
        """Give the place of the form that stands with a number."""
        for place, condition in enumerate(self.conditions):
            if any(_hold(part, number) for part in condition.split(" or ")):
                return place
        return len(self.conditions)


def plural_rule(tag: str) -> PluralRule | None:
    """Give the rule of a language by its tag, such as `pt-PT`, `pt-BR` or `ru`, if one is known."""
    rules = _rules()
    return rules.get(tag) or rules.get(tag.partition("-")[0])


@cache
def _rules() -> Mapping[str, PluralRule]:
    text = (files("lstmviz.style") / "plurals.toml").read_text(encoding="utf-8")
    found: dict[str, PluralRule] = {}
    for told in tomllib.loads(text)["rule"]:
        tags = told.pop("languages").split()
        rule = PluralRule(tuple(told), tuple(told.values())[:-1])
        found |= dict.fromkeys(tags, rule)
    return found


def _hold(relations: str, number: int) -> bool:
    return all(_holds(relation, number) for relation in relations.split(" and "))


def _holds(relation: str, number: int) -> bool:
    parts = _RELATION.fullmatch(relation)
    if parts is None:
        raise ValueError(f"the plural rule {relation}")
    operand, divisor, unless, wanted = parts.groups()
    value = number if operand in _WHOLE else 0
    if divisor:
        value %= int(divisor)
    ranges = (part.split("..") for part in wanted.split(","))
    return any(int(ends[0]) <= value <= int(ends[-1]) for ends in ranges) != bool(unless)
