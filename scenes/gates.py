"""The gates of the LSTM and the GRU."""

from lstmviz.stage import GatesStory


class Gates(GatesStory):
    """The gates of an LSTM and of a GRU: what each one is for."""

    needs = ("x", "h")
    refuses = ("lstm-coupled", "lstm-coupled-peephole")  # they have no forget gate to show
    loop_of = "forget:candidate"

    def construct(self) -> None:
        """Light one layer after the other, first of the LSTM, then of the GRU."""
        with self.step(
            "cells",
            "Two cells carry a memory from word to word: the LSTM and the GRU. First the LSTM.",
        ):
            self.enter("lstm")

        own = self.other_function("f", "i", "o", trace=self.traces["lstm"]) or self.other_function(
            "r", "z", trace=self.traces["gru"]
        )
        with self.step(
            "gate",
            "Both have gates. A gate (σ) gives numbers between 0 and 1 to multiply by: 0 "
            "blocks, 1 lets through."
            if not own
            else "Both have gates. What meets a gate is multiplied by its numbers: 0 blocks "
            "it, 1 lets it through.",
            **own,
        ):
            self.valves()

        with self.step(
            "forget",
            "The LSTM’s forget gate: 0 erases the old memory, 1 keeps it. These are its "
            "numbers at “{word}”.",
        ):
            self.tell("forget", "how much of the old stays")

        with self.step("input", "The input gate: how much of the new gets into the memory."):
            self.tell("input", "how much of the new gets in")

        own = self.other_function("g", trace=self.traces["lstm"])
        with self.step(
            "candidate",
            "The candidate is not a gate: it is the new content itself, between −1 and 1."
            if not own
            else "The candidate is not a gate: it is the new content itself.",
            **own,
        ):
            self.tell("candidate", "what could be written")

        with self.step("output", "The output gate: how much of the memory is shown."):
            self.tell("output", "how much memory is shown")

        with self.step(
            "gru", "Now the GRU. It has one memory only, its output h, and two gates for it."
        ):
            self.turn("gru")

        with self.step(
            "reset", "The GRU’s reset gate: how much of the past its candidate gets to see."
        ):
            self.tell("reset", "how much past is recalled")

        update = "replaces" if self.traces["gru"].cell == "gru-chung" else ""
        with self.step(
            "update",
            "The update gate: 1 keeps the old output, 0 puts the candidate in its place."
            if not update
            else "The update gate: 0 keeps the old output, 1 puts the candidate in its place.",
            variant=update,
        ):
            job = "how much is replaced" if update else "how much of the old stays"
            self.tell("update", job)

        with self.step("new", "The GRU’s candidate: what the new output could be."):
            self.tell("candidate", "what the output could be")
            self.conclude()

        with self.step(
            "together",
            "So an LSTM has three gates and a candidate, and a GRU has two gates and a candidate.",
        ):
            self.together()
