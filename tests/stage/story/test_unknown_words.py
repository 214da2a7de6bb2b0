"""A film of words that the network does not know says so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from filming import check_story

import lstmviz
from lstmviz.engine.model.masks import Padding
from lstmviz.engine.model.network import seeded
from lstmviz.engine.model.tokenizers import Characters, WordPieces
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker
from lstmviz.stage.story.alt_text import where
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.trace.recording import Source
from lstmviz.trace.trace import Trace

GERMAN = "Das Essen war sehr gut, aber der Service war leider so langsam. " * 25


class Small(Story):
    """A story of one step."""

    def construct(self) -> None:
        with self.step("only", "One word."):
            self.wait(0.1)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A trace from its file."""
    path: Path = tmp_path_factory.mktemp("saved") / "german.npz"
    lstmviz.run(GERMAN).save(path)
    return Trace.load(path)


def status(trace: Trace, lang: str, aspect: str, at: int = 0) -> Small:
    layout = layout_named(aspect)
    story = Small(trace, at=at, lang=lang, layout=layout, outline=(), renderer=Walker())
    story.setup()
    return story


def words_of(story: Small) -> str:
    """What the lines of the status say, wherever they break."""
    return unbroken("".join(line.text for line in story.status.words))


def unbroken(text: str) -> str:
    return re.sub(r"[\s·]", "", text)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(
    ("lang", "told"), [("en", "250 of 300 words unknown"), ("zh", "300 个词中有 250 个不认识")]
)
@pytest.mark.few(2)
@pytest.mark.slow
def test_the_film_says_so_in_every_shape(trace: Trace, lang: str, told: str, aspect: str) -> None:
    story = status(trace, lang, aspect)
    assert words_of(story) == unbroken(story.status_line() + told)
    assert story.status.words.width <= story.layout.status.width + 0.02
    assert check_story(Small, trace, theme="light", lang=lang, aspect=aspect) == []


def test_where_most_words_are_known_it_says_what_a_dashed_border_means() -> None:
    story = status(lstmviz.run("The food was not gut at all"), "en", "16:9")
    assert words_of(story).endswith(unbroken("dashed: unknown to the network"))


LETTERS = replace(
    seeded("gru", 2, 3, vocabulary=("<unk>", *"abcde \n")),
    tokenizer=Characters(),
    title="letters.keras",
    source=Source("file", "letters.keras"),
)
PIECES = replace(
    seeded("gru", 2, 3, vocabulary=("[UNK]", "good", "##s")), tokenizer=WordPieces(lower=True)
)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(
    ("lang", "line", "title"),
    [
        ("en", "GRU · character 2 of 9", "letters.keras · case ignored"),
        ("zh", "GRU · 第 2 / 9 个字符", "letters.keras · 不分大小写"),
        ("es", "GRU · letra 2 de 9", "letters.keras · sin mayúsculas"),
    ],
)
def test_a_film_of_characters_says_so_and_that_case_was_folded(
    lang: str, line: str, title: str, aspect: str
) -> None:
    trace = lstmviz.run("A bad\ncab", network=LETTERS)
    story = status(trace, lang, aspect, at=1)
    assert words_of(story) == unbroken(line + title)
    chips = [chip.text for chip in story.strip.chips.values()]
    assert chips[:6] == ["A", "␣", "b", "a", "d", "⏎"]


@pytest.mark.parametrize(
    ("network", "caption"),
    [(LETTERS, "One character."), (PIECES, "One token."), (None, "One word.")],
)
def test_a_caption_speaks_of_what_is_read(network: lstmviz.Network | None, caption: str) -> None:
    story = Small(lstmviz.run("bad", network=network), outline=(), renderer=Walker())
    assert [step.caption for step in story.rehearse().steps_told] == [caption]


@pytest.mark.parametrize(
    ("text", "network", "told"),
    [
        ("xyz a", LETTERS, "3 of 4 characters unknown"),
        ("Goods soup", PIECES, None),
        ("soup Goods soup soup", PIECES, "3 of 5 tokens unknown"),
    ],
)
def test_what_is_unknown_is_called_as_it_is(
    text: str, network: lstmviz.Network, told: str | None
) -> None:
    said = words_of(status(lstmviz.run(text, network=network), "en", "16:9"))
    assert said.endswith(unbroken(told)) if told else unbroken("tokens unknown") not in said


def test_a_long_text_of_characters_is_shown_around_the_one_that_is_told() -> None:
    story = Small(
        lstmviz.run("a bad cab " * 300, network=LETTERS),
        at=1500,
        outline=(),
        renderer=Walker(),
        layout=layout_named("16:9"),
    )
    story.setup()
    assert 1500 in story.strip.chips
    assert 10 < len(story.strip.chips) < 60


@pytest.mark.parametrize(("lang", "told"), [("en", "GRU·step7of8"), ("zh", "GRU·第7/8步")])
def test_padding_is_counted_among_no_words(lang: str, told: str) -> None:
    words = ("<unk>", "<pad>", "good", "dull")
    network = replace(seeded("gru", 3, 4, vocabulary=words), padding=Padding(8))
    trace = lstmviz.run("good dull", network=network)
    story = status(trace, lang, "16:9", at=6)
    assert story.status_line().replace(" ", "") == told
    step = "Step 7 of 8: good." if lang == "en" else "共 8 步，这是第 7 步：good。"
    assert where(story) == step
    page = find_story("review-remembered")(trace, lang=lang, outline=(), renderer=Walker())
    assert page.status_line() == ("GRU · 2 words" if lang == "en" else "GRU · 共 2 个词")
    plain = lstmviz.run("good dull", network=replace(network, padding=None))
    assert status(plain, "en", "16:9").status_line() == "GRU · word 1 of 2"
