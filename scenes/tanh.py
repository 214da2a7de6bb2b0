"""The hyperbolic tangent."""

from lstmviz.stage import CurveStory, Unit


class Tanh(CurveStory):
    """The tanh function: every value leaves between −1 and 1."""

    cell = "rnn"
    squash = "tanh"
    instead = ("relu",)
    pairs = (("a_h", "h"), ("a_g", "g"), ("a_n", "n"))
    loop_of = "drop:leave"

    def construct(self) -> None:
        """Send the sums of one tick through tanh, then those of all ticks."""
        before, after = self.readings
        sums, relu = self.now[before], "relu" if self.function == "relu" else ""
        size = float if relu else abs
        far = Unit(max(self.shown, key=lambda unit: size(sums[unit])))
        near = Unit(min(self.shown, key=lambda unit: size(sums[unit])))

        with self.step(
            "values",
            "At “{word}”, each unit of the {cell} has added up a sum. A sum can be any size.",
        ):
            self.show_values()

        with self.step(
            "curve",
            "The curve of tanh never leaves the band between −1 and 1."
            if not relu
            else "The curve of relu: below 0 it stays at 0, above 0 it is the sum itself.",
            variant=relu,
        ):
            self.draw_curve()

        with self.step(
            "drop",
            "Find each sum on the axis: the curve above or below it gives the new value."
            if not relu
            else "Find each sum on the axis: the curve there gives the new value.",
            variant=relu,
        ):
            self.drop_values()

        with self.step(
            "leave",
            "The heights of the curve are the new values, all between −1 and 1."
            if not relu
            else "The heights of the curve are the new values: none is below 0.",
            variant=relu,
        ):
            self.collect_results()

        mild = "mild" if abs(sums[far]) < 2 else ""
        cut = ("relu" if sums[far] >= 0 else "cut") if relu else mild
        with self.step(
            "far",
            {
                "": "Far from 0 the curve is flat: {before} becomes {after}, and a sum even "
                "further out would give almost the same.",
                "mild": "The sum furthest from 0 changes most: {before} becomes {after}.",
                "relu": "The highest sum, {before}, stays what it is: {after}.",
                "cut": "Even the highest sum, {before}, is below 0: it becomes {after}.",
            }[cut],
            variant=cut,
            before=self.told(before, far),
            after=self.told(after, far),
        ):
            self.point_at(far)

        kept = ("relu" if sums[near] < 0 else "kept") if relu else ""
        with self.step(
            "near",
            {
                "": "The sum nearest to 0 changes least: {before} becomes {after}.",
                "relu": "The lowest sum, {before}, is below 0: it becomes {after}.",
                "kept": "Even the lowest sum, {before}, is not below 0: it stays {after}.",
            }[kept],
            variant=kept,
            before=self.told(before, near),
            after=self.told(after, near),
        ):
            self.point_at(near)

        with self.step(
            "all",
            "It is the same at every word: whatever the sum, the result lies between −1 and 1."
            if not relu
            else "It is the same at every word: no result is below 0, and above it there is no "
            "limit.",
            variant=relu,
        ):
            self.scatter()
