"""A language whose words are longer than those of English fits into every picture."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from filming import check_story
from walking import FILM, STORIES, trace_of

from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import SOFT_HYPHEN, Language, language, texts
from lstmviz.style.picture import ASPECTS

LONGER = 0.4  # as much as German or Finnish need beyond English
LEAST = 24.0  # pixels at 1080p: what words so long may shrink to, rather than break or run over
OF_FILES = {"files", "article", "titles"}


def longer(text: str) -> str:
    """Lengthen every word of a text, but for names, symbols and what stands in braces."""

    def grown(word: re.Match[str]) -> str:
        if len(word[0]) < 3 or word[0][1:] != word[0][1:].lower():
            return word[0]
        return word[0] + ("aeiouns" * 3)[: round(LONGER * len(word[0]))]

    pieces = re.split(r"(\{[^{}]*\})", text)
    return "".join(p if p.startswith("{") else re.sub(r"[^\W\d_]+", grown, p) for p in pieces)


def broken(text: str) -> str:
    """Let a long word be broken in its middle, as a language file does it."""
    middle = len(text) // 2
    return (
        f"{text[:middle]}{SOFT_HYPHEN}{text[middle:]}"
        if len(text) > 9 and " " not in text
        else text
    )


def pseudo() -> Language:
    tables = {
        name: {key: longer(text) for key, text in table.items()} for name, table in texts().items()
    }
    terms = {key: broken(text) for key, text in tables["terms"].items()}
    captions = {name: table for name, table in tables.items() if name not in {"terms", *OF_FILES}}
    return replace(language("en"), code="qps", terms=terms, captions=captions)


def test_words_grow_and_fields_stay() -> None:
    assert longer("The {cell} of {n|one word|words}, σ and ReLU.") == (
        "Thea {cell} of {n|one word|words}, σ anda ReLU."
    )
    english, grown = texts(), pseudo()
    before = sum(len(text) for table in grown.captions for text in english[table].values())
    after = sum(len(text) for table in grown.captions.values() for text in table.values())
    assert after > 1.2 * before


@pytest.mark.verify
@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(
    "story", [pytest.param(name, id=f"@{name}@") for name in STORIES if name != FILM]
)
def test_longer_words_can_be_read(story: str, aspect: str) -> None:
    findings = check_story(find_story(story), trace_of(story, "demo"), lang=pseudo(), aspect=aspect)
    faults = [one for one in findings if one.kind != "small" or pixels(one.what) < LEAST]
    assert not faults, "\n".join(map(str, faults))


def pixels(what: str) -> float:
    found = re.search(r"is set at ([\d.]+) pixels", what)
    assert found, what
    return float(found[1])
