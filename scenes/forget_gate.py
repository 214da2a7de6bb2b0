"""The forget gate."""

import numpy as np
from manim import FadeIn, FadeOut

from lstmviz.stage import CellStory, Pair, Unit


class ForgetGate(CellStory):
    """The forget gate: how much of the old memory stays."""

    needs = ("x", "h_prev", "c_prev", "wx_f", "rh_f", "a_f", "f", "kept")

    def pick(self) -> int:
        """Tell the word that erases most of the memory."""
        lost = np.abs(self.trace["c_prev"] - self.trace["kept"]).sum(axis=1)
        return int(np.argmax(lost))

    def construct(self) -> None:
        """Tell the story."""
        circuit = self.circuit
        gate, times = circuit["forget"], circuit["forget×"]

        with self.step("memory", "The LSTM comes to “{word}” with a memory of all words before: "
                       "the cell state."):
            equation = self.look("cell state", "c", ["c_prev"])
            memory, arrives = self.arriving("c_prev", "c_prev")
            self.play(*circuit.focus("c_prev", "c_(t-1)"), *self.turn(equation), *arrives)

        with self.step("join", "Its last output and the new word meet, and go on side by side."):
            equation = self.look("what the gate sees", "ink", ["h_prev", "x"])
            h, h_arrives = self.arriving("h_prev", "h_prev")
            x, x_arrives = self.arriving("x", "x")
            self.play(*circuit.focus("h_prev", "x", "join", "h_(t-1)", "x_t"),
                      *self.turn(equation), *h_arrives, *x_arrives)
            left, right = Pair.places(circuit["join"].at)
            self.play(h.animate.move_to(left), x.animate.move_to(right), run_time=0.6)

        with self.step("weigh", "The gate weighs them: each unit has weights of its own for the "
                       "word and for the last output, and adds up."):
            equation = self.look("forget gate", "forget", ["wx_f", "rh_f", "a_f"], ["+", "="],
                                 "a_f = W_f x_t + R_f h_(t-1) + b_f", ["a_f", "x", "h_prev"])
            pair = Pair(h, x)
            self.play(*circuit.focus("join", "forget_bus", "forget_up", "forget", "x_t", "h_(t-1)"),
                      *self.turn(equation), self.send(pair, "join to forget", 1.4))
            self.play(self.into(pair, gate), run_time=0.5)

        with self.step("squash", "σ turns each sum into a number between 0 and 1: how much to keep."):
            equation = self.look("forget gate", "forget", ["a_f", "f"], ["→"],
                                 "f_t = sigma(a_f)", ["f", "a_f"])
            keep = self.column("f")
            self.play(*circuit.focus("forget", "f"), *self.turn(equation),
                      self.out_of(keep, gate.at, circuit.way("f")[-1]))

        with self.step("forget", "Each number of the memory is multiplied by its gate: "
                       "1 keeps it, 0 erases it."):
            equation = self.look("forget gate", "forget", ["c_prev", "f", "kept"], ["×", "="])
            kept = self.column("kept")
            operands = [*equation.columns[:2], equation.headers, equation.indices, equation.signs_of(0)]
            self.play(*circuit.focus("c_prev", "f", "forget×", "kept", "forget", "c_(t-1)"),
                      *self.turn(*operands), self.send(memory, "c_prev to forget×"),
                      self.send(keep, "f to forget×"))
            self.play(self.into(memory, times), self.into(keep, times), run_time=0.5)
            self.play(self.out_of(kept, times.at, circuit.way("kept")[-1]),
                      *self.write(equation.columns[2], equation.signs_of(1)))
