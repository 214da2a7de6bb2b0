"""A GRU put together beside an LSTM: what goes away, what merges, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from manim import FadeIn, FadeOut, MoveToTarget, VGroup

from lstmviz.stage.circuits.gate import Gate
from lstmviz.stage.circuits.lstm import LstmCircuit
from lstmviz.stage.circuits.miniature import silent, simplify
from lstmviz.stage.circuits.placeholders import Reserved
from lstmviz.stage.circuits.wire import Ride, Wire, drawing
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.stories.cell.comparison_layout import comparison_places
from lstmviz.stage.stories.cell.gru import GruStory
from lstmviz.stage.text.text import TextLine, text_width

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.mobjects.lightable import Lightable
    from lstmviz.stage.stories.cell.comparison_layout import Stand


SMALL = 0.75  # of the em of the ledger: a line is set so small before it is shortened


class ComparisonStory(GruStory):
    """A story that builds a GRU beside an LSTM, in words.

    `show_lstm` puts the LSTM on the stage, `move_aside` makes room for the GRU; `drop` lets
    parts of the LSTM go, `build` adds parts to the GRU, `merge` makes one of them of some of
    the LSTM's; `note` keeps a ledger of it. `move_in` puts the GRU in its usual place, and
    `ask_gates`, `reset_past` and `make_candidate` send a word in.
    """

    def setup(self) -> None:
        """Keep the GRU off the stage until it is built, on ways without gaps."""
        super().setup()
        self.remove(self.circuit, self.lens)
        self.circuit.generate_target()
        wiring = self.wiring
        for name, way, hops in (
            ("highway", wiring.highway, ()),
            ("unguarded", wiring.unguarded, wiring.hops),
        ):
            self.circuit.adopt(name, Wire(self.theme, *way, role="h", hops=hops))
        self.places = comparison_places(self.layout)
        self._stand(self.circuit, self.places.gru)
        self.lstm = LstmCircuit(self.theme, self.lang)
        self.built: list[str] = []
        self.ledger = VGroup()

    def _stand(self, circuit: VGroup, stand: Stand) -> None:
        """Set a circuit to its place, as large as it is to be."""
        circuit.scale(stand.size / getattr(circuit, "scale_", 1.0), scale_stroke=True)
        circuit.move_to((stand.x, 0, 0))
        circuit.shift((0, stand.top - float(circuit.submobjects[0].get_top()[1]), 0))

    def show_lstm(self) -> None:
        """Put the LSTM on the stage, all of it lit."""
        self.lstm.scale(self.places.alone, scale_stroke=True)
        self.lstm.move_to((*self.layout.whole.center, 0))
        self.lstm.set_focus(self.lstm.parts)
        self.play(FadeIn(self.lstm))

    def move_aside(self) -> None:
        """Let the LSTM fade and make room, and the body of the GRU appear, with room for parts."""
        body, places = self.circuit.submobjects[0], self.places
        if places.quiet:
            self._become_quiet()
        else:
            target = self.lstm.generate_target()
            target.scale(1 / places.alone, scale_stroke=True)
            self._stand(target, places.lstm)
            target.set_focus(())
            self.lstm.lit = set()
            self.play(MoveToTarget(self.lstm))
        names = VGroup()
        for text, circuit in (("LSTM", self.lstm), (self.cell_name, self.circuit)):
            of = circuit.submobjects[0]
            at = (float(of.get_x()), float(of.get_top()[1]) + 0.28)
            names.add(TextLine(text, size=0.32, weight="bold", color=self.theme.ink, at=at))
        reserved = Reserved(self.circuit.parts.values(), self.theme)
        self.play(FadeIn(names), FadeIn(body), FadeIn(reserved), run_time=0.6)

    def _become_quiet(self) -> None:
        """Let an LSTM without words, which would be too small, take the place of the large one."""
        large, small = self.lstm, LstmCircuit(self.theme, silent(self.lang))
        self._stand(small, self.places.lstm)
        size = self.places.lstm.size
        simplify(small, size, self.layout.least)
        small.set_focus(())
        self.lstm = small
        ratio = size / self.places.alone
        self.play(
            FadeOut(large, target_position=small, scale=ratio),
            FadeIn(small, target_position=large, scale=1 / ratio),
        )

    def drop(self, *names: str) -> None:
        """Light parts of the LSTM, and let them go."""
        self.play(*self._light_lstm(*names), run_time=0.8)
        parts = [self.lstm.parts.pop(name) for name in names]
        self.lstm.lit -= set(names)
        self.play(*(FadeOut(part, shift=(0, -0.6, 0)) for part in parts), run_time=0.9)
        self.lstm.remove(*parts)

    def build(self, *names: str, like: tuple[str, ...] = ()) -> None:
        """Add parts to the GRU; `like` lights those of the LSTM that they are like.

        Parts among them that are there already are lit, all others rest.
        """
        unread = () if self.places.signed else ("signature",)
        there = [name for name in names if name in self.circuit.parts and name not in unread]
        fresh = [name for name in there if name not in self.built]
        done = self.circuit.focus(*(name for name in there if name in self.built))
        self.circuit.lit |= {*fresh}
        self.built += fresh
        growth = [motion for name in fresh for motion in _grow(self.circuit[name].lit())]
        self.play(*done, *self._light_lstm(*like), *growth, run_time=1.0)

    def merge(self, *parts: str, into: str) -> None:
        """Let parts of the LSTM fly over and become one of the GRU, of which they are the like."""
        done = self.circuit.focus()
        self.play(*done, *self._light_lstm(*parts), run_time=0.6)
        goal = self.circuit[into]
        ghosts = [self.lstm[name].copy() for name in parts]
        larger = self.places.gru.size / self.places.lstm.size
        if _names_meet(ghosts, goal, larger):
            ghosts = [
                ghost.without_name() if isinstance(ghost, Gate) else ghost for ghost in ghosts
            ]
        for ghost in ghosts:
            ghost.generate_target().scale(larger).move_to(goal)
        self.play(*(MoveToTarget(ghost) for ghost in ghosts), run_time=1.2)
        self.circuit.lit = {into}
        self.built.append(into)
        self.play(
            *(vanish(ghost).set_opacity(0) for ghost in ghosts), FadeIn(goal.lit()), run_time=0.4
        )

    def swap(self, name: str, *pieces: str) -> None:
        """Let pieces of a way, with the operators between them, take its place."""
        whole = self.circuit.parts.pop(name)
        self.built.remove(name)
        self.circuit.lit.discard(name)
        there = [piece for piece in pieces if piece in self.circuit.parts]
        self.built += there
        fresh = [self.circuit[piece].lit() for piece in there]
        self.circuit.lit |= {*there}
        self.play(*(FadeIn(part) for part in fresh), run_time=0.6)
        self.remove(whole)
        self.circuit.remove(whole)

    def note(self, words: Sequence[str], role: str) -> None:
        """Add a line to the ledger beside the LSTM: what became of a part of it."""
        places = self.places
        text = " ".join(self.lang.word(word) for word in words)
        least = self.layout.least
        if text_width(text, max(SMALL * places.em, least)) > places.room:
            # Then "forget" says it, too.
            text = " ".join(self.lang.word(word.removesuffix(" gate")) for word in words)
        size = max(min(places.em, places.room / text_width(text, 1.0)), least)
        text = shortened(text, size, places.room)
        color = self.theme.readable(self.theme.role(role), self.theme.background)
        at = (places.left, places.top - places.line * len(self.ledger))
        line = TextLine(text, size=size, color=color, at=at, align="left")
        self.ledger.add(line)
        self.play(FadeIn(line), run_time=0.4)

    def move_in(self) -> None:
        """Let the LSTM go; the GRU takes its usual place, and the lens says its equations."""
        self.remove(*(self.circuit[name] for name in self.built), self.circuit.submobjects[0])
        target = cast("Circuit", self.circuit.target)
        late = (
            []
            if self.places.signed
            else [self._without_signature(each) for each in (self.circuit, target)]
        )
        self.add(self.circuit)
        target.set_focus(target.parts)
        self.play(*self.clearing(self.circuit), run_time=0.6)
        self.play(MoveToTarget(self.circuit))
        if late:
            self.circuit.put("signature", late[-1])
        self.circuit.lit = set(self.circuit.parts)
        self.play(FadeIn(self.lens), *(FadeIn(each) for each in late[-1:]), run_time=0.4)
        self.state_equations()

    def _without_signature(self, circuit: Circuit) -> Lightable:
        """Take what is written below a GRU out of its circuit."""
        part = circuit.parts.pop("signature")
        circuit.remove(part)
        return part

    def ask_gates(self) -> None:
        """Send a word and the old state to both gates at once."""
        self.remember(lens=False)
        pair = self.gather(lens=False)
        gates = ("reset", "update")
        riders = dict(zip(gates, (pair.copy(), pair), strict=True))
        lit = [name for gate in gates for name in (*self.circuit.feeding(gate), gate)]
        self.play(
            *self.focus("join", *lit),
            *(
                Ride(rider, *self.circuit.route("pair", gate), run_time=1.2)
                for gate, rider in riders.items()
            ),
        )
        self.play(
            *(self.into(rider, self.circuit[gate]) for gate, rider in riders.items()),
            run_time=0.4,
        )
        equation = self.prepare_page("what the gates say", "ink", ["r", "z"])
        self.play(
            *(self.made(self.circuit.gates[gate], self.circuit[gate]) for gate in gates),
            *self.focus(*gates, "r", "z"),
            *self.turn(equation),
        )

    def reset_past(self) -> None:
        """Let the reset gate meet the past: the lens shows what is left of it."""
        if self.reset_after:
            box, rider = self.circuit["past box"], self.columns["h_prev"].copy()
            self.play(
                *self.focus("h_prev to past", "past box", "past"),
                Ride(rider, *self.circuit.route("h_prev", "past box")),
            )
            self.play(self.into(rider, box), run_time=0.3)
            self.play(self.made("past", box), run_time=0.5)
        self.recall()

    def make_candidate(self) -> None:
        """Let the word and what is left of the past make the candidate."""
        self.add_word()
        function = self.circuit["candidate"].function
        equation = self.prepare_page(
            "candidate", "candidate", ["a_n", "n"], ["→"], f"n_t = {function}(a_n)", ["n", "a_n"]
        )
        self.play(
            *self.focus("candidate", "n"),
            *self.turn(equation),
            self.made("n", self.circuit["candidate"]),
        )

    def _light_lstm(self, *names: str) -> list[Motion]:
        return self.lstm.focus(*(name for name in names if name in self.lstm.parts))


def _grow(part: Lightable) -> list[Motion]:
    """Let a wire be drawn along its way, and anything else come up."""
    return drawing(part) if isinstance(part, Wire) else [FadeIn(part, scale=0.7)]


def _names_meet(ghosts: Sequence[Lightable], goal: Lightable, larger: float) -> bool:
    """Tell whether the names of gates on their way to one place would overlap half-way."""
    spans = [
        (float(line.get_x() + goal.get_x()) / 2, float(line.width) * (1 + larger) / 4)
        for ghost in ghosts
        if isinstance(ghost, Gate)
        for line in ghost.name_lines[:1]
    ]
    return any(abs(x - y) < a + b + 0.02 for (x, a), (y, b) in pairwise(spans))
