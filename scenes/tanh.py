"""The hyperbolic tangent."""

from lstmviz.stage import CurveStory, Unit


class Tanh(CurveStory):
    """The tanh function: every value leaves between −1 and 1."""

    cell = "rnn"
    squash = "tanh"
    pairs = (("a_h", "h"), ("a_g", "g"), ("a_n", "n"))
    loop_of = "drop:leave"

    def construct(self) -> None:
        """Send the sums of one tick through tanh, then those of all ticks."""
        before, after = self.readings
        sums = self.now[before]
        far = Unit(max(self.shown, key=lambda unit: abs(sums[unit])))
        near = Unit(min(self.shown, key=lambda unit: abs(sums[unit])))

        with self.step(
            "values",
            "At “{word}”, each unit of the {cell} has added up a sum. A sum can be any size.",
        ):
            self.show_values()

        with self.step("curve", "The curve of tanh never leaves the band between −1 and 1."):
            self.draw_curve()

        with self.step(
            "drop",
            "Find each sum on the axis: the curve above or below it gives the new value.",
        ):
            self.drop_values()

        with self.step(
            "leave", "The heights of the curve are the new values, all between −1 and 1."
        ):
            self.collect_results()

        mild = "mild" if abs(sums[far]) < 2 else ""
        with self.step(
            "far",
            "Far from 0 the curve is flat: {before} becomes {after}, and a sum even "
            "further out would give almost the same."
            if not mild
            else "The sum furthest from 0 changes most: {before} becomes {after}.",
            variant=mild,
            before=self.told(before, far),
            after=self.told(after, far),
        ):
            self.point_at(far)

        with self.step(
            "near",
            "The sum nearest to 0 changes least: {before} becomes {after}.",
            before=self.told(before, near),
            after=self.told(after, near),
        ):
            self.point_at(near)

        with self.step(
            "all",
            "It is the same at every word: whatever the sum, the result lies between −1 and 1.",
        ):
            self.scatter()
