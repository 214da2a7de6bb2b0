"""A weight that learns, of whatever network the user has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz import Trace, UsageError, run
from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.model.network import Network, seeded
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.stories.sequence.learning import LearningStory
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named

WORDS = ("the", "film", "was", "not", "good")


def walked(trace: Trace) -> LearningStory:
    story = find_story("gradient-update")
    with canvas(theme_named("dark"), 427, 240, 2):
        told = story(trace, renderer=Walker())
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
def test_the_weights_are_those_of_the_network_at_hand(network: Network) -> None:
    trace = run("the film was not good", network=network).layer(1)
    told = walked(trace)
    felt = gradients(trace, network)
    last = felt.weights["R"][-1]
    told_last = told.learning.readings.at(-1)["gradient"][0]
    assert told_last == pytest.approx(last.flat[np.argmax(np.abs(last))])
    assert [step.name for step in told.steps][:2] == ["rule", "numbers"]


def test_what_cannot_be_told_is_refused_before_it_begins(tmp_path: Path) -> None:
    network = seeded("lstm", 3, 4, 2, bidirectional=True, vocabulary=WORDS)
    network.save(tmp_path / "net.npz")
    trace = run("not good", network=tmp_path / "net.npz")
    with pytest.raises(UsageError, match=r"reads from there; choose one that reads forward"):
        LearningStory.check_needs(trace.layer(1, "backward"))
    trace.save(tmp_path / "trace.npz")
    with pytest.raises(UsageError, match=r"network='net\.npz'"):
        LearningStory.check_needs(Trace.load(tmp_path / "trace.npz"))
