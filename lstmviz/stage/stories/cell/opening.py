"""Opening a gate: the story goes into its box, where rows of weights make its sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from manim import FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from lstmviz.engine.lessons.gate_sum import Product
from lstmviz.stage.manim.zooming import around
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.mobjects.opened_layer import Opened, OpenedLayer
from lstmviz.stage.mobjects.spread_matrices import spread

if TYPE_CHECKING:
    from lstmviz.engine.lessons.gate_sum import GateSum
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.mobjects.lens import Equation
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Layout
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace


class Host(Protocol):
    """What an opening needs of the story that it belongs to, a `CellStory`."""

    circuit: Circuit
    trace: Trace
    theme: Theme
    lang: Language
    layout: Layout
    units: tuple[int, ...]

    @property
    def notation(self) -> Notation:
        """How readings are written."""

    def title_of(self, gate: str) -> str:
        """Give the term by which a gate is called."""

    def add(self, *mobjects: Any) -> Any:
        """Put something on the stage."""

    def play(self, *animations: Any, **options: Any) -> None:
        """Play animations."""

    def zoom(self, *parts: Any, **options: Any) -> None:
        """Go into parts."""

    def zoom_back(self, *, beside: Sequence[Motion] = ..., run_time: float = ...) -> None:
        """Come back."""

    def write(self, *more: VMobject) -> list[Motion]:
        """Add to the page in the lens."""


QUICK = 0.55  # seconds for a unit that is not the first


class Opening:
    """The box of a gate while a story is in it: `go_in`, `multiply`, `add_up`, `turn_to`, `leave`.

    `equation` is the table in the lens that fills row by row; without one the lens stays as it is.
    """

    def __init__(
        self, story: Host, gate: str, told: GateSum, equation: Equation | None = None
    ) -> None:
        self.story, self.gate, self.told, self.equation = story, gate, told, equation
        self.parts = [story.circuit[name] for name in story.circuit.layer_of(gate)]
        self.layer = OpenedLayer(
            told,
            story.trace,
            story.theme,
            story.lang,
            story.layout.stage.inset(0.08),
            story.units,
            cell=story.notation,
            title=story.lang.word(story.title_of(gate)),
            least=story.layout.least,
            names=story.trace.names_of("x"),
        )
        self.unit = story.units[0]
        self.inside = False
        self._beside: VGroup | None = None  # what is to be read beside large matrices
        self._shown: list[Opened] = []
        self._own = VGroup()  # what changes from unit to unit, beside the parts of the sum

    # In and out

    def go_in(self, run_time: float = 1.5) -> None:
        """Zoom into the box, which becomes the stage."""
        story, panel = self.story, self.layer.panel
        box = around(self.parts)
        assert box is not None
        panel.save_state()
        panel.stretch_to_fit_width(box.width).stretch_to_fit_height(box.height)
        panel.move_to((*box.center, 0)).set_opacity(0)
        self._from = panel.copy()
        story.add(panel)
        self.inside = True
        story.zoom(
            *self.parts,
            room=story.layout.stage.inset(0.08),
            beside=[panel.animate.restore()],
            run_time=run_time,
        )

    def show_matrices(self, run_time: float = 0.9) -> None:
        """Show the matrices by themselves, as large as the box."""
        story, layer = self.story, self.layer
        self._beside = spread(layer, story.layout.stage.inset(0.08), story.layout.least)
        grids = (FadeIn(grid) for grid in layer.matrices)
        story.play(*grids, FadeIn(self._beside), run_time=run_time)

    def lay_out(self, run_time: float = 0.7) -> None:
        """Show the matrices, the vectors, and whose row comes first."""
        story, layer = self.story, self.layer
        self.head = layer.heading(self.unit)
        rest = layer.ground
        if self._beside is not None:
            story.play(FadeOut(self._beside), run_time=0.3)
            story.play(*(grid.animate.restore() for grid in layer.matrices), run_time=run_time)
            rest = [each for each in rest if each not in layer.matrices]
            self._beside = None
        story.play(
            *(FadeIn(each) for each in rest if len(each)), FadeIn(self.head), run_time=run_time
        )

    def leave(self, run_time: float = 1.2) -> None:
        """Let everything in the box go, and zoom back to the whole."""
        story = self.story
        inside: list[VMobject] = [*self.layer.ground, self.head, self._own, *self._shown]
        if self.rings is not None:
            inside.append(self.rings)
        story.play(*(FadeOut(each) for each in inside if len(each)), run_time=0.3)
        self.inside = False
        panel: Any = vanish(self.layer.panel)
        panel.become(self._from)
        story.zoom_back(beside=[panel], run_time=run_time)

    # One unit

    rings: VGroup | None = None

    def mark(self, run_time: float = 0.4) -> None:
        """Ring the unit's rows in the matrices."""
        self.rings = self.layer.rings(self.unit)
        self.story.play(FadeIn(self.rings), run_time=run_time)

    def multiply(self, number: int, pace: float = 1.0) -> Opened:
        """Let the row of a part slide over its vector, and multiply number by number."""
        story, layer = self.story, self.layer
        made, signs = layer.opened(number, self.unit), layer.factors(number, self.unit)
        self._shown.append(made)
        if isinstance(self.told.parts[number], Product):
            self._slide(number, made, pace)
        else:
            story.play(FadeIn(made.weights), FadeIn(made.beside), run_time=0.5 / pace)
        self._own.add(signs)
        story.play(
            *([FadeIn(signs)] if len(signs) else []),
            LaggedStart(*(FadeIn(each) for each in made.products), lag_ratio=0.5),
            run_time=0.9 / pace,
        )
        return made

    def _slide(self, number: int, made: Opened, pace: float) -> None:
        """Let the row come out of its matrix to where it meets the vector."""
        story = self.story
        row = self.layer.source(number, self.unit)
        cells: list[Any] = [*made.weights]
        boxes = VGroup(*(cell.box for cell in cells))
        numbers = VGroup(*(cell.figure for cell in cells))
        goal = made.beside[0] if len(made.values) else boxes
        start = goal.copy()
        for piece in start:
            piece.set_opacity(0)
        start.stretch_to_fit_width(float(row.width)).stretch_to_fit_height(float(row.height))
        start.move_to(row)
        goal.save_state()
        goal.become(start)
        motions: list[Motion] = [goal.animate.restore()]
        story.play(*motions, run_time=1.0 / pace)
        rest = [each for each in (*made.beside, made.values) if each is not goal and len(each)]
        fresh = made.weights if len(made.values) else numbers
        story.play(*(FadeIn(each) for each in (fresh, *rest)), run_time=0.4 / pace)

    def add_up(self, number: int, pace: float = 1.0) -> None:
        """Add the products of a part, what is left of them, and the bias."""
        made = self._shown[number]
        if len(made.more):
            self.story.play(FadeIn(made.more), run_time=0.4 / pace)
        self.story.play(
            FadeIn(made.result),
            *self._in_lens(self.told.parts[number].sums.name),
            run_time=0.5 / pace,
        )

    def total(self, pace: float = 1.0) -> None:
        """Add the sums of all parts."""
        total = self.layer.total(self.unit)
        self._own.add(total)
        self.story.play(FadeIn(total), *self._in_lens(self.told.sums.name), run_time=0.6 / pace)

    def turn_to(self, unit: int, run_time: float = QUICK) -> None:
        """Go on to the rows of another unit, all at once."""
        story, layer = self.story, self.layer
        old: Sequence[VMobject] = [*self._shown, self._own, self.head]
        self.unit = unit
        self._shown = [layer.opened(k, unit) for k in range(len(self.told.parts))]
        self._own = VGroup(*(layer.factors(k, unit) for k in range(len(self.told.parts))))
        self._own.add(layer.total(unit))
        self.head = layer.heading(unit)
        rings: list[Motion] = []
        if self.rings is not None:
            after = layer.rings(unit)
            rings = [
                ring.animate.move_to(goal) for ring, goal in zip(self.rings, after, strict=True)
            ]
        story.play(*(FadeOut(each) for each in old if len(each)), *rings, run_time=run_time / 2)
        story.play(
            *(FadeIn(each) for each in (*self._shown, self._own, self.head)),
            *self._in_lens(*(part.sums.name for part in self.told.parts), self.told.sums.name),
            run_time=run_time / 2,
        )

    def whole_unit(self, pace: float = 1.0) -> None:
        """Tell the sum of the first unit part by part."""
        self.mark()
        for number in range(len(self.told.parts)):
            self.multiply(number, pace)
            self.add_up(number, pace)
        self.total(pace)

    def other_units(self, run_time: float = QUICK) -> None:
        """Go through the units after the first."""
        for unit in self.story.units[1:]:
            self.turn_to(unit, run_time)

    def _in_lens(self, *names: str) -> list[Motion]:
        """Let numbers of the unit appear in the lens, with the signs before the result."""
        equation = self.equation
        if equation is None:
            return []
        fresh: list[VMobject] = []
        for k, column in enumerate(equation.columns):
            if column.reading.name not in names or self.unit not in column.units:
                continue
            row = column.units.index(self.unit)
            fresh += [column.boxes[row], column.numbers[row]]
            fresh += [equation.signs_of(k - 1)[row]] if k else []
        return self.story.write(*fresh)
