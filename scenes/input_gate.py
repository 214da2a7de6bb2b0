"""The input gate."""

import numpy as np

from lstmviz.stage import MemoryStory, Unit


class InputGate(MemoryStory):
    """The input gate: how much of the new enters the memory."""

    needs = ("x", "h_prev", "kept", "wx_g", "rh_g", "a_g", "g", "wx_i", "rh_i", "a_i", "i", "added")
    loop_of = "enter"

    def pick(self) -> int:
        """Tell the word that writes most into the memory."""
        return int(np.argmax(np.abs(self.trace["added"]).sum(axis=1)))

    def construct(self) -> None:
        """Follow h and x into two layers at once, and what they make to the memory."""
        start = "first" if self.starts_empty else "coupled" if self.couples else ""

        with self.step(
            "question",
            "The memory is still empty. What will “{word}” write into it?"
            if start == "first"
            else "Not all that comes is worth keeping. What will “{word}” add to what is "
            "left of the old memory?"
            if start
            else "Not all that comes is worth keeping. What will “{word}” add to what the "
            "forget gate left?",
            variant=start,
        ):
            self.bring("cell state", "kept")

        with self.step(
            "join", "The previous output and the new input are joined, end to end, into one vector."
        ):
            self.gather()

        peephole = "peephole" if self.sees_memory("i") else ""
        with self.step(
            "weigh",
            "Two layers weigh this vector at the same time, each with weights of its own."
            if not peephole
            else "Two layers weigh this vector, each with weights of its own; "
            "through a peephole, the input gate sees the memory, too.",
            variant=peephole,
        ):
            self.weigh("candidate", "input")

        own = self.other_function("g")
        with self.step(
            "candidate",
            "tanh squashes the sums of one layer into the candidate: what could be "
            "written, between −1 and 1."
            if not own
            else "{function} turns the sums of one layer into the candidate: what could be "
            "written.",
            **own,
        ):
            self.squash("candidate")

        own = self.other_function("i")
        with self.step(
            "gate",
            "σ squashes those of the other into the input gate: how much may get in, "
            "between 0 and 1."
            if not own
            else "{function} turns those of the other into the input gate: how much may get in.",
            **own,
        ):
            self.squash("input")

        with self.step(
            "enter",
            "Each value of the candidate is multiplied by its gate: 1 lets it in, 0 keeps it out.",
        ):
            equation = self.meet(
                "write×",
                "i",
                "g",
                "added",
                title="input gate",
                role="input",
                formula="c_t = f_t dot.o c_(t-1) + i_t dot.o g_t",
                faint="f_t dot.o c_(t-1) +",
            )

        unit = Unit(max(self.units, key=lambda k: abs(self.now["added"][k])))
        with self.step(
            "outcome",
            "Unit {unit} could write {g[unit]}. Its gate lets about {i[unit]:.0%} in: "
            "{added[unit]} will be added to the memory.",
            unit=unit,
        ):
            ring = equation.ring(unit, self.theme.ink)
            self.play(*self.focus("added"), *self.write(ring))

        with self.step(
            "history",
            "Over time: where i is near 1, the memory c below it takes in the new; where "
            "i is near 0, it takes in almost nothing.",
        ):
            self.show_history(["i", "c"], "input gate", "input")
