"""How a weight learns, and what reaches it from the far past."""

from lstmviz.stage import LearningStory


class GradientUpdate(LearningStory):
    """How a weight learns: by its gradient, which fades on its way back through time."""

    loop_of = "all"

    def construct(self) -> None:
        """Send the error back through the chain of cells, and let the weight gather it."""
        with self.step(
            "rule",
            "One cell, drawn once for each word: the same weight is in all of them. It learns "
            "by changing a little, against the gradient of the error.",
        ):
            self.show_chain()

        with self.step(
            "error",
            "Suppose the answer has just been wrong. The error enters at the last word."
            if not self.error
            else "Suppose the answer has just been wrong. The error enters at the last word, and "
            "at others from above as well."
            if self.error == "direct"
            else "Take the sum of all outputs at the end as the error. It enters at the last word."
            if self.error == "sum"
            else "Take the sum of all outputs at the end as the error. It enters at the last word, "
            "and at others from above as well.",
            variant=self.error,
        ):
            self.show_error()

        if self.goes_back:
            with self.step(
                "back",
                "From there the gradient goes back through time, word by word. The dimmer a "
                "cell, the less of it arrives.",
            ):
                self.go_back()

        fate, values = self.fate(self.far)
        if self.back:
            with self.step(
                "far",
                "Of {start} at the end, {left} reaches “{first}”, {back} {back|word|words} back: "
                "on its way the gradient has faded."
                if fate == "fades"
                else "{there} still reaches “{cut}”. There the network lets go of what it knew, "
                "and the way back is cut: “{first}” gets {left}."
                if fate == "cut"
                else "“{first}”, {back} {back|word|words} back, still gets {left}; the last word "
                "gets {start}."
                if fate == "kept"
                else "From {start} at the end the gradient has grown to {left} at “{first}”, "
                "{back} {back|word|words} back."
                if fate == "grows"
                else "Here nothing comes back: the gradient is {left} at every word."
                if fate == "nothing"
                else "“{first}” gets {left}. Here the error reaches the words from above, too, "
                "not only along the chain.",
                variant=fate,
                **values,
            ):
                self.reach_far()

        with self.step(
            "parts",
            "At every word, a part of the gradient falls to the weight that they all share."
            if not self.falling
            else "At every word, a part of it falls to the shared weight. The first word adds "
            "nothing: there is no state before it."
            if self.falling == "first"
            else "There is only one word, and no state before it: nothing falls to this weight."
            if self.falling == "alone"
            else "Nothing falls to this weight, at any word.",
            variant=self.falling,
        ):
            self.drop_parts()

        with self.step(
            "sum",
            "All these parts add up to the gradient of the weight: {gradient}."
            if not self.left_out
            else "All the parts, those of the words left out as well, add up to the gradient of "
            "the weight: {gradient}.",
            variant="more" if self.left_out else "",
            gradient=self.said("gathered", 0),
        ):
            self.pile_up()

        before, after = self.said("weight_prev", -1), self.said("weight", 0)
        still = "" if f"{before}" != f"{after}" else "still" if self.falls_at_all else "nothing"
        with self.step(
            "move",
            "One step of learning: learning rate times gradient is taken off, and the weight "
            "moves from {before} to {after}."
            if not still
            else "Learning rate times gradient is too small to be seen here: the weight stays at "
            "{after}."
            if still == "still"
            else "There is nothing to take off: the weight stays at {after}.",
            variant=still,
            before=before,
            after=after,
        ):
            self.move_weight()

        fate, values = self.fate(0)
        if len(self.trace) > 1:
            with self.step(
                "all",
                "The whole text at a glance: the network learns much from its end, and hardly "
                "anything from its beginning."
                if fate == "fades"
                else "The whole text at a glance: everything back to “{cut}” can teach the "
                "network; what came before was let go of, and hardly can."
                if fate == "cut"
                else "The whole text at a glance: even its first words can teach the network."
                if fate == "kept"
                else "The whole text at a glance: how large the gradient is at each word.",
                variant=fate if fate in ("fades", "cut", "kept") else "",
                **values,
            ):
                self.show_all()
