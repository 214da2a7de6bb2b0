"""The update gate."""

import numpy as np

from lstmviz.stage import GruGateStory, Unit


class UpdateGate(GruGateStory):
    """The update gate: where the new state lies between the old one and the candidate."""

    needs = ("x", "h_prev", "wx_z", "rh_z", "a_z", "z", "n", "rest", "kept", "added", "h")
    loop_of = "slide"

    def construct(self) -> None:
        """Make the gate, let it slide every unit, and show the same on the wires."""
        first = "first" if self.starts_empty else ""
        chung = "" if self.keeps else "chung"

        with self.step(
            "state",
            "The {cell} has one state, h: memory and output in one. This is what it "
            "brings to “{word}”."
            if not first
            else "The {cell} has one state, h: memory and output in one. At the first word it "
            "is still empty.",
            variant=first,
        ):
            self.remember()

        with self.step(
            "candidate",
            "From the input and the past, it has made a candidate: what the state could become.",
        ):
            self.propose()

        with self.step(
            "weigh",
            "How much of it should be taken? The update gate weighs the input and the "
            "old state: one sum for each unit.",
        ):
            self.gather(lens=False)
            self.weigh("update")

        own = self.other_function("z")
        with self.step(
            "squash",
            "σ squashes each sum into a number between 0 and 1: z."
            if not own
            else "{function} makes a gate of each sum: z.",
            **own,
        ):
            self.squash("update")

        with self.step(
            "tracks",
            "Each unit gets a track from its old value to its candidate. At z = 1 it "
            "stays old, at z = 0 it is all new."
            if not chung
            else "Each unit gets a track from its old value to its candidate. At z = 0 it "
            "stays old, at z = 1 it is all new.",
            variant=chung,
        ):
            self.lay_tracks()

        with self.step(
            "slide",
            "z marks a place on the track, and the unit slides there: that is the new state.",
        ):
            self.slide()

        gone = np.abs(np.asarray(self.now["h"]) - np.asarray(self.now["h_prev"]))
        held = np.abs(np.asarray(self.now["n"]) - np.asarray(self.now["h"]))
        unit = Unit(max(self.units, key=lambda k: gone[k]))
        still = "" if self.differ("h_prev", "h", unit) else "still"
        with self.step(
            "moves",
            "Unit {unit} moves furthest: with z = {z[unit]}, it slides from "
            "{h_prev[unit]} to {h[unit]}."
            if not still
            else "No unit moves far: even unit {unit}, with z = {z[unit]}, stays at {h[unit]}.",
            variant=still,
            unit=unit,
        ):
            self.point_out(unit, self.blend)

        unit = Unit(max(self.units, key=lambda k: held[k]))
        there = "" if self.differ("n", "h", unit) else "there"
        with self.step(
            "stays",
            "Unit {unit} stays furthest from its candidate {n[unit]}: with z = "
            "{z[unit]}, it only gets to {h[unit]}."
            if not there
            else "All units reach their candidates: even unit {unit}, with z = {z[unit]}, gets to "
            "{n[unit]}.",
            variant=there,
            unit=unit,
        ):
            self.point_out(unit, self.blend)

        with self.step(
            "share",
            "On the wires: z keeps its share of the old state; what is left, 1 − z, lets "
            "in the candidate."
            if not chung
            else "On the wires: z lets in its share of the candidate; what is left, 1 − z, "
            "keeps the old state.",
            variant=chung,
        ):
            self.back_to_the_circuit("h_prev", "n", "z")
            self.share_out()

        with self.step(
            "sum",
            "The two shares add up to the new state: one gate does both the forgetting "
            "and the writing.",
        ):
            self.add_up()

        with self.step(
            "history",
            "Over time: where z is near 1, the state h below it stays; where z is near "
            "0, it is replaced."
            if not chung
            else "Over time: where z is near 0, the state h below it stays; where z is near "
            "1, it is replaced.",
            variant=chung,
        ):
            self.show_history(["z", "h"], "update gate", "input")
