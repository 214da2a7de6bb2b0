"""What becomes of a gradient on its way back, of networks whose fate is known."""

from __future__ import annotations

import pytest

from lstmviz import run
from lstmviz.demo.networks import demo_network
from lstmviz.demo.review import REVIEW
from lstmviz.engine.lessons.way_back import WayBack, way_back
from lstmviz.engine.lessons.weight_update import another_answer, weight_story

PLAIN = "This cereal gave me a perfectly balanced breakfast and it was good."


@pytest.mark.parametrize(
    ("sizes", "far", "way"),
    [
        ([0.01, 0.05, 0.2, 1.0], 0, WayBack("fades")),
        ([0.05, 0.05, 0.9, 1.0], 0, WayBack("cut", 2)),
        ([0.0, 0.0, 0.9, 1.0], 0, WayBack("cut", 2)),
        ([0.0, 1.0], 0, WayBack("cut", 1)),
        ([0.05, 0.05, 0.9, 1.0], 2, WayBack("kept")),
        ([0.0, 0.01, 0.05, 0.9, 1.0], 1, WayBack("cut", 3)),
        ([0.5, 0.9, 1.0], 0, WayBack("kept")),
        ([9.0, 3.0, 1.0], 0, WayBack("grows")),
        ([0.0, 0.0], 0, WayBack("nothing")),
        ([2.0], 0, WayBack("kept")),
        ([0.001, 0.01, 0.1, 0.01, 0.1, 1.0], 0, WayBack("fades")),
    ],
)
def test_it_is_judged_by_the_readings(sizes: list[float], far: int, way: WayBack) -> None:
    assert way_back(sizes, far) == way


@pytest.mark.parametrize(
    ("cell", "text", "fate", "cut"),
    [
        ("rnn", REVIEW, "fades", None),
        ("lstm", REVIEW, "cut", "but"),  # which wipes the memory
        ("gru", REVIEW, "cut", "but"),
        ("lstm", PLAIN, "kept", None),
    ],
)
def test_an_rnn_fades_where_a_gated_cell_keeps_until_it_forgets(
    cell: str, text: str, fate: str, cut: str | None
) -> None:
    network = demo_network(cell)
    trace = run(text, network=network)
    told = weight_story(network, trace, 0.1, target=another_answer(network, trace))
    way = way_back(told.readings["size"][:, 0])
    assert way.fate == fate
    assert (None if way.cut is None else trace.tokens[way.cut].text) == cut
