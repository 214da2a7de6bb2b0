"""The logistic sigmoid."""

from lstmviz.stage import CurveStory, Unit


class Sigmoid(CurveStory):
    """The sigmoid function: every value becomes a gate between 0 and 1."""

    cell = "lstm"
    squash = "sigma"
    multiplies = True
    pairs = (
        ("a_i", "i", "g", "added"),
        ("a_z", "z", "h_prev", "kept"),
        ("a_r", "r", "h_prev", "recalled"),
        ("a_f", "f", "c_prev", "kept"),
    )
    loop_of = "gate"

    def construct(self) -> None:
        """Send the sums of one tick through σ, and let the results work as gates."""
        before, after, whole, left = self.readings
        sums = self.now[before]
        high = Unit(max(self.shown, key=lambda unit: sums[unit]))
        low = Unit(min(self.shown, key=lambda unit: sums[unit]))
        erased = Unit(max(self.shown, key=lambda k: abs(self.now[whole][k] - self.now[left][k])))

        with self.step(
            "values",
            "At “{word}”, each unit of the {cell} has added up a sum. A sum can be any size.",
        ):
            self.show_values()

        with self.step("curve", "The curve of σ never leaves the band between 0 and 1."):
            self.draw_curve()

        with self.step(
            "drop",
            "Find each sum on the axis: the curve above it gives the new value.",
        ):
            self.drop_values()

        with self.step("leave", "The heights of the curve are the gates, all between 0 and 1."):
            self.collect_results()

        with self.step(
            "low",
            "The lowest sum, {before}, becomes {after}.",
            before=self.told(before, low),
            after=self.told(after, low),
        ):
            self.point_at(low)

        with self.step(
            "high",
            "The highest sum, {before}, becomes {after}.",
            before=self.told(before, high),
            after=self.told(after, high),
        ):
            self.point_at(high)

        with self.step(
            "gate",
            "Multiplied by a gate near 1, a value stays; near 0, it is erased. Unit "
            "{unit} goes from {whole} to {left}.",
            unit=erased,
            whole=self.told(whole, erased),
            left=self.told(left, erased),
        ):
            self.multiply()
