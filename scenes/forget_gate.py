"""The forget gate."""

import numpy as np

from lstmviz.stage import CellStory, Pair, Unit


class ForgetGate(CellStory):
    """The forget gate: how much of the old memory stays."""

    needs = ("x", "h_prev", "c_prev", "wx_f", "rh_f", "a_f", "f", "kept")

    def pick(self) -> int:
        """Tell the word that erases most of the memory."""
        lost = np.abs(self.trace["c_prev"] - self.trace["kept"]).sum(axis=1)
        return int(np.argmax(lost))

    def construct(self) -> None:
        """Follow the memory to the gate, through it, and over all words."""
        circuit = self.circuit
        gate, times = circuit["forget"], circuit["forget×"]
        first = self.now.tick == 0

        with self.step("memory", "This is the first word: the memory of the {cell}, its cell state, "
                       "is still empty." if first else "The {cell} comes to “{word}” with a memory "
                       "of everything before it: the cell state.", variant="first" if first else ""):
            equation = self.look("cell state", "c", ["c_prev"])
            memory, arrives = self.arriving("c_prev", "c_prev")
            self.play(*circuit.focus("c_prev", "c_(t-1)"), *self.turn(equation), *arrives)

        with self.step("join", "Its last output and the new input meet, and go on side by side."):
            equation = self.look("what the gate sees", "ink", ["h_prev", "x"])
            h, h_arrives = self.arriving("h_prev", "h_prev")
            x, x_arrives = self.arriving("x", "x")
            self.play(*circuit.focus("h_prev", "x", "join", "h_(t-1)", "x_t"),
                      *self.turn(equation), *h_arrives, *x_arrives)
            pair = Pair(h, x)
            self.play(pair.close(circuit["join"].at), run_time=0.6)

        with self.step("weigh", "The gate weighs both, with weights that were learned, and adds up: "
                       "one sum for each unit."):
            equation = self.look("forget gate", "forget", ["wx_f", "rh_f", "a_f"], ["+", "="],
                                 "a_f = W_f x_t + R_f h_(t-1) + b_f", ["a_f", "x", "h_prev"])
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
            equation = self.look("forget gate", "forget", ["c_prev", "f", "kept"], ["×", "="],
                                 "c_t = f_t dot.o c_(t-1) + i_t dot.o g_t", ["f", "c_prev"],
                                 "+ i_t dot.o g_t")
            kept = self.column("kept")
            self.play(*circuit.focus("c_prev", "f", "forget×", "kept", "forget", "c_(t-1)"),
                      *self.turn(*equation.operands), self.send(memory, "c_prev to forget×"),
                      self.send(keep, "f to forget×"))
            self.play(self.into(memory, times), self.into(keep, times), run_time=0.5)
            self.play(self.out_of(kept, times.at, circuit.way("kept")[-1]),
                      *self.write(*equation.result))

        lost = np.abs(np.asarray(self.now["c_prev"]) - np.asarray(self.now["kept"]))
        unit = Unit(max(self.units, key=lambda k: lost[k]))
        with self.step("outcome", "Nothing was there to forget yet: what goes on is still empty."
                       if first else "Unit {unit} held {c_prev[unit]}; its gate lets {f[unit]:.0%} "
                       "through, and {kept[unit]} is left.", variant="first" if first else "",
                       unit=unit):
            self.play(*circuit.focus("kept", "forget×"), *self.write(equation.ring(unit, self.theme.ink)))

        with self.step("history", "Over the whole text: where f is near 1 the memory c below it stays, "
                       "where f is near 0 it is wiped."):
            self.show_history(["f", "c"], "forget gate", "forget")
