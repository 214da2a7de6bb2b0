"""What happens without tanh."""

from lstmviz.stage import RepeatStory, Unit


class WithoutTanh(RepeatStory):
    """Without tanh: multiplied by 3 at every step, a vector explodes."""

    loop_of = "leave"

    def construct(self) -> None:
        """Multiply until the bars leave the picture, rescale, and go on."""
        unit = Unit(self.largest)

        with self.step(
            "vector",
            "To the network, “{word}” is a vector. Here are its numbers, in digits and as bars.",
        ):
            self.show_vector()

        with self.step(
            "once",
            "Suppose every step multiplies it by 3. After the first step, each bar is "
            "three times as long.",
        ):
            self.show_loop()
            self.multiply()

        with self.step(
            "leave", "Two more steps, and bars run out of the picture: their ends are out of sight."
        ):
            self.multiply()
            self.multiply()

        with self.step(
            "rescale",
            "The axis has to be rescaled; the band from −1 to 1, where it all began, gets narrow.",
        ):
            self.rescale()

        with self.step(
            "on",
            "And so it goes on: {steps} steps take unit {unit} from {start} to {end}.",
            unit=unit,
            steps=len(self.repeats),
            start=self.said("v_prev", 0, unit),
            end=self.said("v", -1, unit),
        ):
            self.run_on()

        with self.step(
            "all",
            "Step by step, side by side: nothing holds the numbers back. That is why "
            "something has to.",
        ):
            self.show_all()
