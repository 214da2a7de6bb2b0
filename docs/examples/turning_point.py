"""A story of one's own: the word at which a network changes its mind."""

import numpy as np
from manim import FadeIn, FadeOut, SurroundingRectangle, VGroup

from lstmviz.stage import Story, Unit


class TurningPoint(Story):
    """The turning point: the word that moves the hidden state most."""

    needs = ("h", "h_prev")
    cell = "gru"

    def pick(self) -> int:
        """Tell the word at which h moves most."""
        moved = np.abs(self.trace["h"] - self.trace["h_prev"]).sum(axis=1)
        return int(np.argmax(moved))

    def construct(self) -> None:
        """Show h before the word and after it, then over the whole text."""
        moved = np.abs(np.asarray(self.now.h) - np.asarray(self.now.h_prev))
        unit = Unit(max(self.units, key=lambda k: moved[k]))
        large = {"numbers": True, "box": (1.2, 0.6)}

        with self.step("before", "This is what the {cell} holds in mind before “{word}”."):
            before = self.column("h_prev", at=(-2.2, 0.2), **large)
            self.play(FadeIn(before))

        with self.step("after", "And this is what it holds in mind after it."):
            after = self.column("h", at=(2.2, 0.2), **large)
            self.play(FadeIn(after.frame, after.boxes), run_time=0.6)
            self.play(FadeIn(after.numbers), run_time=0.4)

        with self.step(
            "unit", "Unit {unit} has moved most: from {h_prev[unit]} to {h[unit]}.", unit=unit
        ):
            row = self.units.index(unit)
            rings = VGroup(
                *(
                    SurroundingRectangle(each.boxes[row], color=self.theme.ink, buff=0.03)
                    for each in (before, after)
                )
            )
            self.play(FadeIn(rings))
            self.zoom(rings)

        with self.step("history", "The whole text: a change of colour is a change of mind."):
            history = self.history(["h"])
            self.zoom_back()
            self.play(FadeOut(before), FadeOut(after), FadeOut(rings))
            self.play(FadeIn(history))
