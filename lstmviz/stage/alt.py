"""What the picture at a step's end shows, in words: for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstmviz.notation import MINUS, quantity, written
from lstmviz.stage.column import Number

if TYPE_CHECKING:
    from lstmviz.stage.story import Story

_MOST = 6  # readings that are told: more, read aloud, nobody keeps in mind


def alt_text(story: Story, caption: str) -> str:
    """Give the caption, where in the input it is told, and every number that stands on screen."""
    where = "Word {n} of {total}: “{word}”." if story.trace.kind == "words" else (
        "Step {n} of {total}."
    )  # fmt: skip
    word = written(story.now.token.text, story.trace.kind)
    said = [
        caption,
        story.lang.say(where, n=story.now.tick + 1, total=len(story.trace), word=word),
    ]
    values = _values(story)
    if values:
        listed = "; ".join(f"{name} = {', '.join(texts)}" for name, texts in values[:_MOST])
        said.append(story.lang.say("On screen: {values}.", values=listed))
    return " ".join(part for part in said if part)


def _values(story: Story) -> list[tuple[str, list[str]]]:
    """The readings whose numbers can be seen, each with its numbers as they are written."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    for number in _numbers(story):
        if number.get_fill_opacity() > 0:
            key = number.reading.name, number.reading.tick
            found.setdefault(key, {})[number.unit] = number.text
    return [
        (_plain(quantity(name, cell=story.trace.cell).symbol), [texts[k] for k in sorted(texts)])
        for (name, _), texts in found.items()
    ]


def _numbers(story: Story) -> Iterator[Number]:
    for mobject in story.mobjects:
        for part in mobject.get_family():
            if isinstance(part, Number):
                yield part


def _plain(symbol: str) -> str:
    """Write a formula as plain text: `f_t dot.o c_(t-1)` is `f ⊙ c(t−1)`."""
    plain = symbol.replace("_(t-1)", f"(t{MINUS}1)").replace("_t", "").replace(" dot.o ", " ⊙ ")
    return plain.replace('"', "").replace(" - ", f" {MINUS} ")
