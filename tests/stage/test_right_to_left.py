"""Texts of every script in films: read their way, and in the notes if a font lacks something."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from filming import check_story

import lstmviz
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.paragraph import Paragraph
from lstmviz.style.language import language
from lstmviz.style.layout import WIDE, Box
from lstmviz.style.theme import DARK
from lstmviz.trace.trace import Trace

HEBREW = "הסרט (הזה) היה iPhone Pro טוב מאוד."
MIXED = "Gut 👩‍💻🇩🇪 𓀀 한국어 臺灣 שלום नमस्ते ภาษาไทย ខ្ញុំ မြန်မာ Καλημέρα مرحبا"


def run(text: str) -> Trace:
    return lstmviz.run(text, cell="lstm", hidden=4, seed=0)


class Small(Story):
    """A story of two steps."""

    def construct(self) -> None:
        with self.step("one", "Here is “{word}” now."):
            self.wait(0.1)
        with self.step("two", "And it stays."):
            self.wait(0.1)


def told(trace: Trace, lang: str = "en") -> Story:
    story = Small(trace, lang=lang, outline=(), renderer=Walker())
    story.setup()
    story.construct()
    return story


@pytest.mark.parametrize(("text", "sign"), [(HEBREW, -1), ("One two three.", 1)])
def test_the_strip_runs_as_its_text(text: str, sign: int) -> None:
    trace = run(text)
    strip = Strip(trace, 0, DARK, WIDE.strip)
    places = [sign * float(strip.chips[k].get_x()) for k in sorted(strip.chips)]
    assert len(places) == len(trace)
    assert places == sorted(places)
    box = WIDE.strip
    assert box.left - 0.01 <= strip.get_left()[0]
    assert strip.get_right()[0] <= box.right + 0.01
    edge = strip.get_right()[0] if sign < 0 else strip.get_left()[0]
    assert edge == pytest.approx(box.right if sign < 0 else box.left, abs=0.03)


def test_a_long_strip_has_its_ellipses_where_its_text_goes_on() -> None:
    trace = run("הסרט היה טוב מאוד " * 20)
    strip = Strip(trace, 40, DARK, WIDE.strip)
    dots = [each for each in strip.submobjects if getattr(each, "text", "") == "…"]
    chips = [float(chip.get_x()) for chip in strip.chips.values()]
    assert len(dots) == 2
    assert dots[0].get_x() > max(chips)
    assert dots[1].get_x() < min(chips)
    assert WIDE.strip.left <= strip.get_left()[0]
    assert strip.get_right()[0] <= WIDE.strip.right


def test_a_page_runs_as_its_text_and_foreign_words_in_it_as_they_do() -> None:
    trace = run(HEBREW)
    words = [token.text for token in trace.tokens]
    page = Paragraph(trace, 0, DARK, Box(-7, 7, -2, 2))
    assert page.leftward
    assert len(page.rows) == 1
    order = sorted(page.places, key=lambda tick: page.places[tick].left)
    assert [words[k] for k in order] == [
        *(".", "מאוד", "טוב", "iPhone", "Pro", "היה", ")", "הזה", "(", "הסרט")
    ]
    ends = [(p.left, p.left + p.width) for p in (page.places[tick] for tick in order)]
    assert all(before[1] <= after[0] + 1e-6 for before, after in itertools.pairwise(ends))
    assert page.around(page.groups[0]).width > 0


def test_the_notes_say_what_no_font_has_where_it_is_first_seen() -> None:
    story = told(run("𓀀 is old"))
    assert (
        "No font has 𓀀 (U+13000); a box with the code point stands there." in story.steps[0].notes
    )
    assert "U+13000" not in story.steps[1].notes
    assert not any("No font" in step.notes for step in told(run(HEBREW)).steps)
    assert "U+13000" in told(run("𓀀 is old"), "zh").steps[0].notes


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
@pytest.mark.parametrize("text", [HEBREW, MIXED])
@pytest.mark.slow
def test_nothing_overlaps_or_leaves_the_frame(text: str, aspect: str) -> None:
    assert check_story(Small, run(text), theme="light", aspect=aspect) == []


@pytest.mark.parametrize(
    ("code", "caption"),
    [("he", "עכשיו קוראים “{word}” ב-LSTM."), ("el", "Τώρα διαβάζεται «{word}».")],
)
@pytest.mark.slow
def test_a_language_of_the_users_own_in_another_script(
    tmp_path: Path, code: str, caption: str
) -> None:
    path = tmp_path / f"{code}.toml"
    path.write_text(f"[small]\none = '{caption}'\n", encoding="utf-8")
    trace = run("Good film")
    assert check_story(Small, trace, lang=str(path)) == []
    story = told(trace, str(path))
    assert language(str(path)).code == code
    assert "Good" in story.steps[0].caption or "film" in story.steps[0].caption


def test_an_endless_word_does_not_burst_its_sentence() -> None:
    story = told(run("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"))
    assert story.steps_told[0].caption == ("Here is “Donaudampfschifffahrtsel…” now.")
