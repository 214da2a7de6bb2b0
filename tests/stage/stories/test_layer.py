"""A gate's numbers come from rows of weights: products and sums, in every cell and shape."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from manim import Mobject, Rectangle, VGroup
from walking import followed, walked

import lstmviz
from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.gate_sum import GateSum, Pair, Product, gate_sum
from lstmviz.engine.model.cells import all_cells
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage import CellStory, Formula, TextLine
from lstmviz.stage.manim.renderers import canvas
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.fan import Fan
from lstmviz.stage.mobjects.opened_layer import Opened, OpenedLayer
from lstmviz.stage.mobjects.spread_matrices import spread
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language
from lstmviz.style.layout import LAYOUTS, Layout
from lstmviz.style.notation import holds
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

LARGE = 28 / 1080  # of the shorter side: an em that is read from the last row


def trace_with(cell: str, inputs: int, hidden: int, *, hot: bool = False) -> Trace:
    x = np.random.default_rng(3).normal(size=(3, inputs))
    if hot:
        x = np.eye(inputs)[[1, 0, inputs - 1]]
    return lstmviz.run(x, network=seeded(cell, inputs=inputs, hidden=hidden))


def opened(trace: Trace, gate: str, layout: Layout, lang: str = "en") -> OpenedLayer:
    told = gate_sum(trace, network_of(trace), gate, 1)
    units = tuple(range(min(trace.network.hidden, layout.most_units)))
    words = language(lang)
    return OpenedLayer(
        told,
        trace,
        theme_named("dark"),
        words,
        layout.stage.inset(0.08),
        units,
        cell=trace.notation,
        title=words.word("forget gate"),
        least=layout.least,
    )


CELLS = [cell.name for cell in all_cells()]


@pytest.mark.parametrize("cell", CELLS)
def test_every_sum_of_every_cell_is_made_of_its_parts(cell: str) -> None:
    trace = trace_with(cell, 3, 5)
    network = network_of(trace)
    layer = network.layers[0][0]
    for gate in layer.cell.gates:
        told = gate_sum(trace, network, gate, 2)
        added = [np.asarray(part.sums) for part in told.parts if part.added]
        assert np.allclose(sum(added), told.sums)
        assert np.allclose(told.sums, trace[f"a_{gate}"][2])
        for part in told.parts:
            if isinstance(part, Pair):
                first, second = map(np.asarray, part.factors)
                assert np.allclose(first * second, part.sums)
                continue
            for unit in range(5):
                row = part.row(unit, shown := part.largest(unit, 2))
                assert row.rest is not None or len(part.values) <= 2
                whole = sum(row.products[k] for k in shown) + (row.rest[0] if row.rest else 0.0)
                whole += 0.0 if row.bias is None else row.bias[unit]
                assert whole == pytest.approx(part.sums[unit])


def test_a_peephole_s_weight_and_a_reset_past_are_parts_of_their_own() -> None:
    trace = trace_with("lstm-peephole", 3, 4)
    old, new = (gate_sum(trace, network_of(trace), gate, 1).parts[2] for gate in ("f", "o"))
    assert isinstance(old, Pair)
    assert isinstance(new, Pair)
    assert (old.symbols, new.symbols) == (("p_f", "c_(t-1)"), ("p_o", "c_t"))
    trace = trace_with("gru", 3, 4)
    told = gate_sum(trace, network_of(trace), "n", 1)
    assert [part.added for part in told.parts] == [True, False, True]
    assert [part.sums.name for part in told.parts] == ["wx_n", "past", "recalled"]


def test_what_cannot_be_taken_apart_is_refused_in_one_sentence() -> None:
    trace = trace_with("lstm-coupled", 3, 4)
    with pytest.raises(UsageError, match="lstm-coupled weighs nothing for f; .* is: i, g, o"):
        gate_sum(trace, network_of(trace), "f", 1)
    other = seeded("lstm-coupled", inputs=3, hidden=4, seed=9)
    with pytest.raises(UsageError, match="not those that made this trace"):
        gate_sum(trace, other, "i", 1)


def test_of_one_hot_inputs_only_the_product_that_counts_is_shown() -> None:
    trace = trace_with("lstm", 40, 4, hot=True)
    (product, _) = gate_sum(trace, network_of(trace), "f", 2).products
    assert product.largest(0, 4) == (39,)
    row = product.row(0, (39,))
    assert row.rest is not None
    assert row.rest[0] == 0.0


SIZES = [
    pytest.param(inputs, hidden, marks=pytest.mark.slow if late else ())
    for inputs, hidden, late in (
        (1, 1, True),
        (1, 4, True),
        (4, 4, False),
        (6, 8, True),
        (30, 8, False),
        (300, 128, True),
    )
]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("inputs", "hidden"), SIZES)
@pytest.mark.parametrize("cell", ["lstm-peephole", "gru"])
@pytest.mark.few(6)
@pytest.mark.slow
def test_all_of_it_can_be_read_and_stands_in_its_box(
    cell: str, inputs: int, hidden: int, layout: Layout
) -> None:
    trace = trace_with(cell, inputs, hidden)
    gate = "f" if cell == "lstm-peephole" else "n"
    with canvas(theme_named("dark"), 320, 180, 2, layout):
        layer = opened(trace, gate, layout, "es")
        unit = layer.units[-1]
        parts = [layer.opened(k, unit) for k in range(len(layer.told.parts))]
        signs = [layer.factors(k, unit) for k in range(len(parts))]
        shown = [*layer.ground, *parts, *signs, layer.total(unit), layer.heading(unit)]
        least = LARGE * min(layout.frame.width, layout.frame.height)
        for text in texts(shown):
            assert text.em >= least - 1e-9, text
        box = layer.panel
        for each in shown:
            if len(each.family_members_with_points()):
                assert each.get_left()[0] >= box.get_left()[0] - 1e-6
                assert each.get_right()[0] <= box.get_right()[0] + 1e-6
                assert each.get_bottom()[1] >= box.get_bottom()[1] - 1e-6
                assert each.get_top()[1] <= box.get_top()[1] + 1e-6
        for part, made in zip(layer.told.parts, parts, strict=True):
            assert_adds_up(layer, part, made)


def texts(mobjects: list[Any]) -> list[Any]:
    family = [part for each in mobjects for part in each.get_family()]
    return [part for part in family if isinstance(part, TextLine | Formula)]


def assert_adds_up(layer: OpenedLayer, part: Product | Pair, made: Opened) -> None:
    """Assert that what is shown of a part comes out digit for digit, or is said to be rounded."""
    figures = [each.text for each in texts(made.products) if isinstance(each, Number)]
    figures += [each.text for each in texts([made.more]) if isinstance(each, Number)]
    sign, result = texts([made.result])
    if isinstance(part, Pair):
        figures = [made.weights[0].figure.text, *figures]
    right = holds("×" if isinstance(part, Pair) else "+", figures, result.text)
    assert sign.text == ("=" if right else "≈")
    count = len(part.values) if isinstance(part, Product) else 0
    if count > len(made.products):
        hidden = str(count - len(made.products))
        assert any(hidden in each.text for each in texts([made.more])), "how many are put together"


def test_a_matrix_of_few_columns_is_shown_whole_in_every_shape() -> None:
    trace = lstmviz.run("I liked it.", cell="lstm")
    for layout in LAYOUTS.values():
        with canvas(theme_named("dark"), 320, 180, 2, layout):
            assert opened(trace, "f", layout).plan.counts == [4, 4]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(
            cell, marks=pytest.mark.slow if cell in ("rnn", "ugrnn") else pytest.mark.verify
        )
        for cell in CELLS
    ],
)
@pytest.mark.few(1)
def test_the_story_is_told_of_every_cell(cell: str) -> None:
    trace = lstmviz.run([0.1, 0.9, -1.0], cell=cell, hidden=3)
    told = followed(find_story("layer"), trace, {})
    names = [step.name for step in told.steps_told]
    assert names == ["question", "inside", "multiply", "add", "past", "total", "rows", "out"]
    assert "random" in told.steps_told[1].caption


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["forget-gate", pytest.param("input-gate", marks=pytest.mark.verify)]
)
@pytest.mark.verify
def test_without_weights_the_sums_stand_in_the_lens_as_ever(name: str) -> None:
    trace = lstmviz.run("I liked it.", cell="lstm")
    known = replace(
        trace, made_by=None, network=replace(trace.network, source=None, title="somebody's")
    )
    story = find_story(name)
    told, silent = followed(story, trace, {}), followed(story, known, {})
    assert isinstance(told, CellStory)
    assert isinstance(silent, CellStory)
    assert told.layers
    assert not silent.layers
    assert [step.name for step in told.steps_told] == [step.name for step in silent.steps_told]
    with pytest.raises(UsageError, match="does not hold the weights of its network"):
        find_story("layer")(known)


@pytest.mark.slow
@pytest.mark.verify
def test_input_gate_shows_the_sums_of_both_layers() -> None:
    trace = lstmviz.run("I liked it.", cell="lstm")
    (weigh,) = (
        still for still in walked(find_story("input-gate"), trace).stills if still.step == "weigh"
    )
    sums = {number.reading.name for number in weigh.numbers}
    assert sums - {"answer"} == {"a_g", "a_i"}
    labels = [label.source for label in weigh.labels if " = " in label.source]
    assert [re.match(r"a_(\w)", label)[1] for label in labels] == ["g", "i"]  # type: ignore[index]


@pytest.mark.parametrize(("cell", "step"), [("gru", "past"), ("gru-reset-before", "valves")])
@pytest.mark.verify
def test_no_unit_of_h_leads_to_one_of_what_r_makes_of_it(cell: str, step: str) -> None:
    trace = lstmviz.run("I liked it.", cell=cell)
    seen: list[tuple[list[Fan], list[str]]] = []

    class Seen(find_story("reset-gate")):  # type: ignore[misc]
        """Seen."""

        def weigh_past(self) -> None:
            super().weigh_past()
            self.look("past")

        def open_valves(self) -> None:
            super().open_valves()
            self.look("valves")

        def look(self, at: str) -> None:
            family = [part for each in self.mobjects for part in each.get_family()]
            fans = [part for part in family if isinstance(part, Fan)]
            arrows = [p.text for p in family if isinstance(p, TextLine) and p.text == "→"]
            if at == step:
                seen.append((fans, arrows))

    Seen.__name__ = "ResetGate"
    followed(Seen, trace, {})
    for fans, arrows in seen:
        ways = {(start(line)[1], end(line)[1]) for fan in fans for line in fan}
        heights = {y for y, _ in ways}, {y for _, y in ways}
        assert len(ways) == 16, "from each of the four rows to each of the four"
        assert [len(each) for each in heights] == [4, 4]
        assert len(arrows) == (0 if step == "past" else 4), "n is a function of its own sum"


def start(line: Mobject) -> tuple[float, ...]:
    return tuple(np.round(line.points[0], 3).tolist())


def end(line: Mobject) -> tuple[float, ...]:
    return tuple(np.round(line.points[-1], 3).tolist())


@pytest.mark.slow
def test_the_rows_that_are_told_are_ringed_and_the_lens_fills_with_them() -> None:
    trace = lstmviz.run("I liked it.", cell="lstm")
    stills = walked(find_story("layer"), trace).stills
    filled = [
        {number.unit for number in still.numbers if number.reading.name == "a_f"}
        for still in stills
    ]
    assert filled[stills_named(stills, "total")] == {0}
    assert filled[stills_named(stills, "rows")] == {0, 1, 2, 3}
    assert all(before <= after for before, after in pairwise(filled[:-1]))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("inputs", [4, 60])
@pytest.mark.slow
def test_the_matrices_fill_the_box_before_their_rows_are_taken(inputs: int, layout: Layout) -> None:
    layer, box = opened(trace_with("lstm", inputs, 4), "f", layout), layout.stage.inset(0.08)
    before = [grid.get_center() for grid in layer.matrices]
    beside = spread(layer, box, layout.least)
    everything = VGroup(*(grid[0] for grid in layer.matrices), beside)
    assert everything.width > 0.85 * box.width
    assert everything.height > 0.75 * box.height
    assert box.left < everything.get_left()[0] < everything.get_right()[0] < box.right
    assert box.bottom < everything.get_bottom()[1] < everything.get_top()[1] < box.top
    numbers = [each for each in beside.get_family() if isinstance(each, Number)]
    assert len(numbers) == (32 if inputs == 4 else 16)  # of W and R, or of R alone
    assert all(number.em >= layout.least for number in numbers)
    signs = [each for each in beside.get_family() if type(each) is Rectangle]
    assert bool(signs) == (inputs == 60)  # of W, for which there is no room for numbers
    for grid in layer.matrices:
        grid.restore()
    assert np.allclose(before, [grid.get_center() for grid in layer.matrices])


def stills_named(stills: Any, step: str) -> int:
    return next(k for k, still in enumerate(stills) if still.step == step)


def test_parts_of_a_sum_are_given_in_the_order_of_its_equation() -> None:
    trace = trace_with("gru-reset-before", 3, 4)
    told: GateSum = gate_sum(trace, network_of(trace), "n", 1)
    assert [part.values.name for part in told.products] == ["x", "recalled"]
