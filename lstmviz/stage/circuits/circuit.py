"""The cell as a circuit: gates, operators, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from manim import VGroup

from lstmviz.stage.circuits.gate import Gate
from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.lightable import Lightable, Motion
from lstmviz.stage.text.formula import Formula
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Layout
    from lstmviz.style.theme import Theme

Point = tuple[float, float]
_FOLLOW = ("scale_", "shift_", "waits", "entries", "routes", "branches")
_PART_FOLLOWS = ("at", "width_", "height_")
NEAR = 0.36  # how far from an operator's centre a column stops before it goes in


class Circuit(VGroup):
    """Parts by name on the body of a cell, and the ways that data takes through them.

    A gate is called by its word (`"forget"`), an operator by its word and sign
    (`"forget×"`), a wire by the reading that it carries (`"c_prev"`), a symbol by its
    formula (`"c_(t-1)"`); `self[...]` finds them. `focus(...)` lights some parts and lets
    the others rest.

    `gates` says which reading each gate makes, `products` which one is written in a box that
    weighs, as the network has it. `waits` says where the column of a reading
    stands when it has been made, or has come in; `routes` which way it takes from there to
    a part, `entries` which way h and x come to the place where they are joined, and
    `branches` where a wire splits, so that what it carries is copied.
    """

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self.theme = theme
        self.language = language
        self.parts: dict[str, Lightable] = {}
        self.lit: set[str] = set()
        self.gates: dict[str, str] = {}
        self.products: dict[str, str] = {}
        self.waits: dict[str, Point] = {}
        self.routes: dict[tuple[str, str], tuple[Point, ...]] = {}
        self.entries: dict[str, tuple[Point, ...]] = {}
        self.branches: list[Point] = []
        self.scale_, self.shift_ = 1.0, (0.0, 0.0)  # against how it was drawn
        self._places: list[tuple[dict[str, Any], dict[str, dict[str, Any]]]] = []  # before zooms

    def body(self, left: float, right: float, bottom: float, top: float) -> None:
        """Draw the body of the cell, behind everything else."""
        shape = RoundedRectangle(
            width=right - left,
            height=top - bottom,
            corner_radius=0.35,
            stroke_color=self.theme.resting(self.theme.faint),
            stroke_width=2.5,
            fill_color=self.theme.panel,
            fill_opacity=1,
        )
        self.add(shape.move_to(((left + right) / 2, (bottom + top) / 2, 0)))

    def put(self, name: str, part: Lightable) -> Lightable:
        """Add a part under a name; what is added first is drawn first."""
        self.parts[name] = part
        self.add(part)
        return part

    def wire(
        self,
        name: str,
        *way: Point,
        role: str = "ink",
        tip: bool = True,
        hops: tuple[Point, ...] = (),
    ) -> None:
        """Add a wire under a name."""
        self.put(name, Wire(self.theme, *way, role=role, tip=tip, hops=hops))

    def feed(self, gates: Mapping[str, Gate], start: float, y: float) -> None:
        """Wire a bus at a height to the gates above it, one piece a gate, from left to right."""
        at = start
        for name, gate in gates.items():
            corner = gate.at[0] - 0.3
            self.wire(f"{name} up", (corner, y), (gate.at[0], y), gate.bottom)
            self.wire(f"{name} bus", (at, y), (corner, y), tip=False)
            self.branches.append((corner, y))
            at = corner
        self.branches.pop()  # the last gate ends the bus

    def feeding(self, gate: str) -> list[str]:
        """Name the wires from the place where h and x are joined to a gate."""
        pieces = [name for name in self.parts if name.endswith(" bus")]
        upto = pieces.index(f"{gate} bus") + 1 if f"{gate} bus" in pieces else 0
        return [name for name in (*pieces[:upto], f"{gate} up") if name in self.parts]

    def layer_of(self, gate: str) -> tuple[str, ...]:
        """Name the parts in which the sum of a gate is made: its own box, in most cells."""
        return (gate,)

    def label(self, name: str, source: str, at: Point, role: str) -> None:
        """Add the symbol of a wire that enters or leaves the cell."""
        part = Lightable(self.theme)
        formula = Formula(source, size=0.45, at=at)
        ground = self.theme.background
        color = self.theme.readable(self.theme.role(role), ground)
        part.ink(formula, color, "text", self.theme.resting_text(color, ground))
        self.put(name, part)

    def respell(self, name: str, source: str) -> tuple[Lightable, Lightable]:
        """Write another symbol at a wire; give the old one and the new one, lit, in its place."""
        old = self.parts[name]
        _, paint, lit, faded = old._shades[0]
        formula = Formula(source, size=0.42)
        formula.scale(self.scale_).move_to(old.get_center())
        new = Lightable(self.theme)
        new.ink(formula, lit, paint, faded)
        self.remove(old)
        self.put(name, new)
        self.lit.add(name)
        return old, new

    def relabel(self, activations: Mapping[str, str]) -> None:
        """Write into the gates what really makes their readings, as a network was configured."""
        makers = {reading: gate for gate, reading in self.gates.items()} | {"shown": "show"}
        for reading, function in activations.items():
            gate = self.parts.get(makers.get(reading, ""))
            name = function.partition(" ")[0]
            drawn = getattr(gate, "function", name)
            if isinstance(gate, Gate) and name != {"σ": "sigmoid"}.get(drawn, drawn):
                gate.relabel(name)

    def settle(self, scale: float, at: Point) -> Self:
        """Make the whole circuit smaller or larger and move its middle; ways and places follow."""
        old = self.get_center()
        self.scale(scale, scale_stroke=True).move_to((*at, 0))
        return self.follow(scale, (at[0] - scale * float(old[0]), at[1] - scale * float(old[1])))

    def follow(self, scale: float, shift: Point) -> Self:
        """Let ways and places follow, when every point of it is scaled and then shifted."""

        def moved(point: Point) -> Point:
            return (scale * point[0] + shift[0], scale * point[1] + shift[1])

        self.scale_, self.shift_ = self.scale_ * scale, moved(self.shift_)
        for part in self.parts.values():
            part.settle(scale, moved)
        self.waits = {name: moved(point) for name, point in self.waits.items()}
        self.entries = {name: tuple(map(moved, way)) for name, way in self.entries.items()}
        self.routes = {key: tuple(map(moved, way)) for key, way in self.routes.items()}
        self.branches = [moved(point) for point in self.branches]
        return self

    def zoomed(self, scale: float, shift: Point) -> None:
        """Let ways and places follow a zoom, and remember how they were."""
        own = {name: getattr(self, name) for name in _FOLLOW}
        parts = {
            name: {key: vars(part)[key] for key in _PART_FOLLOWS if key in vars(part)}
            for name, part in self.parts.items()
        }
        self._places.append((own, parts))
        self.follow(scale, shift)

    def zoomed_back(self) -> None:
        """Let them be just as they were before the last zoom."""
        own, parts = self._places.pop()
        vars(self).update(own)
        for name, values in parts.items():
            vars(self.parts[name]).update(values)

    def place(self, point: Point) -> Point:
        """Give where a point of the circuit as it was drawn stands now."""
        return (
            point[0] * self.scale_ + self.shift_[0],
            point[1] * self.scale_ + self.shift_[1],
        )

    def stands_like(self, other: Circuit) -> bool:
        """Tell whether another circuit, drawn alike, stands in the same place as large."""
        return (self.scale_, self.shift_) == (other.scale_, other.shift_)

    def adopt(self, name: str, part: Lightable) -> Lightable:
        """Take in a part, behind the others, that is drawn as the circuit once was."""
        part.scale(self.scale_, scale_stroke=True, about_point=(0, 0, 0))
        part.shift((*self.shift_, 0)).settle(self.scale_, self.place)
        self.parts[name] = part
        self.submobjects.insert(1, part)  # on the body
        return part

    def fit(self, layout: Layout) -> Self:
        """Stand in the stage of a layout; a circuit is drawn for that of the wide one."""
        if layout.stage == WIDE.stage:
            return self
        home, room = WIDE.stage, layout.stage
        scale = min(room.width / home.width, room.height / home.height)
        x, y = (
            goal + scale * (float(middle) - drawn)
            for goal, middle, drawn in zip(
                room.center, self.get_center(), home.center, strict=False
            )
        )
        return self.settle(scale, (x, y))

    def __getitem__(self, name: str) -> Any:  # type: ignore[override]
        return self.parts[name]

    def route(self, reading: str, to: str) -> tuple[Point, ...]:
        """Give the waypoints of a reading's journey to a part, from where it waits."""
        return self.routes[reading, to]

    def carrying(self, *readings: str) -> list[str]:
        """Name the wires that carry these readings, and the symbols of those that come in."""
        symbols = {"c_prev": "c_(t-1)", "h_prev": "h_(t-1)", "x": "x_t"}
        names = [*readings, *(symbols[name] for name in readings if name in symbols)]
        return [name for name in names if name in self.parts]

    def set_focus(self, names: Iterable[str]) -> None:
        """Light these parts and let the others rest, at once."""
        self.lit = set(names)
        for name, part in self.parts.items():
            part.lit() if name in self.lit else part.rest()

    def focus(self, *names: str) -> list[Motion]:
        """Light these parts and let the others rest, as animations of those that change.

        What a zoom has taken out of sight stays as it is.
        """
        wanted = set(names)
        if self._places:
            hidden = {name for name, part in self.parts.items() if not _seen(part)}
            wanted = wanted - hidden | self.lit & hidden
        changing = wanted ^ self.lit
        self.lit = wanted
        return [
            part.animate.lit() if name in wanted else part.animate.rest()
            for name, part in self.parts.items()
            if name in changing
        ]


def _seen(part: Lightable) -> bool:
    """Tell whether anything of a part is in sight."""
    return any(
        max(member.get_fill_opacity(), member.get_stroke_opacity()) > 0
        for member in part.family_members_with_points()
    )
