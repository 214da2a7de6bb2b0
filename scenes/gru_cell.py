"""The GRU, beside the LSTM."""

from lstmviz.stage import ComparisonStory


class GruCell(ComparisonStory):
    """The GRU assembled part by part beside an LSTM: what went away, what merged."""

    needs = ("x", "h_prev", "r", "recalled", "z", "n", "rest", "kept", "added", "h")
    loop_of = "new"

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
            "The GRU gives up the cell state: its one state, h, is memory and output at once.",
        ):
            self.move_aside()
            self.drop("c_(t-1)", "c_prev", "c", "c down", "c_t")
            self.note(["−", "cell state"], "c")
            self.build("highway", "h_(t-1)", "h_t", like=("kept",))

        with self.step(
            "output", "A memory that is shown whole needs no output gate, so that goes, too."
        ):
            self.drop(
                "output up", "output bus", "output", "o", "show", "shown", "output×", "h", "h_t"
            )
            self.note(["−", "output gate"], "output")

        with self.step(
            "join", "What comes in stays the same: the previous output and the new input, joined."
        ):
            self.build(
                "h_prev down", "x", "join", "x_t", like=("h_prev", "x", "join", "h_(t-1)", "x_t")
            )

        with self.step(
            "update",
            "Forget gate and input gate merge into one, the update gate: what is kept "
            "and what gets in add up to 1.",
        ):
            self.merge("forget", "input", into="update")
            self.build("update", "update up", "update bus", "reset bus", like=("forget", "input"))
            self.note(["forget gate", "+", "input gate", "→", "update gate"], "input")

        with self.step(
            "blend",
            "z says how much of the old state stays, 1 − z how much of the candidate gets in."
            if not chung
            else "z says how much of the candidate gets in, 1 − z how much of the old state stays.",
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
            "The reset gate is new: it decides how much of a say the past has in the "
            "candidate, which may thus begin afresh.",
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

        with self.step(
            "gates", "Now “{word}” comes in: both gates weigh it together with the old state."
        ):
            self.ask_gates()

        with self.step("propose", "r decides how much of the past goes into the candidate."):
            self.reset_past()

        with self.step(
            "made",
            "What is left of it is added to what the input brings: tanh makes the candidate of it."
            if not own
            else "What is left of it is added to what the input brings: {function} makes the "
            "candidate of it.",
            **own,
        ):
            self.make_candidate()

        with self.step(
            "new",
            "z decides how much of the old stays and how much of the candidate gets in: "
            "the new state.",
        ):
            self.share_out()
            self.add_up()
