"""Inside a layer."""

from lstmviz.stage import LayerStory, Unit


class Layer(LayerStory):
    """Inside a layer: where the numbers of a gate come from."""

    loop_of = "multiply"

    def construct(self) -> None:
        """Go into the first layer of the cell, make its sums row by row, and come out."""
        unit = Unit(self.first_unit)

        with self.step(
            "question",
            "The last output h and the new input x go into a layer, and one number for each unit "
            "comes out. How are these made?",
        ):
            self.bring_in()

        trained = "" if self.trained else "random"
        with self.step(
            "inside",
            "Inside are two matrices of weights: W for the input, R for the last output. Training "
            "has set them; they are the same at every word."
            if not trained
            else "Inside are two matrices of weights: W for the input, R for the last output. "
            "Nothing has trained them yet: here they are random.",
            variant=trained,
        ):
            self.go_in()

        many = "many" if self.many else ""
        with self.step(
            "multiply",
            "The row of W for unit {unit} slides over x, and each number of x is multiplied by "
            "the weight above it."
            if not many
            else "The row of W for unit {unit} slides over x. The largest products are written "
            "out here, and the others are put together.",
            variant=many,
            unit=unit,
        ):
            self.multiply()

        with self.step(
            "add",
            "The products are added up, and a bias with them: this is what the input says to "
            "unit {unit}.",
            unit=unit,
        ):
            self.add_up()

        peeps = "peep" if self.peeps else ""
        with self.step(
            "past",
            "A row of R does the same with h: this is what the last output says to unit {unit}."
            if not peeps
            else "A row of R does the same with h. And through its peephole, unit {unit} sees its "
            "own memory, times one more weight.",
            variant=peeps,
            unit=unit,
        ):
            self.look_back()

        with self.step(
            "total",
            "Added up, they are the sum of unit {unit}: {total}.",
            unit=unit,
            total=self.sum_said(),
        ):
            self.total()

        if len(self.units) > 1:
            with self.step(
                "rows",
                "Every unit has rows of its own, and so listens to all of x and all of h in its "
                "own way.",
            ):
                self.other_units()

        with self.step(
            "out",
            "Back outside: one sum for each unit, and {function} of each sum is what comes out "
            "of the layer.",
            function=self.function,
        ):
            self.come_out()
