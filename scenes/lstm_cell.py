"""The whole LSTM cell."""

import numpy as np

from lstmviz.stage import AssemblyStory


class LstmCell(AssemblyStory):
    """The whole LSTM cell, assembled part by part, with a legend of its shapes."""

    needs = ("x", "h_prev", "c_prev", "f", "i", "g", "o", "kept", "added", "c", "shown", "h")
    refuses = ("lstm-coupled", "lstm-coupled-peephole", "lstm-projected")
    loop_of = "new:output"

    def pick(self) -> int:
        """Send the word through after which the memory is fullest."""
        return int(np.argmax(np.abs(self.trace["c"]).sum(axis=1)))

    def construct(self) -> None:
        """Build the cell around its memory, then send a word through it."""
        with self.step(
            "memory",
            "At the heart of an LSTM is its memory, the cell state c. "
            "It runs straight through, from word to word.",
        ):
            self.build("highway", "c_(t-1)", "c_t")

        with self.step(
            "join",
            "The previous output h comes from the left, the new input x from below. "
            "Joined, they are one longer vector.",
        ):
            self.build("h_(t-1)", "x_t", "join", "h_prev", "x", explain=("concatenation",))

        own = self.other_function("f")
        with self.step(
            "forget",
            "The forget gate multiplies it by learned weights; σ squashes each sum into "
            "a number between 0 and 1."
            if not own
            else "The forget gate multiplies it by learned weights; {function} makes a gate "
            "of each sum.",
            **own,
        ):
            self.build("forget", explain=() if own else ("σ",))

        with self.step(
            "times",
            "The memory is multiplied by the gate, unit by unit: what meets a 0 is "
            "forgotten, what meets a 1 stays.",
        ):
            self.build("f", "forget×", "c_prev", "kept on", explain=("×",))

        own = self.other_function("g")
        with self.step(
            "new",
            "tanh makes a candidate: what could be remembered. The input gate says how "
            "much of it gets in."
            if not own
            else "{function} makes a candidate: what could be remembered. The input gate says "
            "how much of it gets in.",
            **own,
        ):
            self.build("input", "candidate", "i", "g", "write×", explain=() if own else ("tanh",))

        with self.step("plus", "What gets in is added to what stayed: that is the new memory."):
            self.build("kept", "added", "+", "c", explain=("+",))

        own = self.other_function("shown")
        with self.step(
            "output",
            "tanh brings the memory back between −1 and 1; the output gate says how much "
            "of it is shown: the new output h."
            if not own
            else "The memory goes through {function}; the output gate says how much of it is "
            "shown: the new output h.",
            **own,
        ):
            self.build("output", "c down", "show", "shown", "o", "output×", "h", "h_t")

        if "peep f" in self.circuit.parts:
            with self.step(
                "output-peepholes",
                "This LSTM has peepholes: its gates also look at the memory itself.",
            ):
                self.build("peep", "peep f", "peep i", "peep o")

        with self.step(
            "copy", "Where a wire splits, the vector is copied: each branch carries all of it."
        ):
            self.branch_out()

        with self.step(
            "run",
            "The cell is complete. “{word}” goes through it, and leaves a new memory c "
            "and a new output h.",
        ):
            self.run_through()
