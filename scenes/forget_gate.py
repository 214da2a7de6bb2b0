"""The forget gate."""

import numpy as np

from lstmviz.stage import CellStory, Unit


class ForgetGate(CellStory):
    """The forget gate: how much of the old memory stays."""

    needs = ("x", "h_prev", "c_prev", "wx_f", "rh_f", "a_f", "f", "kept")
    loop_of = "forget"

    def pick(self) -> int:
        """Tell the word that erases most of the memory."""
        lost = np.abs(self.trace["c_prev"] - self.trace["kept"]).sum(axis=1)
        return int(np.argmax(lost))

    def construct(self) -> None:
        """Follow the memory to the gate, through it, and over all words."""
        first = "first" if self.starts_empty else ""
        again = "again" if self.again else ""

        with self.step(
            "memory",
            "The {cell} reaches “{word}” with a memory of everything before it: the cell state."
            if not first and not again
            else "Another word, “{word}”: the gate has learned to make room here. This is the "
            "memory that it meets."
            if not first
            else "This is the first word: the {cell}’s memory, the cell state, is still empty.",
            variant=first or again,
        ):
            self.arrive("c_prev", "cell state")

        with self.step(
            "join", "The previous output and the new input are joined, end to end, into one vector."
        ):
            self.gather()

        peephole = "peephole" if self.sees_memory("f") else ""
        with self.step(
            "weigh",
            "The gate multiplies both by weights of its own and adds up: one sum for each unit."
            if not peephole
            else "Through its peephole the gate sees the memory, too: it weighs all "
            "three and adds up, one sum for each unit.",
            variant=peephole,
        ):
            self.weigh("forget")

        own = self.other_function("f")
        with self.step(
            "squash",
            "σ squashes each sum into a number between 0 and 1: how much to keep."
            if not own
            else "{function} makes a gate of each sum: how much to keep.",
            **own,
        ):
            self.squash("forget")

        with self.step(
            "forget",
            "Each number in the memory is multiplied by its gate: 1 keeps it, 0 erases it.",
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
            "Unit {unit} held {c_prev[unit]}. Its gate lets about {f[unit]:.0%} through, which "
            "leaves {kept[unit]}."
            if not first
            else "There was nothing to forget yet: the memory that goes on is still empty.",
            variant=first,
            unit=unit,
        ):
            ring = equation.ring(unit, self.theme.ink)
            self.play(*self.focus("kept", "forget×"), *self.write(ring))

        with self.step(
            "history",
            "Over time: where f is near 1, the memory c below it stays; where f is near "
            "0, it is wiped.",
        ):
            self.show_history(["f", "c"], "forget gate", "forget")
