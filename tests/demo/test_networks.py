"""The shipped networks do what the films say that they do."""

import numpy as np
import pytest

from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.demo.review import REVIEW
from lstmviz.demo.training.batches import encode
from lstmviz.demo.training.corpus import corpus, vocabulary
from lstmviz.demo.training.evaluate import Verdict, judge
from lstmviz.demo.training.learn import forward
from lstmviz.demo.training.train import from_network, reviews
from lstmviz.errors import UsageError
from lstmviz.load.run import run
from lstmviz.style.language import texts
from lstmviz.trace.answers import answers_of

FILLER = ("This", "cereal", "gave", "me", "I", "only", "ate", "half", "of", "the", "box")
REVIEWING = tuple(name for name in NAMES if not name.startswith("recall"))
LEAST_ACCURACY = {"rnn": 0.98, "lstm": 0.99, "gru": 0.99, "lstm-unpenalised": 0.99}


def verdicts(name: str, text: str) -> np.ndarray:
    """How likely the network thinks a favourable review after each word."""
    network = demo_network(name)
    assert network.readout is not None
    W, b = network.readout.dense[0].W, network.readout.dense[0].b
    odds = run(text, network=network)["h"] @ W[0] + b[0]
    return 1 / (1 + np.exp(-odds))


@pytest.fixture(scope="module")
def judged() -> dict[str, Verdict]:
    held_out = reviews("test")
    return {
        name: judge(demo_network(name).cell.name, from_network(demo_network(name)), held_out)
        for name in REVIEWING
    }


@pytest.mark.parametrize("name", REVIEWING)
@pytest.mark.few(2)
@pytest.mark.slow
def test_it_is_right_on_reviews_that_it_never_saw(name: str, judged: dict[str, Verdict]) -> None:
    assert judged[name].accuracy[0] >= LEAST_ACCURACY[name]


@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.slow
def test_gates_keep_on_filler_forget_on_a_turn_and_write_on_opinions(
    name: str, judged: dict[str, Verdict]
) -> None:
    verdict = judged[name]
    assert verdict.kept[0] > 0.85
    assert verdict.dropped[0] < 0.15
    assert verdict.quiet[0] < 0.15
    assert verdict.written[0] > 0.5


def test_the_unpenalised_lstm_is_as_right_and_less_legible(judged: dict[str, Verdict]) -> None:
    plain, legible = judged["lstm-unpenalised"], judged["lstm"]
    assert plain.written[0] - plain.quiet[0] < legible.written[0] - legible.quiet[0]


@pytest.mark.parametrize("name", REVIEWING)
def test_the_default_review_is_known_and_ends_in_favour(name: str) -> None:
    trace = run(REVIEW, network=demo_network(name))
    assert all(token.known for token in trace.tokens)
    told = verdicts(name, REVIEW)
    assert told[-1] > 0.95
    but = [token.text for token in trace.tokens].index("but")
    assert abs(told[but] - 0.5) < 0.2
    assert told[but - 1] > 0.95


def test_but_wipes_the_memory_of_the_lstm_and_again_writes_it() -> None:
    trace = run(REVIEW, network=demo_network("lstm"))
    words = [token.text for token in trace.tokens]
    but, again = words.index("but"), words.index("again")
    assert np.median(trace["f"][but]) < 0.1
    assert np.abs(trace["c"][but]).max() < 0.35
    assert np.abs(trace["c"][but - 1]).max() > 0.6
    for word in ("Amazing", "perfectly", "again"):
        assert trace["i"][words.index(word)].max() > 0.5
        moved = np.abs(trace["added"][words.index(word)]).max()
        assert moved > 3 * max(np.abs(trace["added"][words.index(w)]).max() for w in FILLER[:6])
    assert np.abs(trace["c"][again]).max() > np.abs(trace["c"][again - 1]).max()


def test_the_films_look_alive() -> None:
    lstm = run(REVIEW, network=demo_network("lstm"))
    at_rest = [k for k, token in enumerate(lstm.tokens) if token.text in FILLER]
    for gate in "fio":
        assert lstm[gate].min() > 0.001
        assert lstm[gate].max() < 0.995
    assert np.ptp(lstm["f"][at_rest].mean(axis=0)) > 0.02
    c = lstm["c"]
    assert c.max() > 0.5
    assert c.min() < -0.5
    assert np.abs(c).max() < 2.5


@pytest.mark.parametrize("name", REVIEWING)
@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("The service was slow.", False),
        ("Terrible, never again!", False),
        ("Not good.", False),
        ("Bad.", False),
        ("Not bad at all.", True),
        ("Good.", True),
        ("I love it!", True),
        ("I will never buy it again.", False),
        ("Great food but slow service.", False),
        ("Slow service but great food.", True),
        ("The phone is really nice, however the battery is terrible.", False),
        ("Good, but I would not buy it again.", False),
        ("The pizza was cold and the staff were rude.", False),
        ("The battery died after two weeks, but the support team was very helpful.", True),
        ("A waste of money.", False),
        ("The zyzzyva with the quux is good.", True),
    ],
)
def test_reviews_that_a_user_might_type(name: str, text: str, positive: bool) -> None:
    assert (verdicts(name, text)[-1] > 0.5) == positive


def test_an_unknown_word_is_filler() -> None:
    before = "the food was great . we sat at"
    trace = run(f"{before} qwerty", network=demo_network("lstm"))
    assert not trace.tokens[-1].known
    assert trace["i"][-1].max() < 0.3
    assert trace["f"][-1].min() > 0.6


@pytest.mark.parametrize("name", REVIEWING)
def test_the_engine_computes_what_was_trained(name: str) -> None:
    network = demo_network(name)
    review = corpus(1, seed=77)[0]
    batch = encode([review])
    tape = forward(network.cell.name, from_network(network), batch.tokens, None)
    trace = run(" ".join(review.words), network=network)
    np.testing.assert_allclose(trace["h"], tape.h[1:, 0, 0], atol=1e-6)


@pytest.mark.parametrize("name", REVIEWING)
def test_the_files_say_what_they_are(name: str) -> None:
    network = demo_network(name)
    assert network.vocabulary == vocabulary()
    assert network.hidden == network.inputs == 4
    assert network.title
    assert "lstmviz.demo.training.train" in network.origin
    rb = network.layers[0][0].weights.rb
    assert not rb[: 8 if name == "gru" else None].any()
    assert demo_network(name) is network


def test_an_unknown_network_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="elman.*rnn, lstm, gru"):
        demo_network("elman")


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("recall")])
def test_its_answer_lies_between_blame_and_praise(name: str) -> None:
    network = demo_network(name)
    assert network.readout is not None
    assert network.readout.labels == ("blame", "praise")
    assert {"blame", "praise"} <= {*texts()["terms"]}
    for text, praises in (("I loved it.", True), ("It was awful.", False)):
        said = answers_of(run(text, network=network))
        assert said is not None
        assert (said.at(-1)[0] > 0.9) if praises else (said.at(-1)[0] < 0.1)
