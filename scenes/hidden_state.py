"""The hidden state."""

from lstmviz.stage import UnrolledStory


class HiddenState(UnrolledStory):
    """The hidden state: handed from step to step, in the unrolled network."""

    cell = "rnn"
    loop_of = "chain"

    def pick(self) -> int:
        """Begin with the first word, before which the state is empty."""
        return 0

    def construct(self) -> None:
        """Draw the cell once for each word, and hand the state from one to the next."""
        first = "" if any(self.now["h_prev"]) else "first"
        units = len(self.now["h"])

        with self.step(
            "before",
            "The {cell} reaches “{word}” with the hidden state h that the earlier steps left."
            if not first
            else "Before the first step, the {cell}’s hidden state h is empty: {units} "
            "{units|zero|zeros}.",
            variant=first,
            units=units,
        ):
            self.begin()

        with self.step(
            "made", "The {cell} combines this state with the input, and makes the next state."
        ):
            self.work()

        if self.count > 1:
            with self.step(
                "handed",
                "The next step has the same {cell}, with the same weights. It is handed the "
                "state it has just made.",
            ):
                self.step_on()
                self.work()

        if self.count > 2:
            with self.step(
                "unrolled",
                "Drawn once for each step, side by side, this is called the unrolled network.",
            ):
                while len(self.cells) < self.count:
                    self.step_on()
                    self.work(run_time=0.7)

        with self.step(
            "chain", "Whatever a later step knows about an earlier one has come along this chain."
        ):
            self.travel()
