"""Language files to fill in: every key that there is, with its English above it."""

from __future__ import annotations

import json
import re

from lstmviz.style.language import Language, texts
from lstmviz.style.plurals import plural_rule

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = """\
{code}
# Write every text between the quotes below its English. What stays empty stays English, and
# lstmviz check --lang FILE says what that is. Fields such as {{word}} and {{f[unit]:.0%}} are
# filled with values; {{total|word|words}} is the form of a word that stands with that number;
# \\u00ad is where a long word may be broken in a narrow box. What a caption says of each word it
# says of each character, token (a piece of a word) or step, too: with those terms in its place, or,
# where that reads badly, with a caption of its own beside it, such as "join@step".
letters_per_second = {rate:g} # Chinese, Japanese and Korean ones take 2.5 times as long
{plural}
{words}
"""
_ABOUT = {
    "terms": "What is written in the pictures and said in descriptions and notes.",
    "files": "Decks, notes and subtitles; code is the language's in ISO 639-2, for players.",
    "article": "The page of the article; page-stop ends a sentence.",
    "titles": "What films, decks and stills are called.",
}


def template(code: str, known: Language | None = None) -> str:
    """Give a language file to fill in; what is `known` already is filled in."""
    lines = [
        _HEAD.format(
            code=f'code = "{code}" # as web pages name it, such as es or pt-BR',
            rate=15 if known is None else known.letters_per_second,
            words=_words(known),
            plural=_plural(known.plural if known and not plural_rule(code) else code),
        )
    ]
    for table, entries in texts().items():
        lines.append(f"# {_ABOUT.get(table, f'The captions of the story {table}.')}\n[{table}]")
        for name, english in entries.items():
            key = name if _BARE.fullmatch(name) else _quoted(name)
            lines.append(f"# {english}\n{key} = {_quoted(_text(known, table, name))}")
        own = known.captions.get(table, {}) if known else {}
        lines += [f"{_quoted(name)} = {_quoted(own[name])}" for name in own if "@" in name]
        lines.append("")
    return "\n".join(lines)


def _words(known: Language | None) -> str:
    """Give the words that stay whole; only a script without spaces has them."""
    listed = " ".join(sorted(known.words)) if known else ""
    return f"words = {_quoted(listed)} # that no line may break, in a script without spaces"


def _plural(code: str) -> str:
    """Say which plural forms the words of a language have, and in which order."""
    rule = plural_rule(code)
    if rule is None:
        return 'plural = "en" # whose plural forms it has: the code of a language that is known'
    return f'plural = "{code}" # a word has these forms: {"|".join(rule.forms)}'


def _text(words: Language | None, table: str, name: str) -> str:
    if words is None or (name if table == "terms" else f"{table}.{name}") in words.missing:
        return ""
    tables = {
        "terms": words.terms,
        "files": words.files,
        "article": words.article,
        "titles": words.titles,
    }
    return tables.get(table, words.captions.get(table, {})).get(name, "")


def _quoted(text: str) -> str:
    """Write a text as TOML has it, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
