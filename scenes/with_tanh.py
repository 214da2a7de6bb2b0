"""What happens with tanh."""

from lstmviz.stage import RepeatStory, Unit


class WithTanh(RepeatStory):
    """With tanh after every step, the same vector stays within −1 … 1."""

    squash = True
    loop_of = "squash"

    def construct(self) -> None:
        """Multiply and squash, step by step."""
        unit = Unit(self.largest)

        with self.step("vector", "The same vector again, the one for “{word}”."):
            self.show_vector()

        with self.step("loop", "Again, each step multiplies it by 3, but now tanh follows."):
            self.show_loop()

        with self.step(
            "multiply",
            "Times 3: each bar is three times as long. Unit {unit} is now at {a}.",
            unit=unit,
            a=self.said("a", 0, unit),
        ):
            self.multiply()

        with self.step(
            "squash",
            "tanh pulls every bar back into the band from −1 to 1: {a} becomes {v}.",
            a=self.said("a", 0, unit),
            v=self.said("v", 0, unit),
        ):
            self.squeeze()

        with self.step(
            "on", "And so it goes on: times 3 stretches the bars, tanh pulls them back."
        ):
            self.run_on()

        with self.step(
            "end",
            "After {steps} steps, unit {unit} is at {v}. Without tanh, it would be at {wild}.",
            unit=unit,
            steps=len(self.repeats),
            v=self.said("v", -1, unit),
            wild=self.said("v", -1, unit, wild=True),
        ):
            self.show_both_ends()

        levelled = self.levelled()
        if levelled is not None:
            large, small = levelled
            with self.step(
                "price",
                "The price: unit {large} began at {a}, unit {small} at {b}. Now they stand at "
                "{c} and {d}: which one was larger can no longer be seen.",
                large=large,
                small=small,
                a=self.said("v_prev", 0, large),
                b=self.said("v_prev", 0, small),
                c=self.said("v", -1, large),
                d=self.said("v", -1, small),
            ):
                self.ring(large, small)

        with self.step(
            "all",
            "Step by step, side by side: however often we multiply, tanh leaves nothing "
            "outside −1 … 1.",
        ):
            self.show_all()
