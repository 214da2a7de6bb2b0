"""What the picture at a step's end shows, in words: for those who cannot see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lstmviz.stage.mobjects.caption import Caption
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.status import Status
from lstmviz.stage.story.protocol import Shown
from lstmviz.stage.text.text import TextLine
from lstmviz.style.notation import MINUS, quantity, shown, written

_MOST = 6  # readings that are told: more, read aloud, nobody keeps in mind
_LONGEST = 12  # numbers of one


def alt_text(story: Shown, caption: str) -> str:
    """Give the caption, where in the input it is told, what is drawn, and the numbers on screen."""
    said = [caption, where(story), answer_in_words(story), *story.in_view()]
    values = _values(story)
    if values:
        listed = "; ".join(f"{name} = {', '.join(texts)}" for name, texts in values[:_MOST])
        said.append(story.lang.say("On screen: {values}.", values=listed))
    return " ".join(part for part in said if part)


def where(story: Shown) -> str:
    """Say which word, character or step is told."""
    counted = story.trace.counted_as
    form = f"{counted.capitalize()} {{n}} of {{total}}: “{{word}}”."
    if counted == "step":
        plain = story.trace.kind == "numbers" and not story.trace.times
        form = "Step {n} of {total}." if plain else "Step {n} of {total}: {word}."
    word = written(story.now.token.text, story.trace.kind)
    return story.lang.say(form, n=story.now.tick + 1, total=len(story.trace), word=word)


def answer_in_words(story: Shown) -> str:
    """Say what the needle in the header shows; nothing where there is none."""
    needle = next((each.needle for each in story.mobjects if isinstance(each, Status)), None)
    if needle is None:
        return ""
    answers, tick = needle.answers, needle.tick
    answer, reading = answers.told_at(tick), answers.at(tick)
    number = shown(reading[answer], "free" if answers.kind == "value" else "gate")
    if answers.kind == "two":
        low, high = answers.sides
        form = "The answer so far, from {low} (0) to {high} (1): {number}."
        return story.lang.say(form, low=low, high=high, number=number)
    label = answers.label(answer)
    if answers.kind == "several":
        form = "The answer so far: {label}, with a probability of {number}."
        return story.lang.say(form, label=label, number=number)
    least, most = (shown(end[answer], "free") for end in answers.range_of(answer))
    if not answers.labels:
        form = "The answer so far: {number}; in all it lies between {least} and {most}."
        return story.lang.say(form, number=number, least=least, most=most)
    form = "The answer so far: {label} = {number}; in all it lies between {least} and {most}."
    return story.lang.say(form, label=label, number=number, least=least, most=most)


def visible(story: Shown) -> Iterator[TextLine]:
    """Give all that is written in the picture and can be told, but for input, answer and caption.

    What a zoom has taken out of sight is not among it.
    """
    for mobject in story.mobjects:
        if isinstance(mobject, Strip | Caption):
            continue
        header = mobject.words if isinstance(mobject, Status) else mobject
        for part in header.get_family():
            if isinstance(part, TextLine) and part.get_fill_opacity() > 0 and part.told:
                yield part


def in_words(name: str, story: Shown) -> str:
    """Write the symbol of a reading as plain text: `f_t dot.o c_(t-1)` is `f ⊙ c(t−1)`.

    One that the story calls by a term instead is told by it, in the language of the film.
    """
    if name in story.called:
        return story.lang.word(story.called[name])
    symbol = quantity(name, cell=story.notation).symbol
    symbol = re.sub(r"_\(R (\S+)\)", r"_R\1", symbol)  # the bias of R
    plain = symbol.replace("_(t-1)", f"(t{MINUS}1)").replace("_t", "").replace(" dot.o ", " ⊙ ")
    return plain.replace('"', "").replace(" - ", f" {MINUS} ")


def _values(story: Shown) -> list[tuple[str, list[str]]]:
    """The readings whose numbers can be seen, each with its numbers as they are written."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    for number in visible(story):
        if isinstance(number, Number):
            key = number.reading.name, number.reading.tick
            names = story.trace.names_of(number.reading.name)
            called = f"{names[number.unit]} " if names else ""
            found.setdefault(key, {})[number.unit] = called + number.text
    told: dict[tuple[str, int], list[str]] = {}
    for (name, tick), texts in found.items():
        # A single value at each of many ticks is one row of numbers.
        key = (name, -1) if len(texts) == 1 else (name, tick)
        told.setdefault(key, []).extend(texts[k] for k in sorted(texts))
    return [(in_words(name, story), _some(texts)) for (name, _), texts in told.items()]


def _some(texts: list[str]) -> list[str]:
    """Cut a long row of numbers, and say so."""
    return texts if len(texts) <= _LONGEST else [*texts[:_LONGEST], "…"]
