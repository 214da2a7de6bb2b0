"""A weight that learns, of whatever network the user has."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lstmviz import Trace, UsageError, run
from lstmviz.demo.networks import demo_network
from lstmviz.demo.review import REVIEW
from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.model.network import Network, seeded
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.stories.sequence.learning import LearningStory
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import picture_format
from lstmviz.style.theme import rgb
from lstmviz.style.themes import theme_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = ("the", "film", "was", "not", "good")


def walked(trace: Trace, *, aspect: str = "16:9", **options: Any) -> LearningStory:
    story = find_story("gradient-update")
    layout = layout_named(aspect)
    width, height, _ = picture_format("draft", aspect=aspect)
    with canvas(theme_named("dark"), width, height, 2, layout):
        told = story(trace, renderer=Walker(), outline=(), layout=layout, **options)
        told.render()
    assert isinstance(told, LearningStory)
    return told


@pytest.mark.parametrize(
    "network",
    [
        seeded("lstm", 3, 4, 2, depth=2, bidirectional=True, vocabulary=WORDS),
        seeded("gru", 8, 200, 2, vocabulary=WORDS),  # wide
    ],
    ids=["layers", "wide"],
)
@pytest.mark.slow
def test_the_weights_are_those_of_the_network_at_hand(network: Network) -> None:
    trace = run("the film was not good", network=network).layer(1)
    told = walked(trace)
    felt = gradients(trace, network)
    last = felt.weights["R"][-1]
    told_last = told.learning.readings.at(-1)["gradient"][0]
    assert told_last == pytest.approx(last.flat[np.argmax(np.abs(last))])
    assert [step.name for step in told.steps][:2] == ["rule", "error"]


def test_what_cannot_be_told_is_refused_before_it_begins(tmp_path: Path) -> None:
    network = seeded("lstm", 3, 4, 2, bidirectional=True, vocabulary=WORDS)
    network.save(tmp_path / "net.npz")
    trace = run("not good", network=tmp_path / "net.npz")
    with pytest.raises(UsageError, match=r"reads from there; choose one that reads forward"):
        LearningStory.check_needs(trace.layer(1, "backward"))
    trace.save(tmp_path / "trace.npz")
    with pytest.raises(UsageError, match=r"network='net\.npz'"):
        LearningStory.check_needs(Trace.load(tmp_path / "trace.npz"))


@cache
def reviewed(cell: str) -> LearningStory:
    return walked(run(REVIEW, cell=cell))


def captions(told: LearningStory) -> dict[str, str]:
    return {step.name: step.caption for step in told.steps}


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.slow
def test_the_chain_glows_by_the_gradient_that_arrives(cell: str) -> None:
    told = reviewed(cell)
    trace = told.trace
    sizes = told.learning.readings["size"][:, 0]
    assert {0, len(trace) - 1} < set(told.cells)
    grounds = {}
    for tick, each in told.cells.items():
        assert each.number.reading.value[0] == sizes[tick]
        share = (each.body.get_fill_color().to_rgb() - ground(told)) / (red(told) - ground(told))
        grounds[tick] = float(np.median(share))
    scale = max(grounds.values()) / max(sizes[[*grounds]])
    for tick, share in grounds.items():
        assert share == pytest.approx(sizes[tick] * scale, abs=0.02), "in proportion, and no other"
    parts = {tick: part.reading.value[0] for tick, part in told.parts.items()}
    felt = told.learning.readings["gradient"][:, 0]
    assert parts == {tick: felt[tick] for tick in told.cells}


def ground(told: LearningStory) -> NDArray[np.float64]:
    return np.array(rgb(told.theme.panel))


def red(told: LearningStory) -> NDArray[np.float64]:
    return np.array(rgb(told.theme.role("forget")))


@pytest.mark.slow
def test_what_is_left_out_is_counted_and_all_is_gathered() -> None:
    trace = run("It was good and I will buy it again and again . " * 6)
    told = walked(trace)
    count = len(trace)
    assert sum(map(len, told.slots)) == count
    assert told.left_out == sum(len(slot) for slot in told.slots if len(slot) > 1) > 0
    assert "left out" in captions(told)["sum"]
    reached = [end for end, _ in told._gathering()]
    assert reached[-1] == told.learning.readings["gradient"].sum()
    bars = told.bars
    drawn = sum(reading is not None for reading in bars.readings)
    (gap,) = [text for text in bars.texts if text.startswith("… ")]
    assert drawn + int(gap.split()[1]) == count
    assert bars.readings[0] is not None
    assert bars.readings[0].tick == 0
    assert len(bars.numbers) == drawn


@pytest.mark.slow
def test_the_word_that_cuts_the_way_back_is_in_the_chain_and_told() -> None:
    told = walked(run(REVIEW, cell="lstm"), aspect="9:16")
    but = [token.text for token in told.trace.tokens].index("but")
    assert but in told.cells
    assert "“but”" in captions(told)["far"]
    assert "“but”" in captions(told)["all"]
    assert "faded" in captions(reviewed("rnn"))["far"]


@pytest.mark.slow
def test_a_few_words_are_told_as_they_are() -> None:
    one = captions(walked(run("Amazing", cell="rnn")))
    assert list(one) == ["rule", "error", "parts", "sum", "move"]
    assert "no state before it" in one["parts"]
    assert "nothing to take off" in one["move"]
    three = captions(walked(run("Not good.", cell="rnn")))
    assert "The first word adds nothing" in three["parts"]
    assert "left out" not in three["sum"]
    assert "faded" not in three["far"]


@pytest.mark.slow
def test_an_error_that_is_no_answer_s_or_comes_from_above_is_told_so() -> None:
    network = seeded("gru", 1, 3, depth=2)
    trace = run([0.5, -1.0, 2.0, 0.1], network=network)
    below, above = (captions(walked(trace.layer(number))) for number in (1, 2))
    assert "from above" in below["error"]
    assert "from above" in below["far"]
    assert "from above" not in above["error"]
    assert "sum of all outputs" in above["error"]


def emptied(cell: str, bias: float) -> Network:
    """A network of one layer with no weights but its bias."""
    network = seeded(cell, 1, 3)
    (layer,) = network.layers[0]
    weights = {
        name: np.zeros_like(array) for name, array in layer.weights.arrays().items() if name != "b"
    }
    bare = replace(layer.weights, **weights, b=np.full_like(layer.weights.b, bias))
    return replace(network, layers=((replace(layer, weights=bare),),))


@pytest.mark.slow
def test_where_nothing_comes_back_or_falls_it_is_said() -> None:
    numbers = [0.5, -1.0, 2.0]
    cut = captions(walked(run(numbers, network=emptied("rnn", 0.0))))
    assert "is cut" in cut["far"]
    assert "Nothing falls" in cut["parts"]
    assert "nothing to take off" in cut["move"]
    network = demo_network("rnn")
    assert network.readout is not None
    (last,) = network.readout.dense
    deaf = replace(network.readout, dense=(replace(last, W=np.zeros_like(last.W)),))
    dead = captions(walked(run("Not good.", network=replace(network, readout=deaf))))
    assert "nothing comes back" in dead["far"]
    assert "Nothing falls" in dead["parts"]
    assert "how large the gradient is" in dead["all"]
