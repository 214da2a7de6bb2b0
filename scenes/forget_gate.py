"""The forget gate."""

import numpy as np

from lstmviz.stage import CellStory, Unit


class ForgetGate(CellStory):
    """The forget gate: how much of the old memory stays."""

    needs = ("x", "h_prev", "c_prev", "wx_f", "rh_f", "a_f", "f", "kept")

    def pick(self) -> int:
        """Tell the word that erases most of the memory."""
        lost = np.abs(self.trace["c_prev"] - self.trace["kept"]).sum(axis=1)
        return int(np.argmax(lost))

    def construct(self) -> None:
        """Follow the memory to the gate, through it, and over all words."""
        first = "first" if self.starts_empty else ""

        with self.step(
            "memory",
            "The {cell} comes to “{word}” with a memory of everything before it: the cell state."
            if not first
            else "This is the first word: "
            "the memory of the {cell}, its cell state, is still empty.",
            variant=first,
        ):
            self.arrive("c_prev", "cell state")

        with self.step("join", "Its last output and the new input meet, and go on side by side."):
            self.gather()

        with self.step(
            "weigh",
            "The gate weighs both, with weights of its own, and adds up: one sum for each unit.",
        ):
            self.weigh("forget")

        own = self.other_function("f")
        with self.step(
            "squash",
            "σ turns each sum into a number between 0 and 1: how much to keep."
            if not own
            else "{function} turns each sum into a gate: how much to keep.",
            **own,
        ):
            self.squash("forget")

        with self.step(
            "forget",
            "Each number of the memory is multiplied by its gate: 1 keeps it, 0 erases it.",
        ):
            equation = self.meet(
                "forget×",
                "c_prev",
                "f",
                "kept",
                title="forget gate",
                formula="c_t = f_t dot.o c_(t-1) + i_t dot.o g_t",
                faint="+ i_t dot.o g_t",
            )

        lost = np.abs(np.asarray(self.now["c_prev"]) - np.asarray(self.now["kept"]))
        unit = Unit(max(self.units, key=lambda k: lost[k]))
        with self.step(
            "outcome",
            "Unit {unit} held {c_prev[unit]}; its gate lets {f[unit]:.0%} "
            "through, and {kept[unit]} is left."
            if not first
            else "Nothing was there to forget yet: what goes on is still empty.",
            variant=first,
            unit=unit,
        ):
            ring = equation.ring(unit, self.theme.ink)
            self.play(*self.focus("kept", "forget×"), *self.write(ring))

        with self.step(
            "history",
            "Over time: where f is near 1 the memory c below it "
            "stays, where f is near 0 it is wiped.",
        ):
            self.show_history(["f", "c"], "forget gate", "forget")
