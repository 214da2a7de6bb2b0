"""The cell of the simple recurrent network."""

from lstmviz.stage import RnnStory


class RnnCell(RnnStory):
    """The RNN cell: x and h are weighed, added and squashed into the new h."""

    needs = ("x", "h_prev", "wx_h", "rh_h", "a_h", "h")
    loop_of = "squash"

    def construct(self) -> None:
        """Follow the last state and the new input to the new state."""
        first = "" if any(self.now["h_prev"]) else "first"
        relu = "relu" if self.circuit["hidden"].function == "relu" else ""

        with self.step(
            "state",
            "The {cell} has one memory, its hidden state h: what it has made of everything so far."
            if not first
            else "The {cell} has one memory, its hidden state h. It is still empty.",
            variant=first,
        ):
            self.receive("h_prev")

        with self.step("word", "Now “{word}” comes in, as a vector x."):
            self.receive("x")

        with self.step(
            "weigh",
            "h and x are not simply added: first, each is multiplied by weights of its own.",
        ):
            self.weigh_each()

        with self.step("add", "Only then are they added: one sum for each unit."):
            self.add_up()

        own = {"variant": relu} if relu else self.other_function("h")
        with self.step(
            "squash",
            "ReLU lets sums above 0 pass, and turns all others into 0."
            if relu
            else "tanh squashes every sum into the range from −1 to 1."
            if not own
            else "{function} turns every sum into the new value.",
            **own,
        ):
            self.squash_sum()

        with self.step(
            "new",
            "That is the new hidden state: the output, and the memory with which the "
            "next step begins.",
        ):
            self.hand_on()

        with self.step(
            "history", "From the first step to the last, the state is computed afresh every time."
        ):
            self.show_history(["h"], "hidden state", "h")
