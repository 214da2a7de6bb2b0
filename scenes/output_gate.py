"""The output gate."""

import numpy as np

from lstmviz.stage import MemoryStory, Unit


class OutputGate(MemoryStory):
    """The output gate: how much of the memory is shown."""

    needs = ("x", "h_prev", "wx_o", "rh_o", "a_o", "o", "c", "shown", "h")
    refuses = ("lstm-projected",)  # its output is the product, weighed once more

    def pick(self) -> int:
        """Tell the word at which the gate holds most of the memory back."""
        return int(np.argmax(np.abs(self.trace["shown"] - self.trace["h"]).sum(axis=1)))

    def construct(self) -> None:
        """Follow the pair through σ, the memory through tanh, and their product out."""
        with self.step(
            "memory", "The memory is up to date. How much of it will be shown after “{word}”?"
        ):
            self.bring("cell state", "c")

        with self.step("join", "Once more, the previous output and the new input are joined."):
            self.gather()

        peephole = "peephole" if self.sees_memory("o") else ""
        with self.step(
            "weigh",
            "The output gate multiplies both by weights of its own and adds up."
            if not peephole
            else "Through its peephole the output gate sees the new memory, too: "
            "it weighs all three and adds up.",
            variant=peephole,
        ):
            self.weigh("output")

        own = self.other_function("o")
        with self.step(
            "squash",
            "σ squashes each sum into a number between 0 and 1: how much to show."
            if not own
            else "{function} makes a gate of each sum: how much to show.",
            **own,
        ):
            self.squash("output")

        other, symbol = self.other_function("shown"), self.circuit["show"].function
        own = other or ({"variant": "bounded"} if self.stays_within else {})
        with self.step(
            "bound",
            "A memory can be any size: tanh brings a copy of it back between −1 and 1."
            if not own
            else "A copy of the memory goes through {function}."
            if other
            else "A copy of the memory goes through tanh. As f is 1 − i, the memory itself never "
            "leaves the band from −1 to 1.",
            **own,
        ):
            self.through(
                "show",
                "c",
                "shown",
                title="cell state",
                formula=f"{symbol}(c_t)" if other else "-1 < tanh(c_t) < 1",
            )

        with self.step(
            "show",
            "Each value is multiplied by its gate. "
            "The product is the new output, the hidden state h.",
        ):
            equation = self.meet(
                "output×",
                "shown",
                "o",
                "h",
                title="output gate",
                formula=f"h_t = o_t dot.o {symbol}(c_t)",
                colors=("h", "o", "c"),
            )

        unit = Unit(max(self.units, key=lambda k: abs(self.now["shown"][k] - self.now["h"][k])))
        with self.step(
            "outcome",
            "Unit {unit} could show {shown[unit]}. Its gate lets {o[unit]:.0%} out: {h[unit]}.",
            unit=unit,
        ):
            self.play(*self.focus("h", "output×"), *self.write(equation.ring(unit, self.theme.ink)))

        with self.step(
            "leave", "h is the output for this word, and both h and c go on to the next."
        ):
            self.play(
                *self.focus("h", "c", "h_t", "c_t"), self.send("h", "out"), self.send("c", "out")
            )

        with self.step(
            "history",
            "Over time: where o is near 1, the memory shows in h below it; where o is "
            "near 0, it stays hidden.",
        ):
            self.show_history(["o", "h"], "output gate", "output")
