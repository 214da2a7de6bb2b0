"""What the pictures of the memory draw: where dots stand, how high bars are, where ways lead."""

import numpy as np
import pytest
from manim import Rectangle

import lstmviz
from lstmviz.engine.model.cells import CELLS
from lstmviz.stage.circuits.by_cell import draw_circuit
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.number_line import Ruler
from lstmviz.stage.mobjects.value_row import ValueRow, tile_size
from lstmviz.style.language import language
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow

THEME = theme_named("dark")
BOX = Box(-3, 3, -2, 2)
TRACE = lstmviz.run([0.5, -1.0, 2.0, 3.0], cell="lstm", hidden=3)


def circuit_of(cell: str) -> Circuit:
    return draw_circuit(lstmviz.run([0.5], cell=cell, hidden=1), THEME, language("en"))


def test_the_dots_of_a_ruler_stand_at_their_values_and_go_to_the_next_ones() -> None:
    now = TRACE.at(3)
    ruler = Ruler([now["c_prev"], now["c"]], THEME, BOX, cell=TRACE.notation, units=(0, 1, 2))

    def values() -> list[float]:
        return [(dot.get_x() - ruler.zero) / ruler.scale_ for dot in ruler.dots]

    assert values() == pytest.approx(np.asarray(now["c_prev"]))
    for motion in ruler.go("input"):
        animation = motion.build() if hasattr(motion, "build") else motion
        animation.begin()
        animation.finish()
    assert values() == pytest.approx(np.asarray(now["c"]))


def test_a_ruler_shows_what_is_beyond_the_band() -> None:
    now = TRACE.at(3)
    ruler = Ruler([now["x"], now["a_g"]], THEME, BOX, cell=TRACE.notation, units=(0,))
    farthest = max(abs(float(now["x"][0])), abs(float(now["a_g"][0])))
    assert ruler.reach > max(1, farthest)
    assert BOX.left < ruler.dots.get_left()[0]
    assert ruler.dots.get_right()[0] < BOX.right


def test_the_bars_of_a_relief_are_as_high_as_their_values() -> None:
    history = History(TRACE, ["c"], 2, [(0, 1, 2)], THEME, BOX, relief=True)
    band = next(each for each in history.symbols if type(each) is Rectangle)
    unit = band.height / 2  # the band reaches from −1 to 1
    for tick, word in enumerate(history.words):
        for k, bar in enumerate(word[:3]):
            value = TRACE["c"][tick, k]
            assert bar.height == pytest.approx(max(abs(value) * unit, 0.02), abs=1e-6)


@pytest.mark.parametrize("cell", [cell.name for cell in CELLS])
def test_a_circuit_takes_its_ways_and_places_along(cell: str) -> None:
    before, after = circuit_of(cell), circuit_of(cell).settle(0.5, (1.0, -1.0))
    assert after.get_center()[:2] == pytest.approx([1.0, -1.0])
    assert after.width == pytest.approx(before.width / 2, rel=0.01)
    middle = before.get_center()[:2]

    def moved(point: tuple[float, float]) -> object:
        return pytest.approx(np.array([1.0, -1.0]) + 0.5 * (np.array(point) - middle), abs=1e-6)

    for name, point in before.waits.items():
        assert np.array(after.waits[name]) == moved(point)
    for name, way in before.entries.items():
        assert all(np.array(a) == moved(b) for a, b in zip(after.entries[name], way, strict=True))
    for key, way in before.routes.items():
        assert all(np.array(a) == moved(b) for a, b in zip(after.routes[key], way, strict=True))
    for name, part in before.parts.items():
        if hasattr(part, "at"):
            assert np.array(after.parts[name].at) == moved(part.at)
    for gate in before.gates:
        assert np.array(after[gate].top) == moved(before[gate].top)


@pytest.mark.parametrize("cell", ["lstm", "lstm-peephole"])
def test_vectors_are_copied_where_wires_part(cell: str) -> None:
    circuit = circuit_of(cell)
    lines = [part.line.points[:, :2] for part in circuit.parts.values() if isinstance(part, Wire)]
    for place in circuit.branches:
        begins = sum(np.allclose(line[0], place) for line in lines)
        assert begins >= 1, place


def test_the_peepholes_are_lit_with_the_way_to_them() -> None:
    circuit = circuit_of("lstm-peephole")
    assert "peep" in circuit.feeding("input")
    assert "peep" in circuit.feeding("forget")
    assert "peep" not in circuit.feeding("output")
    assert "peep" not in circuit_of("lstm").feeding("input")


def test_tiles_stand_within_their_box_with_their_numbers() -> None:
    reading = TRACE.at(1)["g"]
    look = quantity("g", cell=TRACE.notation)
    box = Box(0, 2, 0, 0.3)
    size = tile_size([reading], (0, 2), box, cell=TRACE.notation)
    tiles = ValueRow(reading, (0, 2), THEME, look, box, size)
    assert box.left <= tiles.get_left()[0]
    assert tiles.get_right()[0] <= box.right + 0.03
    texts = [each.text for each in tiles if isinstance(each, Number)]
    assert len(texts) == 2
    assert all(text[0] in "+−" for text in texts)
