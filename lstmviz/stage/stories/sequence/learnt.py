"""What is told of a weight that learns: the readings, and what became of the gradient."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.way_back import way_back
from lstmviz.engine.lessons.weight_update import WeightStory, another_answer, weight_story
from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.story.caption_values import SpokenNumber
from lstmviz.stage.story.story import Story
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.trace.trace import At, Trace

RATE = 0.1


@lru_cache(maxsize=1)  # a story is set up for each walk through it; a wide network takes seconds
def _learning(trace: Trace) -> WeightStory:
    network = network_of(trace)
    return weight_story(network, trace, RATE, target=another_answer(network, trace))


class LearntStory(Story):
    """A story of a weight that learns: what the readings say of it, and how that is told.

    The loss is that of an answer that the network did not give: it is told to have been
    wrong, as a network is in training. It is told from the end of the input back to `far`, the
    moment that the user chose, or the first.
    """

    needs = ("h",)
    needs_weights = True
    cell = "rnn"
    called = MappingProxyType(
        {
            "weight": "new weight",
            "weight_prev": "weight",
            "rate": "learning rate",
            "gathered": "gradient",
            "gradient": "part of the gradient",
            "size": "size of the gradient",
            "loss": "error",
        }
    )

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a trace whose weights are not at hand, and a layer that reads backward."""
        super().check_needs(trace)
        network_of(trace)
        if trace.shown[1] == "backward":
            raise UsageError(
                f"The story {cls.story_name()} goes back from the last word, but this layer reads "
                "from there; choose one that reads forward, with direction and layer."
            )

    def pick(self) -> int:
        """Go back to the first word."""
        return 0

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The run of the network, and what the weight learns from it."""
        return (*super().sources, self.learning.readings)

    def setup(self) -> None:
        """Compute the gradients, and begin at the end of the input."""
        self.learning = _learning(self.trace)
        super().setup()
        self.far = self.now.tick
        self.remove(self.strip, self.status)
        self.now = self.trace.at(-1)
        self.strip = Strip(
            self.trace, self.now.tick, self.theme, self.layout.strip, self.masked_said
        )
        self.status = self._status()
        self.add(self.strip, self.status)
        self.sizes = self.learning.readings["size"][:, 0]

    def at(self, tick: int) -> At:
        """Give what the weight learns through the word at a tick."""
        return self.learning.readings.at(tick)

    def said(self, name: str, tick: int) -> SpokenNumber:
        """Give one value for a caption."""
        return SpokenNumber(self.at(tick)[name][0], self.scale_of(name))

    @property
    def back(self) -> int:
        """How many words before the last one the chain begins."""
        return len(self.trace) - 1 - self.far

    def scale_of(self, name: str) -> Scale:
        """Say how a reading of what is learned is written."""
        return quantity(name, cell=self.learning.readings.notation).scale

    def fate(self, far: int) -> tuple[str, dict[str, Any]]:
        """Say what became of the gradient on its way to a word, and the values that tell it."""
        way = way_back(self.sizes, far)
        values: dict[str, Any] = {
            "first": self.word_at(far),
            "back": len(self.trace) - 1 - far,
            "left": self.said("size", far),
            "start": self.said("size", len(self.trace) - 1),
        }
        if self.learning.direct and way.fate != "nothing":
            return "direct", values
        if way.cut is not None:
            values |= {"cut": self.word_at(way.cut), "there": self.said("size", way.cut)}
        return way.fate, values

    @property
    def error(self) -> str:
        """Whether the error is a `sum`, not that of an answer, and also comes from above."""
        direct = "direct" if self.learning.direct and self.back else ""
        return direct if self.learning.answered else "-".join(filter(None, ("sum", direct)))

    @property
    def falls_at_all(self) -> bool:
        """Whether anything falls to the weight."""
        return bool(self.learning.readings["gradient"].any())

    @property
    def falling(self) -> str:
        """Which words add nothing: the `first`, as there is no state before it, or all of them."""
        if len(self.trace) > 1 and not self.falls_at_all:
            return "nothing"
        if self.far or np.any(self.trace.at(0)["h_prev"].value):
            return ""
        return "first" if self.back else "alone"
