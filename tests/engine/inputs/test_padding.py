"""Inputs are padded as a network's were in training, and what is masked is shown as skipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz import run
from lstmviz.engine.model.masks import Mask, Padding
from lstmviz.engine.model.network import Network, seeded
from lstmviz.errors import UsageError

WORDS = ("<unk>", "<pad>", "good", "dull", "was", ".")
NETWORK = seeded("gru", 3, 4, vocabulary=WORDS)
RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("side", ["left", "right"])
def test_words_are_padded_with_the_row_that_is_called_so(side: str) -> None:
    network = replace(NETWORK, padding=Padding(5, side))  # type: ignore[arg-type]
    pads = [1, 1]
    rows = [*pads, 2, 4, 3] if side == "left" else [2, 4, 3, *pads]
    made = run("good was dull", network=network)
    assert [token.text for token in made.tokens] == [WORDS[row] for row in rows]
    expected = run(np.array(rows), network=NETWORK)
    np.testing.assert_array_equal(made["h"], expected["h"])
    where = "before" if side == "left" else "after"
    assert f"2 steps of padding {where} it, as in training; row 1" in made.network.notes


def test_without_such_a_name_the_first_row_pads() -> None:
    network = seeded("gru", 3, 4, vocabulary=("", "good", "dull"))
    made = run("good", network=replace(network, padding=Padding(2)))
    assert [token.text for token in made.tokens] == ["<pad>", "good"]
    np.testing.assert_array_equal(made["x"][0], network.embedding[0])  # type: ignore[index]
    rows = run(np.array([0.0, 0, 2]), network=network)  # as pad_sequences gives them
    assert [token.text for token in rows.tokens] == ["<pad>", "<pad>", "dull"]


@pytest.mark.parametrize("side", ["left", "right"])
def test_numbers_are_padded_with_zeros(side: str) -> None:
    plain = seeded("lstm", 2, 3)
    x = RANDOM.normal(size=(3, 2))
    made = run(x, network=replace(plain, padding=Padding(4, side)))  # type: ignore[arg-type]
    zero = np.zeros((1, 2))
    whole = np.concatenate([zero, x] if side == "left" else [x, zero])
    np.testing.assert_array_equal(made["h"], run(whole, network=plain)["h"])


@pytest.mark.parametrize(("side", "kept"), [("left", slice(2, 5)), ("right", slice(0, 3))])
def test_what_is_too_long_is_cut_as_in_training(side: str, kept: slice) -> None:
    plain = seeded("lstm", 2, 3)
    x = RANDOM.normal(size=(5, 2))
    made = run(x, network=replace(plain, padding=Padding(3, side)))  # type: ignore[arg-type]
    np.testing.assert_array_equal(made["h"], run(x[kept], network=plain)["h"])
    assert any("trained on 3 steps" in note for note in made.network.notes)


def test_padding_that_is_masked_is_passed_over() -> None:
    network = replace(NETWORK, padding=Padding(6), mask=Mask("row", 1))
    made = run("good was dull .", network=network)
    assert made.skipped == (0, 1)
    np.testing.assert_array_equal(made["h"], run("good was dull .", network=NETWORK)["h"])


def test_it_stays_with_the_network(tmp_path: Path) -> None:
    network = replace(NETWORK, padding=Padding(6, "right"))
    network.save(tmp_path / "net.npz")
    assert Network.load(tmp_path / "net.npz").padding == Padding(6, "right")


@pytest.mark.parametrize(
    ("length", "side", "said"),
    [(0, "left", "pad= is 0"), (2.5, "left", "pad= is 2.5"), (3, "top", "pad_side= is 'top'")],
)
def test_what_is_no_padding_is_refused(length: int, side: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Padding(length, side)  # type: ignore[arg-type]
