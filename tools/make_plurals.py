"""Make `lstmviz/style/plurals.toml`: Unicode CLDR's plural rules for whole numbers, from Babel.

Run it with `python tools/make_plurals.py` where Babel is at hand, as it is where the docs are made.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel import Locale
from babel.localedata import load, locale_identifiers
from babel.plural import PluralRule

TARGET = Path(__file__).parents[1] / "lstmviz" / "style" / "plurals.toml"
ORDER = ("zero", "one", "two", "few", "many", "other")
COUNTED = (*range(2001), *range(3000, 200_000, 1000))  # a million has a form of its own in French
HEAD = """\
# The plural rules of Unicode CLDR (https://cldr.unicode.org, Unicode License v3) for whole numbers,
# as tools/make_plurals.py makes them from Babel: the languages that share one, and when a word has
# which form. The first form whose condition holds is taken, the last one where none does. Forms
# that only fractions or millions have are left out.
"""


def main() -> None:
    """Write the rules, those of most languages first."""
    found: dict[tuple[tuple[str, str], ...], list[str]] = {}
    known: dict[str, tuple[tuple[str, str], ...]] = {}
    made: dict[str, tuple[tuple[str, str], ...] | None] = {}  # many locales have the same
    own = [name for name in locale_identifiers() if "plural_form" in load(name, False)]
    for identifier in sorted(own, key=lambda name: (name.count("_"), name)):
        tag = identifier.replace("_", "-")
        plural = Locale.parse(identifier).plural_form
        rule = made.setdefault(str(plural.rules), None) or rule_of(plural)
        made[str(plural.rules)] = rule
        if known.get(tag.partition("-")[0]) != rule:  # as that of the language without a country
            known[tag] = rule
            found.setdefault(rule, []).append(tag)
    lines = [HEAD]
    for rule, tags in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[1])):
        lines += ["[[rule]]", f'languages = "{" ".join(tags)}"']
        lines += [f'{form} = "{condition}"' for form, condition in rule]
        lines.append("")
    TARGET.write_text("\n".join(lines), encoding="utf-8")


def rule_of(plural: PluralRule) -> tuple[tuple[str, str], ...]:
    """Give the forms that whole numbers take, in CLDR's order, and their conditions."""
    taken = {plural(number) for number in COUNTED}
    forms = [form for form in ORDER if form in taken]
    rules = {form: re.sub(r"\s+", " ", plural.rules.get(form, "")) for form in forms}
    return tuple((form, "" if form == forms[-1] else rules[form]) for form in forms)


if __name__ == "__main__":
    main()
