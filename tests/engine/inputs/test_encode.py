"""Texts that a network's own tokenizer cuts, ready tokens, rows, and one-hot vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.inputs.encode import feed, taken
from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.tokenizers import Characters, Splitting, Tokenizer, WordPieces
from lstmviz.errors import UsageError
from lstmviz.trace.recording import Source

LETTERS = ("<pad>", *"abcde ")


def network(
    vocabulary: tuple[str, ...] = LETTERS, tokenizer: Tokenizer | None = None, unknown: str = ""
) -> Network:
    made = seeded("rnn", 2, 3, vocabulary=vocabulary)
    return replace(made, tokenizer=tokenizer or Characters(), unknown=unknown or None)


def one_hot(vocabulary: tuple[str, ...] = LETTERS) -> Network:
    made = seeded("gru", len(vocabulary), 3)
    return replace(made, vocabulary=vocabulary, tokenizer=Characters())


def test_characters_are_the_ticks_of_a_network_of_characters() -> None:
    trace = lstmviz.run("a bad cab", network=network())
    assert (trace.kind, len(trace)) == ("characters", 9)
    assert [token.text for token in trace.tokens] == list("a bad cab")
    assert "9 characters" in repr(trace)
    assert trace.network.notes == ()


def test_a_one_hot_network_reads_each_token_as_its_unit_vector() -> None:
    trace = lstmviz.run("bad a", network=one_hot())
    np.testing.assert_array_equal(trace["x"], np.eye(len(LETTERS))[[2, 1, 4, 6, 1]])
    ready = lstmviz.run(["b", "a", "d", " ", "a"], network=one_hot())
    rows = lstmviz.run([2, 1, 4, 6, 1], network=one_hot())
    for other in (ready, rows):
        np.testing.assert_array_equal(other["h"], trace["h"])
        assert [each.text for each in other.tokens] == list("bad a")
        assert other.kind == "characters"
    assert rows.network.notes == ("the numbers are taken for rows of the vocabulary: 2 for 'b'",)


def test_one_hot_vectors_are_made_where_they_are_read() -> None:
    rows = feed(taken("a" * 1000, one_hot()), one_hot()).rows
    assert (len(rows), rows[10:13].shape) == (1000, (3, len(LETTERS)))
    held = [value for value in vars(rows).values() if isinstance(value, np.ndarray)]
    assert [value.ndim for value in held] == [1]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_hot_vectors_are_never_masked(value: float) -> None:
    masking = replace(one_hot(), mask=Mask("values", value))
    assert len(lstmviz.run("bad a", network=masking)) == 5


def test_what_a_network_may_not_read_further_is_left_out() -> None:
    trace = lstmviz.run("bad a", network=replace(one_hot(), length=2))
    assert trace["x"].shape == (2, len(LETTERS))
    assert trace.network.notes == ("the network reads 2 of the 5 ticks",)


def test_a_letter_that_is_not_there_is_unknown_or_refused() -> None:
    with pytest.raises(UsageError, match="no 'x', and no row <unk> .* with unknown="):
        lstmviz.run("axe", network=network())
    trace = lstmviz.run("axx", network=network(unknown="<pad>"))
    assert [each.known for each in trace.tokens] == [True, False, False]
    assert trace.network.notes == ("2 of 3 characters are unknown to this network: x",)


def test_blanks_that_the_vocabulary_does_not_have_are_left_out_and_told() -> None:
    trace = lstmviz.run("a cab\n", network=network(("a", "b", "c")))
    assert [each.text for each in trace.tokens] == list("acab")
    (note,) = trace.network.notes
    assert note == "2 blanks that the vocabulary does not have are left out: ␣, ⏎"
    unknown = lstmviz.run("a b", network=network(("a", "b", "<unk>")))
    assert [each.known for each in unknown.tokens] == [True, False, True]


def test_line_ends_are_of_the_kind_that_the_vocabulary_has() -> None:
    given = "\ufeffab\r\nc"
    cut = [(p.text, p.row) for p in Characters().cut(given, (*"abc", "\n"))]
    assert cut == [("a", 0), ("b", 1), ("\n", 3), ("c", 2)]
    cut = [(p.text, p.row) for p in Characters().cut("a\r\nc", (*"abc", "\n", "\r"))]
    assert [row for _, row in cut] == [0, 4, 3, 2]


def test_capitals_of_special_tokens_are_not_told_as_folded() -> None:
    words = ("[UNK]", "[CLS]", "good")
    made = network(words, WordPieces(lower=True), unknown="[UNK]")
    assert lstmviz.run("[CLS] good", network=made).network.notes == ()
    assert lstmviz.run("[CLS] Good", network=made).network.notes[0].startswith("capitals are read")


def test_marks_are_not_named_among_the_words_that_are_unknown() -> None:
    made = seeded("rnn", 2, 3, vocabulary=("<unk>", "good"))
    notes = lstmviz.run("good, fast! good; slow?", network=made).network.notes
    assert notes == ("2 of 4 words are unknown to this network: fast, slow",)


def test_what_a_tokenizer_leaves_out_is_told() -> None:
    cutter = Splitting(filters=".", omits_unknown=True)
    of_words = network(("", "good", "food"), cutter)
    trace = lstmviz.run("Good xyz food.", network=of_words)
    assert [each.text for each in trace.tokens] == ["good", "food"]
    assert trace.network.notes == (
        "1 word that the vocabulary does not have is left out, as its tokenizer does: xyz",
        "capitals are read as small letters",
    )
    with pytest.raises(UsageError, match="no token of this network's .*: 2 words .* x, y"):
        lstmviz.run("x y", network=of_words)
    with pytest.raises(UsageError, match="no token of this network's .*; give a text"):
        lstmviz.run("...", network=of_words)


def test_special_tokens_of_pieces_are_one_token() -> None:
    pieces = network(("[UNK]", "[SEP]", "good", "##s"), WordPieces(lower=True), "[UNK]")
    trace = lstmviz.run("Goods[SEP] good!", network=pieces)
    assert trace.kind == "tokens"
    assert [(each.text, each.known) for each in trace.tokens] == [
        ("good", True),
        ("·s", True),
        ("[SEP]", True),
        ("good", True),
        ("!", False),
    ]
    assert [each.text for each in lstmviz.run([2, 3], network=pieces).tokens] == ["good", "·s"]


def test_a_list_of_texts_is_a_list_of_tokens() -> None:
    of_words = seeded("gru", 2, 3, vocabulary=("<unk>", "New York", "is", " big"))
    trace = lstmviz.run(["New York", "is", " big", "now."], network=of_words)
    assert [(each.text, each.known) for each in trace.tokens] == [
        ("New York", True),
        ("is", True),
        (" big", True),
        ("now.", False),
    ]
    one, two = lstmviz.run_batch([("is", " big"), np.array(["New York"])], network=of_words)
    assert (len(one), len(two)) == (2, 1)
    assert lstmviz.run(["good", "food"], cell="gru").network.title.startswith("GRU trained")


@pytest.mark.parametrize(
    ("tokens", "what"),
    [(["a", 3], "Token 2 of the input is 3, which is no text"), (["a", ""], "empty")],
)
def test_a_list_of_texts_and_others_is_refused(tokens: list[object], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        lstmviz.run(tokens, network=network())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("US food", "the vocabulary has no capitals: 'US' is read as 'us'"),
        ("us’s food", None),
        ("us food", None),
        ("SOUP food", None),  # which is unknown
    ],
)
def test_a_folded_case_is_told(text: str, note: str | None) -> None:
    words = seeded("gru", 2, 3, vocabulary=("<unk>", "us", "us's", "food"))
    made_for_it = lstmviz.run(text, network=words).network.notes
    assert not any("capital" in each for each in made_for_it)
    trace = lstmviz.run(text, network=replace(words, source=Source("file", "mine.pt")))
    assert trace.network.folded is (note is not None)
    assert [each for each in trace.network.notes if "capital" in each] == ([note] if note else [])


def test_a_fold_is_kept_in_the_file_of_a_trace(tmp_path: object) -> None:
    trace = lstmviz.run("A b", network=network())
    trace.save(f"{tmp_path}/t.npz")
    loaded = lstmviz.Trace.load(f"{tmp_path}/t.npz")
    assert loaded.network.folded
    assert (loaded.kind, loaded.tokens) == ("characters", trace.tokens)


@pytest.mark.parametrize("given", ["a\udce9", ["a", "\udce9"]])
def test_bytes_that_are_no_characters_are_refused(given: str | list[str]) -> None:
    with pytest.raises(UsageError, match="bytes that are no characters"):
        lstmviz.run(given, network=network(unknown="<pad>"))


def test_a_batch_of_characters_is_that_of_each() -> None:
    batch = lstmviz.run_batch(["bad", "a cab", ["d"]], network=one_hot())
    assert [len(trace) for trace in batch] == [3, 5, 1]
    for text, trace in zip(("bad", "a cab", "d"), batch, strict=True):
        alone = lstmviz.run(text, network=one_hot())
        np.testing.assert_allclose(trace["h"], alone["h"], rtol=1e-12)
    with pytest.raises(UsageError, match="Sequence 2 is of numbers"):
        lstmviz.run_batch(["bad", [1, 2]], network=one_hot())
