"""The UGRNN, against its paper's equations written anew, and in the stories that fit it."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from labels import assert_labels_hold
from walking import walked

import lstmviz
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage import CellStory, Circuit
from lstmviz.stage.circuits.by_cell import draw_circuit
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.style.language import language
from lstmviz.style.themes import theme_named

INPUT = np.array([[0.4, -1.1], [1.3, 0.2], [-0.6, 0.9]])
FITTING = {
    *(
        "gates",
        "gradient-update",
        "hidden-state",
        "layer",
        "review",
        "review-remembered",
        "sequence",
    ),
    *("sigmoid", "tanh", "title", "film", "with-tanh", "without-tanh"),
}


def test_it_computes_what_the_paper_says() -> None:
    units, random = 4, np.random.default_rng(7)
    network = seeded("ugrnn", 3, units, seed=11)
    w = network.layers[0][0].weights
    x, h = random.normal(size=(9, 3)), np.zeros(units)
    trace = lstmviz.run(x, network=network)
    for tick, row in enumerate(x):
        gate, candidate = (
            w.W[part] @ row + w.b[part] + w.R[part] @ h + w.rb[part]
            for part in (slice(units), slice(units, 2 * units))
        )
        g, c = 1 / (1 + np.exp(-gate)), np.tanh(candidate)
        h = g * h + (1 - g) * c
        for name, value in {"g": g, "c": c, "h": h}.items():
            np.testing.assert_allclose(trace[name][tick], value, rtol=1e-12)


def test_its_c_is_no_memory() -> None:
    trace = lstmviz.run(INPUT, cell="ugrnn", hidden=3)
    assert trace.memory == "h"
    assert not trace.keeps_memory_apart
    assert lstmviz.run(INPUT, cell="lstm", hidden=3).memory == "c"


@pytest.mark.slow
def test_the_stories_that_fit_are_known() -> None:
    trace = lstmviz.run(INPUT, cell="ugrnn", hidden=3)
    told = set()
    for listed in stories():
        story = find_story(listed.name)
        with suppress(UsageError):
            story.check_needs(trace)
            told.add(listed.name)
    assert told == FITTING


@pytest.mark.parametrize(
    "story", ["forget-gate", "cell-state", "gru-cell", "rnn-cell", "lstm-code"]
)
def test_what_it_has_not_is_refused_plainly(story: str) -> None:
    with pytest.raises(UsageError, match="ugrnn"):
        find_story(story).check_needs(lstmviz.run(INPUT, cell="ugrnn", hidden=3))


@pytest.mark.parametrize("story", ["hidden-state", "tanh", "sigmoid", "review", "sequence"])
@pytest.mark.few(1)
@pytest.mark.slow
def test_stories_tell_it_rightly(story: str) -> None:
    network = seeded("ugrnn", 2, 3, seed=5)
    told = walked(find_story(story), lstmviz.run(INPUT, network=network))
    assert not told.findings
    assert_labels_hold(told, network)
    assert not any("cell state" in still.caption for still in told.stills)
    assert all("UGRNN" in step.caption or "lstm" not in step.caption for step in told.steps)


class Pass(CellStory):
    """A word passes through the cell."""

    cell = "ugrnn"

    def construct(self) -> None:
        """Go all the ways of the circuit."""
        with self.step("join", "h and x meet."):
            self.gather()
        with self.step("weigh", "Both layers weigh them."):
            self.weigh("update", "candidate")
        with self.step("squash", "A gate and a candidate come out."):
            self.squash("update", "candidate")
        with self.step("keep", "g of the old stays."):
            self.play(*self.place("h_prev"))
            self.meet("keep×", "h_prev", "g", "kept", title="old state", keep=("g",))
        with self.step("write", "The rest comes from the candidate."):
            self.play(*self.place("rest"), *self.focus("g to rest", "1−", "rest"))
            self.meet("write×", "rest", "c", "added", title="new state")
        with self.step("sum", "Both make the new state."):
            self.meet("+", "kept", "added", "h", title="new state")
            self.play(self.send("h", "out"))


@pytest.mark.verify
def test_a_story_of_its_circuit_can_be_told() -> None:
    network = seeded("ugrnn", 2, 3, seed=5)
    told = walked(Pass, lstmviz.run(INPUT, network=network))
    assert not told.findings
    assert assert_labels_hold(told, network) > 1


def test_its_circuit_has_a_wire_for_each_reading() -> None:
    trace = lstmviz.run(INPUT, cell="ugrnn", hidden=3)
    circuit = draw_circuit(trace, theme_named("dark"), language("en"))
    assert isinstance(circuit, Circuit)
    assert {*circuit.gates.values()} == {*find_cell("ugrnn").gates}
    for reading in ("g", "c", "rest", "kept", "added", "h"):
        assert reading in circuit.parts
        assert reading in circuit.waits
