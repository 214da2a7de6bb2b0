"""The reset gate."""

import numpy as np

from lstmviz.stage import GruGateStory, Unit


class ResetGate(GruGateStory):
    """The reset gate: whether the past has a say in the candidate."""

    needs = ("x", "h_prev", "wx_r", "rh_r", "a_r", "r", "recalled", "wx_n", "a_n", "n")
    loop_of = "recall"

    def pick(self) -> int:
        """Tell the word at which most of the past is kept out."""
        past = self.trace["past" if "past" in self.trace else "h_prev"]
        return int(np.argmax(np.abs(past - self.trace["recalled"]).sum(axis=1)))

    def construct(self) -> None:
        """Make the gate, let it meet the past, and make the candidate of what is let in."""
        first, before = "first" if self.starts_empty else "", "" if self.reset_after else "before"
        gate, made = self.other_function("r"), self.other_function("n")

        with self.step(
            "state",
            "The {cell} reaches “{word}” with its state h: what it has kept of the past."
            if not first
            else "The {cell} reaches the first word: its state h, the past, is still empty.",
            variant=first,
        ):
            self.remember()

        with self.step(
            "weigh",
            "A candidate for the new state is on its way. First, the reset gate weighs "
            "the input and the past.",
        ):
            self.gather(lens=False)
            self.weigh("reset")

        with self.step(
            "squash",
            "σ squashes each sum into a number between 0 and 1, r: how much of a say the past gets."
            if not gate
            else "{function} makes a gate of each sum, r: how much of a say the past gets.",
            **gate,
        ):
            self.squash("reset")

        if self.reset_after:
            bias = "bias" if self.has_bias("past") else ""
            with self.step(
                "past",
                "In this GRU, the past is weighed first: R h is what it "
                "would say about the candidate."
                if not bias
                else "In this GRU, the "
                "past is weighed first: R h plus a bias is what it would say about "
                "the candidate.",
                variant=bias,
            ):
                self.weigh_past()

        with self.step(
            "recall",
            "Each number of the past is multiplied by its gate: 1 lets it in, 0 keeps it out.",
        ):
            self.recall()

        with self.step(
            "add",
            "What the input says and what is left of the past are added up."
            if not before
            else "In this GRU, the past is weighed only now, and added to what the input says.",
            variant=before,
        ):
            self.add_word()

        with self.step(
            "tanh",
            "tanh squashes the sum into the range from −1 to 1: that is the candidate."
            if not made
            else "{function} of the sum: that is the candidate.",
            **made,
        ):
            self.squash("candidate")

        with self.step(
            "valves",
            "All of it at a glance: the gates are valves in the stream "
            "from the past to the candidate.",
        ):
            self.open_valves()

        past = self.now["past" if self.reset_after else "h_prev"]
        unit = Unit(max(self.units, key=lambda k: abs(past[k] - self.now["recalled"][k])))
        with self.step(
            "outcome",
            "Unit {unit}: of {past}, the gate lets about {r[unit]:.0%} through: "
            "{recalled[unit]}. The input itself says {wx_n[unit]}.",
            unit=unit,
            past=self.told(past.name, unit),
        ):
            self.point_out(unit, self.valves)

        told, mean = self.now.tick, self.trace["r"].mean(axis=1)
        other = int(np.argmax(np.abs(mean - mean[told])[1:])) + 1 if len(mean) > 1 else told
        written = np.round(self.trace["r"][[told, other]], 2)
        if (written[0] != written[1]).any():
            shut = "shut" if mean[other] < mean[told] else ""
            with self.step(
                "other",
                "At “{other}” the gates are open wider: more of the past gets through."
                if not shut
                else "At “{other}” the gates are closed further: less of the past gets through.",
                variant=shut,
                other=self.word_at(other),
            ):
                self.turn_to(other)
            self.light(told)

        with self.step(
            "history",
            "Over time: where r is near 1, the past has its say; where r is near 0, the "
            "input speaks alone.",
        ):
            self.show_history(["r", "n"], "reset gate", "forget")
