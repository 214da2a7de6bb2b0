"""The GRU, beside the LSTM."""

from lstmviz.stage import ComparisonStory


class GruCell(ComparisonStory):
    """The GRU assembled part by part beside an LSTM: what went away, what merged."""

    needs = ("x", "h_prev", "r", "recalled", "z", "n", "rest", "kept", "added", "h")

    def construct(self) -> None:
        """Take the LSTM apart, build the GRU, and send one word through it."""
        chung = "" if self.keeps else "chung"

        with self.step(
            "lstm",
            "An LSTM carries two states from word to word: the cell state c, "
            "its memory, and h, its output.",
        ):
            self.show_lstm()

        with self.step(
            "state",
            "The GRU lets the cell state go: its one state, h, is memory and output at once.",
        ):
            self.move_aside()
            self.drop("c_(t-1)", "c_prev", "c", "c down", "c_t")
            self.note(["−", "cell state"], "c")
            self.build("highway", "h_(t-1)", "h_t", like=("kept",))

        with self.step(
            "output", "A memory that is shown whole needs no output gate: that goes, too."
        ):
            self.drop(
                "output up", "output bus", "output", "o", "show", "shown", "output×", "h", "h_t"
            )
            self.note(["−", "output gate"], "output")

        with self.step(
            "join", "What comes in is the same: the last output and the new input, side by side."
        ):
            self.build(
                "h_prev down", "x", "join", "x_t", like=("h_prev", "x", "join", "h_(t-1)", "x_t")
            )

        with self.step(
            "update",
            "Forget gate and input gate become one, the update gate: what is "
            "kept and what is let in add up to 1.",
        ):
            self.merge("forget", "input", into="update")
            self.build("update", "update up", "update bus", "reset bus", like=("forget", "input"))
            self.note(["forget gate", "+", "input gate", "→", "update gate"], "input")

        with self.step(
            "blend",
            "z says how much of the old state stays, 1 − z how much of the candidate comes in."
            if not chung
            else "z says how much of the candidate "
            "comes in, 1 − z how much of the old state stays.",
            variant=chung,
        ):
            self.build(
                "z",
                "z to rest",
                "1−",
                "rest",
                "write×",
                "added",
                like=("forget×", "write×", "+", "f", "i", "added"),
            )
            self.swap("highway", "h_prev", "keep×", "kept", "+", "h")

        own = self.other_function("n")
        with self.step(
            "candidate",
            "The candidate stays: tanh of what the input and the past say."
            if not own
            else "The candidate stays: {function} of what the input and the past say.",
            **own,
        ):
            self.merge("candidate", into="candidate")
            self.build(
                "candidate",
                "x on",
                "n",
                "h_prev to past",
                "past box",
                "unguarded",
                like=("candidate", "g"),
            )
            self.note(["candidate", "→", "candidate"], "candidate")

        with self.step(
            "reset",
            "New is the reset gate: it decides how much of the past has a say in the candidate.",
        ):
            self.build("reset", "reset up", "r", "signature")
            self.swap("unguarded", "h_prev to recall", "past", "recall×", "recalled")
            self.note(["+", "reset gate"], "forget")

        with self.step(
            "whole",
            "One state instead of two, three layers of weights instead of "
            "four: that is the whole GRU.",
        ):
            self.move_in()

        with self.step("gates", "Now “{word}” comes in: both gates weigh it and the old state."):
            self.ask_gates()

        with self.step("propose", "r decides what of the past takes part in the candidate."):
            self.make_candidate()

        with self.step(
            "new",
            "z decides what of the old stays and what of the candidate comes in: the new state.",
        ):
            self.share_out()
            self.add_up()
