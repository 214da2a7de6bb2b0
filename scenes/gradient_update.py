"""How a weight learns, and why it does not learn from the far past."""

from lstmviz.stage import LearningStory


class GradientUpdate(LearningStory):
    """How a weight learns: by its gradient, which fades on its way back through time."""

    def construct(self) -> None:
        """Tell the rule, apply it to the last word, and to ever earlier ones."""
        with self.step(
            "rule",
            "A network learns by changing each of its weights a little, "
            "against the gradient of its error.",
        ):
            self.show_rule()

        with self.step(
            "numbers",
            "Suppose its answer has just been wrong. For one weight, and the gradient "
            "that comes through “{word}”, the rule says:",
        ):
            self.show_numbers()

        before, after = self.said("weight_prev"), self.said("weight")
        still = "still" if f"{before}" == f"{after}" else ""
        with self.step(
            "move",
            "The weight moves from {before} to {after}. The arrow is as long as learning rate "
            "times gradient."
            if not still
            else "The weight stays at {after}: learning rate times gradient is too small to be "
            "seen.",
            variant=still,
            before=before,
            after=after,
        ):
            self.move_weight()

        if len(self.trace) > 2:
            with self.step(
                "earlier",
                "The word before had a part in the error, too: the same rule, with the "
                "gradient that comes through it.",
            ):
                self.step_back()

        if self.now.tick - 1 > self.far:
            with self.step(
                "back",
                "Back through time, word by word: each gradient has come "
                "through all the steps in between.",
            ):
                self.step_back_on()

        if len(self.trace) > 1:
            kept = "" if self.vanishes else "kept"
            with self.step(
                "far",
                "{back} {back|word|words} back, hardly anything arrives: the arrow has "
                "shrunk to almost nothing, and the weight hardly moves."
                if not kept
                else "{back} {back|word|words} back, this much of the gradient still arrives.",
                variant=kept,
                back=len(self.trace) - 1 - self.far,
            ):
                self.jump_back()

        if len(self.trace) > 1:
            with self.step(
                "all",
                "The gradient of all such weights, word by word: the network "
                "learns from the end, and hardly from the beginning."
                if not kept
                else "The gradient of all such weights, word by word: here the early words still "
                "teach it something.",
                variant=kept,
            ):
                self.show_all()
