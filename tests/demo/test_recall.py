"""The networks that recall a letter are silent until they are asked, and the films say why."""

from functools import cache

import numpy as np
import pytest

from lstmviz.demo.networks import NAMES, demo_network, own_input, sibling
from lstmviz.demo.review import RECALL
from lstmviz.demo.training.learn import answers, forward
from lstmviz.demo.training.recall import LABELS, UNITS, VOCABULARY, Recalled, held_out, judge, texts
from lstmviz.demo.training.train import SEED, from_network
from lstmviz.load.run import run
from lstmviz.trace.trace import Trace

RECALLING = tuple(name for name in NAMES if name.startswith("recall"))
each_network = pytest.mark.parametrize("name", RECALLING)


@cache
def judged(name: str, gap: int | None = None) -> Recalled:
    network = demo_network(name)
    tokens = held_out("test", SEED) if gap is None else texts(500, np.random.default_rng(9), gap)
    return judge(network.cell.name, from_network(network), tokens)


def told(trace: Trace) -> str:
    """What the network says after each character: a letter, or `.` for silence."""
    assert trace.output is not None
    said = [LABELS[k] for k in trace.output.argmax(axis=1)]
    return "".join("." if word == LABELS[0] else word for word in said)


def test_there_is_one_of_each_cell() -> None:
    assert sorted(demo_network(name).cell.name for name in RECALLING) == ["gru", "lstm", "rnn"]
    for name in RECALLING:
        for other in RECALLING:
            assert sibling(name, demo_network(other).cell.name) == other
    assert sibling("lstm-unpenalised", "gru") == "gru"


@each_network
def test_it_answers_when_asked_and_is_silent_else(name: str) -> None:
    assert judged(name).right[0] >= 0.99
    assert judged(name).silent[0] >= 0.99


@each_network
def test_it_waits_longer_than_it_was_trained_to(name: str) -> None:
    assert judged(name, 18).right[0] >= 0.98


def test_the_output_gate_is_shut_over_a_full_memory_until_it_is_asked() -> None:
    verdict = judged("recall")
    assert verdict.hidden[0] < 0.15
    assert verdict.shown[0] > 0.85
    assert verdict.held[0] > 0.5


@each_network
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RECALL, ".......C.......A"),
        ("a?", ".A"),
        ("b....?....?", ".....B....B"),
        ("ab..cd...?", ".........D"),
        ("D   ?  b  ?", "....D.....B"),
        ("A#%&?", "....A"),
    ],
)
def test_texts_that_a_user_might_type(name: str, text: str, said: str) -> None:
    assert told(run(text, network=demo_network(name))) == said


def test_the_text_of_the_films_shows_what_is_hidden_and_then_comes_out() -> None:
    trace = run(RECALL, network=demo_network("recall"))
    texts_of = [token.text for token in trace.tokens]
    waiting = [k for k, text in enumerate(texts_of) if text == "."]
    asked = [k for k, text in enumerate(texts_of) if text == "?"]
    full = np.abs(trace["shown"]).max(axis=1)
    assert full[waiting].min() > 0.6
    assert np.abs(trace["h"][waiting]).max() < 0.15
    assert trace["o"][waiting].max() < 0.2
    assert trace["o"][asked].min() > 0.8
    assert np.abs(trace["h"][asked]).max(axis=1).min() > 0.5
    for gate in "fio":
        assert trace[gate].min() > 0.001
        assert trace[gate].max() < 0.995


@each_network
def test_the_engine_computes_what_was_trained(name: str) -> None:
    network = demo_network(name)
    tokens = texts(1, np.random.default_rng(3))
    tape = forward(network.cell.name, from_network(network), tokens, None)
    trace = run([VOCABULARY[row] for row in tokens[:, 0]], network=network)
    np.testing.assert_allclose(trace["h"], tape.h[1:, 0, 0], atol=1e-6)
    logits = answers(from_network(network), tape.h[1:])[:, 0, 0]
    assert trace.output is not None
    np.testing.assert_array_equal(trace.output.argmax(axis=1), logits.argmax(axis=1))


@each_network
def test_the_files_say_what_they_are(name: str) -> None:
    network = demo_network(name)
    assert network.vocabulary == VOCABULARY
    assert network.hidden == UNITS
    assert network.readout is not None
    assert network.readout.labels == LABELS
    assert "lstmviz.demo.training.train" in network.origin
    assert ("penalties" in network.origin) == (name != "recall-rnn")
    assert "held-out" in network.origin
    assert own_input(network) == RECALL


def test_networks_of_reviews_have_no_text_of_their_own() -> None:
    assert own_input(demo_network("lstm")) is None
    assert own_input(None) is None
