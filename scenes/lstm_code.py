"""The LSTM as code."""

from lstmviz.stage import CodeStory


class LstmCode(CodeStory):
    """The LSTM in Python: code, cell and numbers run together."""

    loop_of = "c"

    def pick(self) -> int:
        """Tell a word that has a next one."""
        return min(super().pick(), max(len(self.trace) - 2, 0))

    def construct(self) -> None:
        """Run the loop twice."""
        with self.step(
            "code",
            "This is the whole forward pass of an LSTM. It runs once for every word; "
            "here, for “{word}”.",
        ):
            self.show_code()

        with self.step("memory", "The memory c comes in as the previous word left it."):
            self.bring_memory()

        with self.step("hx", "The previous output h and the new input x are joined, end to end."):
            self.join_inputs()

        with self.step(
            "f", "The forget gate: multiply both by weights, add a bias, and take σ of the sum."
        ):
            self.run_line("f")

        with self.step("i", "The input gate is computed the same way, with weights of its own."):
            self.run_line("i")

        with self.step("g", "The candidate, what could be written, goes through tanh instead."):
            self.run_line("g")

        with self.step(
            "c", "The memory keeps a share f of the old and takes in a share i of the new."
        ):
            self.run_line("c")

        with self.step("o", "The output gate decides how much of the memory is shown."):
            self.run_line("o")

        with self.step("h", "The new output is tanh of the memory, times the output gate."):
            self.run_line("h")

        if self.now.tick + 1 == len(self.trace):
            return
        with self.step(
            "next", "The loop starts over: both states carry on, and the next word comes in."
        ):
            self.next_word()
            self.bring_memory()
            self.join_inputs()

        with self.step(
            "again",
            "The same lines, the same weights, new numbers: that is all “recurrent” means.",
        ):
            for name in ("f", "i", "g", "c", "o", "h"):
                self.run_line(name, quick=True)
