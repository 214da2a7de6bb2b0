"""The output gate."""

import numpy as np

from lstmviz.stage import MemoryStory, Unit


class OutputGate(MemoryStory):
    """The output gate: how much of the memory is shown."""

    network = "recall"
    needs = ("x", "h_prev", "wx_o", "rh_o", "a_o", "o", "c", "shown", "h")
    refuses = ("lstm-projected",)  # its output is the product, weighed once more
    loop_of = "show"

    def pick(self) -> int:
        """Tell the first word at which the gate holds most of the memory back, or nearly so."""
        held = np.abs(self.trace["shown"] - self.trace["h"]).sum(axis=1)
        return int(np.argmax(held >= 0.9 * held.max()))

    def construct(self) -> None:
        """Follow the pair through σ, the memory through tanh, and their product out."""
        with self.step(
            "memory",
            "The memory is up to date. What is not needed yet can stay hidden: how much is "
            "shown after “{word}”?",
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
        formula, colors = f"h_t = o_t dot.o {symbol}(c_t)", ("h", "o", "c")
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
                *("output×", "shown", "o", "h"),
                title="output gate",
                formula=formula,
                colors=colors,
            )

        unit = Unit(max(self.units, key=lambda k: abs(self.now["shown"][k] - self.now["h"][k])))
        hides = self.now["o"][unit] < 0.5
        with self.step(
            "outcome",
            "Unit {unit} could show {shown[unit]}. Its gate lets about {o[unit]:.0%} out: "
            "{h[unit]}."
            if not hides
            else "Unit {unit} could show {shown[unit]}, but its gate lets only about "
            "{o[unit]:.0%} out: {h[unit]}. The rest stays hidden.",
            variant="hidden" if hides else "",
            unit=unit,
        ):
            self.play(*self.focus("h", "output×"), *self.write(equation.ring(unit, self.theme.ink)))

        with self.step(
            "leave",
            "h is the output for this word, and both h and c go on to the next."
            if not (silent := self.hides("shown", "h"))
            else "h leaves nearly empty: from outside, the memory cannot be seen. c goes on whole: "
            "the output gate takes nothing from it.",
            variant="hidden" if silent else "",
        ):
            self.play(
                *self.focus("h", "c", "h_t", "c_t"), self.send("h", "out"), self.send("c", "out")
            )

        opening = self.when_open("o", "h")
        if opening is not None:
            tick, unit = opening
            before, turning = self.told("o", unit), self.go_to(tick)
            with self.step(
                "opens",
                "Later, “{word}” opens the gate: for unit {unit} it goes from {before} to "
                "{o[unit]}, and the memory comes out: {h[unit]}.",
                unit=unit,
                before=before,
            ):
                self.turn_to(turning, "output gate", "shown", "o")
                equation = self.meet(
                    *("output×", "shown", "o", "h"),
                    title="output gate",
                    formula=formula,
                    colors=colors,
                )
                self.play(*self.write(equation.ring(unit, self.theme.ink)))

        with self.step(
            "history",
            "Over time: the memory on top shows in h below where o is near 1, "
            "and stays hidden where o is near 0.",
        ):
            self.show_history(["c", "o", "h"], "output gate", "output")
