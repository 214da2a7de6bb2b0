"""The sequence."""

from lstmviz.stage import SequenceStory


class Sequence(SequenceStory):
    """A sequence: words become vectors, and enter the cell one by one."""

    cell = "rnn"
    loop_of = "next"

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
            "A text is a sequence: one word after another."
            if not numbers
            else "This is a sequence: one step after another.",
            variant=numbers,
        ):
            self.line_up()

        with self.step(
            "vectors",
            "A network computes with numbers, so every word becomes a vector: here, of "
            "{size} {size|number|numbers}."
            if not numbers
            else "Each step is a vector: here, of {size} {size|number|numbers}."
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
            "“{word}” enters the {cell}, which combines it with the old state to make a "
            "new state h."
            if not first
            else "The first one, “{word}”, enters the {cell}, which makes its first state h of it.",
            variant=first,
        ):
            self.enter()

        if self.line:
            with self.step(
                "next", "Then the next one enters: together with the old state, it makes a new one."
            ):
                self.enter()

        if self.line:
            with self.step(
                "on",
                "And so on, one by one: the state always carries what has become of "
                "everything so far.",
            ):
                for _ in range(min(len(self.line), 4)):
                    self.enter(run_time=0.7)
