"""The words of an embedding that stand in an ONNX file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx_texts import model, recurrent, written

from lstmviz.load import inspect_file, load_network
from lstmviz.load.run import run

WORDS = ["<pad>", "good", "bad", "dull"]
PLAIN = """g (int64[t,1] words) => (float[t,1,1,2] Y) {
    X = Gather (rows, words)
    Y = RNN <hidden_size = 2> (X, W, R)
}"""
ENCODED = {
    "LabelEncoder": """ai.onnx.ml.LabelEncoder <keys_strings = ["good", "bad", "dull"],
        values_int64s = [1, 2, 3], default_int64 = 0>""",
    "CategoryMapper": """ai.onnx.ml.CategoryMapper <cats_strings = ["good", "bad", "dull"],
        cats_int64s = [1, 2, 3], default_int64 = 0>""",
}


def stored(text: str) -> onnx.ModelProto:
    rows = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    return model(text, **recurrent(), rows=rows)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vocab", json.dumps(WORDS)),
        ("Vocabulary", json.dumps({word: row for row, word in enumerate(WORDS)})),
        ("idx2word", str(dict(enumerate(WORDS)))),
        ("itos", "\n".join(WORDS)),
        ("tokens", ",".join(WORDS)),
    ],
)
def test_metadata_may_hold_the_words(tmp_path: Path, key: str, value: str) -> None:
    made = stored(PLAIN)
    helper.set_model_props(made, {"author": "somebody", key: value})
    path = written(tmp_path, made)
    assert load_network(path).vocabulary == tuple(WORDS)
    assert "vocabulary: 4 words" in str(inspect_file(path))
    trace = run("dull good", network=load_network(path))
    by_row = run([3, 1], network=load_network(path))
    np.testing.assert_array_equal(trace["h"], by_row["h"])


@pytest.mark.parametrize(
    "value",
    ["", "[", "{1: 2}", "[1, 2]", '["a"]', "__import__('os')", "{" * 2000, '{"a": 1, "b": 1}'],
)
def test_metadata_that_are_no_vocabulary_are_left_alone(tmp_path: Path, value: str) -> None:
    made = stored(PLAIN)
    helper.set_model_props(made, {"vocab": value})
    assert load_network(written(tmp_path, made)).vocabulary is None


@pytest.mark.parametrize("op", ENCODED)
def test_an_operator_that_looks_words_up_holds_them(tmp_path: Path, op: str) -> None:
    text = PLAIN.replace("int64[t,1] words", "string[t,1] texts").replace(
        "X = Gather", f"words = {ENCODED[op]} (texts)\n X = Gather"
    )
    network = load_network(written(tmp_path, stored(text)))
    # What it makes of all other words is the row of those that are not known.
    assert network.vocabulary == ("<unk>", "good", "bad", "dull")
    assert network.notes == ()


def test_rows_that_are_computed_are_told(tmp_path: Path) -> None:
    text = PLAIN.replace(
        "X = Gather (rows, words)",
        """one = Constant <value = int64 {1}> ()
        [plus] next = Add (words, one)
        X = Gather (rows, next)""",
    )
    (note,) = load_network(written(tmp_path, stored(text))).notes
    assert "the rows of 'rows' are chosen by plus in the model, which is not run" in note


def test_rows_that_may_be_counted_from_the_end_are_the_rows(tmp_path: Path) -> None:
    """Keras writes so what it looks up."""
    text = PLAIN.replace(
        "X = Gather (rows, words)",
        """none = Constant <value = int64 {0}> ()
        many = Constant <value = int64 {4}> ()
        below = Less (words, none)
        above = Not (below)
        one = Cast <to = 7> (below)
        other = Cast <to = 7> (above)
        more = Add (words, many)
        from_end = Mul (one, more)
        as_it_is = Mul (other, words)
        right = Add (from_end, as_it_is)
        X = Gather (rows, right)""",
    )
    assert load_network(written(tmp_path, stored(text))).notes == ()
