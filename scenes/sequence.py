"""The sequence."""

from lstmviz.stage import SequenceStory


class Sequence(SequenceStory):
    """A sequence: words become vectors, and enter the cell one by one."""

    cell = "rnn"

    def pick(self) -> int:
        """Begin with the first word."""
        return 0

    def construct(self) -> None:
        """Turn words into vectors, and let them into the cell."""
        numbers = "numbers" if self.trace.kind == "numbers" else ""
        first = "first" if self.now.tick == 0 else ""
        size, features = len(self.now["x"]), self.feature_names
        named = ("some-features" if self.features_note else "features") if features else ""

        with self.step(
            "line",
            "A text is a sequence: one word after the other."
            if not numbers
            else "This is a sequence: one step after the other.",
            variant=numbers,
        ):
            self.line_up()

        with self.step(
            "vectors",
            "A network computes with numbers, so every word is turned "
            "into a vector: here, of size {size}."
            if not numbers
            else "Each step is a vector; here its size is {size}."
            if not features
            else "Each step is a vector of {size} numbers, among them {features}."
            if self.features_note
            else "Each step is a vector of {size} {size|number|numbers}: {features}.",
            variant=named or numbers,
            size=size,
            features=features,
        ):
            self.embed()

        with self.step(
            "enter",
            "“{word}” enters the {cell}, which makes a new state h from it "
            "and the state that was there."
            if not first
            else "The first one, "
            "“{word}”, enters the {cell}, which makes its first state h from it.",
            variant=first,
        ):
            self.enter()

        if self.line:
            with self.step(
                "next", "Then the next one enters: from it and the old state comes a new one."
            ):
                self.enter()

        if self.line:
            with self.step(
                "on",
                "So it goes on, one by one: the state always holds what became "
                "of all that has entered.",
            ):
                for _ in range(min(len(self.line), 4)):
                    self.enter(run_time=0.7)
