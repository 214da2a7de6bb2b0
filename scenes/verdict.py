"""The verdict."""

from lstmviz.stage import VerdictStory


class Verdict(VerdictStory):
    """What a network makes of it all: its answer, added up, and how it changes word by word."""

    loop_of = "line"

    def construct(self) -> None:
        """Weigh the state, add up, read the answer, and follow it over all words."""
        with self.step(
            "state",
            {
                "": "All that the {cell} can answer is made of these numbers: its hidden state h.",
                "both": "The {cell} has read both ways. Its answer is made of the hidden states "
                "of both directions.",
                "pooled": "The answer of the {cell} is made of these numbers: the {pooling} of its "
                "hidden state h.",
                "dense": "The hidden state has gone through a further layer. The answer is made of "
                "the {count} {count|number|numbers} that came out of it.",
            }[self.state_variant],
            variant=self.state_variant,
            pooling=self.pooling,
            count=self.count,
        ):
            self.show_state()

        with self.step(
            "weigh",
            {
                "two": "Each number has its weight, learned in training. A product above 0 speaks "
                "for {label}, one below 0 for {side}.",
                "several": "Each answer has weights of its own; these are those of “{label}”. A "
                "product above 0 speaks for it.",
                "value": "Each number has its weight, learned in training. The products are the "
                "parts of the answer.",
            }[self.said.kind],
            variant=self.said.kind,
            label=self.label,
            side=self.other_side,
        ):
            self.weigh()

        with self.step(
            "sum",
            "Added up, with the bias b, the products make one number: {sum}.",
            sum=self.number("s"),
        ):
            self.add_up()

        with self.step(
            "answer",
            {
                "": "σ turns the sum into a probability: {answer} for {label}.",
                "several": "Softmax weighs the sums of all answers against each other: {answer} "
                "for “{label}”.",
                "each": "σ turns the sum of each answer into a probability: {answer} for "
                "“{label}”.",
                "value": "The sum is the answer: {answer}.",
                "function": "{function} turns the sum into the answer: {answer}.",
            }[self.answer_variant],
            variant=self.answer_variant,
            answer=self.number("p"),
            label=self.label,
            function=self.readout.kind,
        ):
            self.answer()

        with self.step(
            "line",
            {
                "": "The answer over time: at “{at}” it falls from {before} to {after}; it "
                "ends at {end}.",
                "rises": "The answer over time: at “{at}” it rises from {before} to {after}; it "
                "ends at {end}.",
                "still": "The answer over time; it ends at {end}.",
                "value": "The answer over time: it lies between {least} and {most}, and ends at "
                "{end}.",
            }[self.change["variant"]],
            **self.change,
        ):
            self.show_line()

        if self.other is not None:
            with self.step(
                "other",
                {
                    "": "The same network reads another text; there the answer ends at {end}.",
                    "numbers": "The same network reads another series; there the answer ends at "
                    "{end}.",
                }[self.other_variant],
                variant=self.other_variant,
                end=self.other_end(),
            ):
                self.show_other()
