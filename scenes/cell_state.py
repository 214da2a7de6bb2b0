"""The cell state."""

import numpy as np

from lstmviz.stage import MemoryStory, Unit


class CellState(MemoryStory):
    """The cell state: the old memory is thinned out, the new is added."""

    needs = ("c_prev", "f", "kept", "i", "g", "added", "c")
    loop_of = "add"

    def pick(self) -> int:
        """Tell the word after which the memory is fullest."""
        return int(np.argmax(np.abs(self.trace["c"]).sum(axis=1)))

    def construct(self) -> None:
        """Follow the memory through × and +, and on to the next word."""
        whole = "c_t = f_t dot.o c_(t-1) + i_t dot.o g_t"
        first = "first" if self.starts_empty else ""
        coupled = "coupled" if self.couples else ""

        with self.step(
            "memory",
            "The cell state is the {cell}’s memory. It runs along the top, from word to word."
            if not first
            else "The cell state is the {cell}’s memory. At the first word it is still empty.",
            variant=first,
        ):
            self.arrive("c_prev", "cell state")

        with self.step(
            "layers",
            "The layers have read “{word}”: f says how much stays, g what could be new, "
            "i how much of that gets in.",
        ):
            self.bring("what the layers say", "f", "i", "g", role="ink")

        with self.step(
            "keep",
            "First the old: the memory times the forget gate is what is kept."
            if not coupled
            else "First the old: the memory times 1 − i is what is kept.",
            variant=coupled,
        ):
            self.meet(
                "forget×",
                "c_prev",
                "f",
                "kept",
                title="what is kept",
                role="forget",
                formula=whole,
                faint="+ i_t dot.o g_t",
            )

        with self.step(
            "write", "Then the new: the input gate times the candidate is what is written."
        ):
            self.meet(
                "write×",
                "i",
                "g",
                "added",
                title="what is written",
                role="input",
                formula=whole,
                faint="f_t dot.o c_(t-1) +",
            )

        with self.step(
            "add", "Their sum is the new memory: the new is added to the old, not multiplied by it."
        ):
            self.meet(
                "+",
                "kept",
                "added",
                "c",
                title="cell state",
                role="c",
                formula=whole,
                colors=("kept", "added", "c"),
            )

        unit = Unit(max(self.units, key=lambda k: abs(self.now["c"][k])))
        within = coupled or ("within" if abs(self.now["c"][unit]) <= 1 else "")
        with self.step(
            "beyond",
            "A sum has no limits: unit {unit} goes from {c_prev[unit]} to {c[unit]}, "
            "outside the band from −1 to 1."
            if not within
            else "As f is 1 − i, this sum is a blend: unit {unit} ends up at {c[unit]}, between "
            "its old {c_prev[unit]} and the candidate {g[unit]}."
            if coupled
            else "Here every unit shown ends up between −1 and 1, but nothing in a sum forces "
            "it to.",
            variant=within,
            unit=unit,
        ):
            self.slide("cell state", whole, "c_prev", "kept", "c", roles=("forget", "input"))

        with self.step(
            "on",
            "Then it travels on to the next word. All the way, only × and + have touched "
            "it: no weights, no squashing.",
        ):
            self.play(*self.focus("c"), self.send("c", "out"))

        with self.step(
            "history",
            "Word by word, the memory is kept, thinned out and rewritten. The grey bands "
            "reach from −1 to 1.",
        ):
            self.show_history(["c"], "cell state", "c")
