"""The made-up reviews keep their own rules."""

import numpy as np

from lstmviz.demo.training.corpus import (
    LIMIT,
    UNKNOWN,
    corpus,
    filler_words,
    opinion_words,
    vocabulary,
)
from lstmviz.demo.training.grammar import SLOTS, TURNS
from lstmviz.engine.inputs.tokenise import tokenise

REVIEWS = corpus(1500, seed=11)


def test_the_seed_decides_every_word() -> None:
    assert corpus(20, seed=5) == corpus(20, seed=5)
    assert corpus(20, seed=5) != corpus(20, seed=6)


def test_the_vocabulary_is_what_the_grammar_writes() -> None:
    written = {word for review in REVIEWS for word in review.words}
    assert written <= set(vocabulary())
    assert len(set(vocabulary())) == len(vocabulary())
    assert all(word == word.lower() for word in vocabulary())
    assert vocabulary()[0] == UNKNOWN
    assert {*".,!?"} <= set(vocabulary())


def test_the_verdict_moves_only_as_the_rules_say() -> None:
    opinions = opinion_words()
    for review in REVIEWS:
        before = 0
        for word, score, settled in zip(review.words, review.scores, review.settled, strict=True):
            assert abs(score) <= LIMIT
            if word in TURNS:
                assert score == 0
            elif not settled:
                assert score == before
            before = score
        if not any(review.scores):
            assert not opinions & set(review.words)


def test_good_words_raise_the_verdict_and_bad_words_lower_it() -> None:
    moves: dict[str, list[int]] = {}
    for review in REVIEWS:
        for k, word in enumerate(review.words):
            before = review.scores[k - 1] if k else 0
            moves.setdefault(word, []).append(review.scores[k] - before)
    for word in SLOTS["awful"]:
        assert min(moves[word]) < 0 >= max(moves[word])
    assert np.mean(moves["delicious"]) > 0 > np.mean(moves["slow"])


def test_verdicts_are_balanced_and_some_reviews_have_none() -> None:
    decided = [review for review in REVIEWS if review.decided]
    assert 0.8 < len(decided) / len(REVIEWS) < 0.95
    assert abs(np.mean([review.positive for review in decided]) - 0.5) < 0.05


def test_words_are_tokens_of_the_engine() -> None:
    for word in vocabulary()[1:]:
        assert tokenise(word) == [word]


def test_opinions_are_no_filler() -> None:
    assert not opinion_words() & filler_words()
