"""Which part of a file becomes the network, with which embedding and which words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_files import lstm, save

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.assemble import assemble
from lstmviz.load.common.contents import Contents, Found, Matrix, Stack
from lstmviz.load.common.vocabulary import rows_of
from lstmviz.load.common.vocabulary_file import lexicon_of

Unpacked = Callable[[str], Path]


def test_several_parts_must_be_chosen(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("enc", 3, 4), **lstm("dec", 4, 2))
    with pytest.raises(UsageError, match=r"2 recurrent parts: 'enc' \(lstm, 3 → 4\), 'dec'"):
        load_network(path)
    assert load_network(path, part="dec").inputs == 4
    whole = load_network(path, part=["enc", "dec"])
    assert (whole.depth, whole.inputs, whole.hidden) == (2, 3, 2)
    assert whole.notes == ("enc → dec feed one another directly, as was asked for",)
    with pytest.raises(UsageError, match="'dec' gives 2 values, but 'enc' takes 3"):
        load_network(path, part=["dec", "enc"])
    with pytest.raises(UsageError, match="no part 'rnn'; its recurrent parts: 'enc', 'dec'"):
        load_network(path, part="rnn")


def test_what_is_said_beside_several_parts_must_fit_one(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("enc", 3, 4), **lstm("dec", 5, 2))
    assert inspect_file(path, vocabulary=["a", "b", "c"]).parts[1].name == "dec"
    with pytest.raises(UsageError, match="of none of its parts: for 'enc': a voc.*; for 'dec': a"):
        inspect_file(path, vocabulary=["a", "b"])
    for options, said in (
        ({"vocabulary": "none.txt"}, "There is no file none.txt"),
        ({"labels": "a,a"}, "nothing in the file gives an answer"),
        ({"head": "fc"}, "it has no dense layer 'fc'"),
        ({"embedding": "emb"}, "of none of its parts: for 'enc': it has no matrix 'emb'"),
        ({"tokens": "none.json"}, "of which there is none of that name"),
    ):
        with pytest.raises(UsageError, match=said):
            inspect_file(path, **options)  # type: ignore[arg-type]


def test_parts_in_a_row_run_as_one_where_their_numbers_say_it(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("net__rnn2", 4, 2), **lstm("net__rnn1", 3, 4))
    whole = load_network(path)
    assert (whole.depth, whole.inputs, whole.hidden) == (2, 3, 2)
    assert whole.notes[0] == ("net.rnn1 → net.rnn2 feed one another directly, as their numbers say")
    assert "run as one, unless a part is chosen: net.rnn1 → net.rnn2" in str(inspect_file(path))
    for part in ("net.rnn1,net.rnn2", ("net.rnn1", "net.rnn2")):
        assert load_network(path, part=part).notes[0].endswith("as was asked for")
    assert load_network(path, part="net.rnn2").inputs == 4


@pytest.mark.parametrize(
    "parts",
    [
        (("rnn1", 3, 3), ("rnn2", 3, 3)),  # both could read the same
        (("rnn1", 3, 4), ("rnn2", 5, 4)),  # they do not fit
        (("rnn1", 3, 4), ("rnn3", 4, 4)),  # one between them is not there
        (("enc", 3, 4), ("dec", 4, 4)),  # nothing says so
        (("a1.rnn2", 3, 4), ("a2.rnn1", 4, 4)),  # two numbers
        (("rnn1", 3, 4), ("rnn2", 4, 4), ("rnn", 4, 4)),
    ],
)
def test_other_parts_must_be_chosen(tmp_path: Path, parts: tuple[tuple[str, int, int]]) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    for name, inputs, units in parts:
        shapes |= lstm(name.replace(".", "__"), inputs, units)
    path = save(tmp_path / "m.safetensors", **shapes)
    with pytest.raises(UsageError, match="recurrent parts.*choose one with part="):
        load_network(path)
    assert inspect_file(path).row == ()


@pytest.mark.slow
def test_one_layer_of_a_part_can_be_chosen(unpacked: Unpacked) -> None:
    path = unpacked("torch") / "LSTM-stacked.pt"
    whole, layer = load_network(path), load_network(path, part=":2")
    assert (layer.depth, layer.inputs) == (1, 8)
    x = np.random.default_rng(0).normal(size=(4, 3))
    first = lstmviz.run(x, network=load_network(path, part=":1"))
    both = np.concatenate([first.layer(1, way)["h"] for way in ("forward", "backward")], axis=1)
    np.testing.assert_array_equal(
        lstmviz.run(both, network=layer)["h"], lstmviz.run(x, network=whole)["h"]
    )
    with pytest.raises(UsageError, match="has the layers 1 to 2, not 3"):
        load_network(path, part=":3")
    for part, names in (("first", {"lstm"}), ("bidirectional", {"gru"}), ("simple_rnn:3", {"rnn"})):
        chosen = load_network(unpacked("keras3") / "words.keras", part=part)
        assert {layer.cell.name for _, layer in chosen.each_layer()} == names


def test_the_embedding_is_the_one_that_is_called_so(tmp_path: Path) -> None:
    path = save(
        tmp_path / "m.safetensors",
        emb__weight=(5, 3),
        fc__weight=(2, 3),
        other__weight=(5, 4),
        **lstm("rnn", 3, 4),
    )
    network = load_network(path)
    assert network.embedding is not None
    assert network.embedding.shape == (5, 3)
    assert network.notes == ("'emb.weight' is assumed to be the embedding that feeds it",)
    named = load_network(path, embedding="fc.weight")
    assert named.embedding is not None
    assert named.embedding.shape == (2, 3)
    assert load_network(path, embedding="fc").embedding is not None
    assert "matrix 'emb.weight': 5 × 3, fits as the embedding of rnn" in str(inspect_file(path))
    with pytest.raises(UsageError, match="'other.weight' has 4 columns, but the network takes 3"):
        load_network(path, embedding="other.weight")
    with pytest.raises(UsageError, match=r"no matrix 'x'; those with 3 columns are: 'emb.weight'"):
        load_network(path, embedding="x")


def test_words_choose_among_matrices(tmp_path: Path) -> None:
    path = save(
        tmp_path / "m.safetensors",
        a__weight=(5, 3),
        b__weight=(2, 3),
        c__weight=(5, 3),
        **lstm("rnn", 3, 4),
    )
    assert load_network(path).embedding is None
    two = load_network(path, vocabulary=["yes", "no"])
    assert two.embedding is not None
    assert len(two.embedding) == 2
    with pytest.raises(UsageError, match=r"'a.weight' \(5 × 3\).*name one with embedding="):
        load_network(path, vocabulary=["a", "b", "c", "d", "e"])
    with pytest.raises(UsageError, match="5 words, but the embedding 2 rows"):
        load_network(path, vocabulary=["a", "b", "c", "d", "e"], embedding="b.weight")


def test_sentences_and_rows_of_the_embedding(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(5, 3), **lstm("rnn", 3, 4))
    (tmp_path / "v.txt").write_text("<pad>\n[UNK]\nGood\ngood\nsoup\n")
    trace = lstmviz.run("Good soup, good!", network=path, vocabulary=tmp_path / "v.txt")
    rows = lstmviz.run([2, 4, 1, 3, 1], network=path)
    np.testing.assert_array_equal(trace["h"], rows["h"])
    assert [token.known for token in trace.tokens] == [True, True, False, True, False]
    assert [token.text for token in rows.tokens] == ["2", "4", "1", "3", "1"]
    named = lstmviz.run([2, 4, 0], network=load_network(path, vocabulary=tmp_path / "v.txt"))
    assert [token.text for token in named.tokens] == ["Good", "soup", "<pad>"]
    plain = lstmviz.run(np.zeros((2, 3)), network=path)
    assert [token.text for token in plain.tokens] == ["t=1", "t=2"]
    with pytest.raises(UsageError, match="5 rows but no vocabulary; pass one"):
        lstmviz.run("good soup", network=path)
    for numbers, wrong in (([1, 5], "5"), ([-1], "-1"), ([1.5], "1.5")):
        with pytest.raises(UsageError, match=f"rows 0 to 4, but tick . asks for {wrong}"):
            lstmviz.run(numbers, network=path)


def test_what_is_said_of_a_vocabulary_is_said_of_the_network(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(3, 3), **lstm("rnn", 3, 4))
    for name, text, note in (
        ("v.txt", "<unk>\ngood \nsoup\n", "1 word has blanks before or after in"),
        ("v.csv", "word\n<unk>\ngood\nsoup\n", "the first line of"),
        ("v.txt", "<unk> 900\ngood 70\nsoup 8\n", "is taken for how often it was seen"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        notes = load_network(path, vocabulary=tmp_path / name).notes
        assert any(note in one for one in notes), notes


def test_the_token_for_unknown_words_can_be_named(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(3, 3), **lstm("rnn", 3, 4))
    words = ["a", "b", "???"]
    with pytest.raises(UsageError, match="neither 'soup' nor a row <unk>"):
        lstmviz.run("soup", network=load_network(path, vocabulary=words))
    network = load_network(path, vocabulary=words, unknown="???")
    np.testing.assert_array_equal(
        lstmviz.run("soup", network=network)["h"], lstmviz.run([2], network=network)["h"]
    )
    with pytest.raises(UsageError, match="the vocabulary has no '<x>'"):
        load_network(path, vocabulary=words, unknown="<x>")


LETTERS = {" ": 1, "a": 2, "b": 3, "<pad>": 0}


def test_a_network_without_an_embedding_reads_one_hot_tokens(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", fc__weight=(4, 5), **lstm("rnn", 4, 5))
    for words in (LETTERS, ["<pad>", " ", "a", "b"]):
        network = load_network(path, vocabulary=words)
        assert (network.embedding, network.vocabulary) == (None, ("<pad>", " ", "a", "b"))
        trace = lstmviz.run("ab a", network=network)
        np.testing.assert_array_equal(trace["x"], np.eye(4)[[2, 3, 1, 2]])
    assert network.notes[:2] == (
        "there is no embedding, so its 4 inputs are taken for one-hot tokens",
        "each character of a text is a token, as all tokens of the vocabulary are characters",
    )
    in_words = load_network(path, vocabulary=LETTERS, tokens="words")
    assert (in_words.tokenizer, len(lstmviz.run("a b", network=in_words))) == (None, 2)
    with pytest.raises(UsageError, match="one-hot tokens it must have 4 rows, not 3"):
        load_network(path, vocabulary=["a", "b", "c"])


def test_a_text_is_cut_as_is_asked_for(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(4, 3), **lstm("rnn", 3, 5))
    rows = {"the": 1, "a.b": 2, "c": 3}
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    keras = {"class_name": "Tokenizer", "config": {"word_index": rows}}
    (tmp_path / "keras.json").write_text(json.dumps(keras))

    def cut(**options: Any) -> list[str]:
        trace = lstmviz.run("the a.b c", network=load_network(path, **options))
        return [token.text for token in trace.tokens]

    own, plain = tmp_path / "keras.json", tmp_path / "rows.json"
    whole = ["the", "a.b", "c"]
    assert cut(tokens=own) == cut(vocabulary=str(own)) == whole
    assert cut(vocabulary=plain, tokens=str(own)) == whole
    assert cut(vocabulary=own, tokens="words", unknown="c") == ["the", "a", ".", "b", "c"]
    assert cut(vocabulary=plain, tokens="chars", unknown="c") == list("the a.b c")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"tokens": "char"}, "tokens= is 'char'; give words, chars, or the file of a tokenizer"),
        ({"tokens": "chars"}, "tokens= is 'chars', but the file has no vocabulary"),
        ({"tokens": "v.json", "vocabulary": ["a", "b", "c", "d"]}, "does not say how a text is"),
    ],
)
def test_a_way_of_cutting_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Any, sentence: str
) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(4, 3), **lstm("rnn", 3, 5))
    (tmp_path / "v.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=sentence):
        load_network(path, **options)


@pytest.mark.parametrize(
    ("split", "tokens", "note"),
    [
        ("whitespace", ["good", "xs"], "cut as the TextVectorization of the file does it"),
        ("my_split", ["Good", ",", "x's", "!"], "here it is cut into words"),
    ],
)
def test_a_vectorization_in_the_file_is_used_without_being_asked(
    split: str, tokens: list[str], note: str
) -> None:
    layer = seeded("gru", 2, 3).layers[0][0]
    found = Found("gru", layer.cell, "forward", 2, 3, 3, lambda: layer.weights)
    contents = Contents(
        "Keras file",
        (Stack("gru", ((found,),), embedding="emb"),),
        (Matrix("emb", 3, 2, lambda: np.ones((3, 2)), True),),
        vocabulary=("", "[UNK]", "good"),
        vectorization={"standardize": "lower_and_strip_punctuation", "split": split},
    )
    network = assemble(contents, {}, title="m", source="m.keras")
    trace = lstmviz.run("Good, x's!", network=network)
    assert [token.text for token in trace.tokens] == tokens
    assert [token.known for token in trace.tokens][:2] == [True, False]
    assert any(note in each for each in network.notes)


def test_a_vocabulary_without_an_embedding_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("rnn", 3, 4))
    with pytest.raises(UsageError, match="no embedding of 3 columns .* must have 3 rows, not 1"):
        load_network(path, vocabulary=["a"])
    with pytest.raises(UsageError, match="reads numbers, not words"):
        lstmviz.run("a", network=path)
    with pytest.raises(UsageError, match="Name the file of a network with network="):
        lstmviz.run("a", network=seeded("rnn", 3, 4), vocabulary=["a"])


def test_what_cannot_be_used_is_noted(tmp_path: Path) -> None:
    path = save(
        tmp_path / "m.safetensors",
        **lstm("good", 3, 4),
        bad__weight_ih_l0=(7, 3),
        bad__weight_hh_l0=(7, 2),
    )
    assert load_network(path).notes[0].startswith("not used: bad: 'bad.weight_hh_l0' has the shape")
    with pytest.raises(UsageError, match="bad: 'bad.weight_hh_l0' has the shape"):
        load_network(path, part="bad")


def test_networks_of_lstmviz_load_too(tmp_path: Path) -> None:
    network = seeded("gru", 3, 4, vocabulary=("a", "b"))
    network.save(tmp_path / "n.npz")
    assert load_network(tmp_path / "n.npz").vocabulary == ("a", "b")
    assert "gru, forward, 3 → 4 units" in str(inspect_file(tmp_path / "n.npz"))
    with pytest.raises(UsageError, match="has all of itself in its file"):
        load_network(tmp_path / "n.npz", vocabulary=["a", "b"])
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(UsageError, match="no RNN, LSTM or GRU in it; .* say with names= which"):
        load_network(tmp_path / "other.npz")


@pytest.mark.parametrize("name", ["m.pt", "m.keras", "m.onnx", "m"])
def test_files_that_are_none_are_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"There is no file .*, which ends in .pt, .pth"):
        load_network(tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UsageError, match=f"{name}: it is empty"):
        load_network(tmp_path / name)
    (tmp_path / name).write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(UsageError, match="damaged or no"):
        load_network(tmp_path / name)


@pytest.mark.slow
def test_thousands_of_ticks_run(unpacked: Unpacked) -> None:
    x = np.random.default_rng(0).normal(size=(5000, 3))
    trace = lstmviz.run(x, network=unpacked("torch") / "LSTM-stacked.pt")
    assert trace["h"].shape == (5000, 4)
    np.testing.assert_array_equal(
        trace.layer(1)["h"][:10],
        lstmviz.run(x[:10], network=unpacked("torch") / "LSTM-stacked.pt").layer(1)["h"],
    )


class TestVocabulary:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("v.txt", "a\nb\n\nc\n"),
            ("v.txt", "a\r\nb\r\n\r\nc\r\n"),
            ("v.txt", "\ufeffa\nb\n\nc"),
            ("v.json", '["a", "b", "", "c"]'),
            ("v.json", '{"c": 3, "a": 0, "b": 1}'),
            ("v.vocab", '{"c": 3, "a": 0, "b": 1}'),
        ],
    )
    def test_it_is_read(self, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / name).write_bytes(content.encode())
        assert rows_of(lexicon_of(tmp_path / name), 4) == ("a", "b", "", "c")

    def test_words_that_look_like_json_are_words(self, tmp_path: Path) -> None:
        (tmp_path / "v.txt").write_text("{\n}\n[\n")
        assert rows_of(lexicon_of(tmp_path / "v.txt"), 3) == ("{", "}", "[")

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("v.txt", b"a\nb\n", "2 words, but the embedding 3 rows"),
            ("v.json", b'{"a": 3}', "'a' the row 3, but the embedding has the rows 0 to 2"),
            ("v.json", b'{"a": 1, "b": 1}', "'a' and 'b' the same row 1"),
            ("v.json", b'{"a": "x"}', "the row 'x'; give each word a whole number"),
            ("v.json", b'{"a": {"b": 1}}', "give each word a whole number"),
            ("v.json", b"{}", "is empty"),
            ("v.json", b"[1, 2, 3]", "an entry that is no word"),
            ("v.json", b'{"a": 0, "b": 1, "a": 2}', "gives 'a' two rows"),
            ("v.json", b'["a", "b", "a"]', "has 'a' for row 0 and for row 2"),
            ("v.txt", b"a\na\nb", "has 'a' for row 0 and for row 1"),
            ("v.json", b'{"a": ' + b"9" * 4_000 + b"}", "'a' the row 9{60}…, but the embedding"),
            ("v.json", b'{"a": ' + b"9" * 5_000 + b"}", "no valid JSON"),
            ("v.json", b'{"\\u001b[2J": NaN}', r"gives '�\[2J' the row nan"),
            ("v.json", b"[[]" + b",[]" * 4_000_000 + b"]", "more than 4,000,000 words"),
            ("v.txt", b"\n" * 4_000_001, "more than 4,000,000 words"),
            ("v.txt", b"a\nb\n" + b"x" * 2_000, "has a word of 2,000 letters"),
            ("v.json", b"{", "no valid JSON"),
            ("v.json", b"[" * 100_000, "no valid JSON"),
            ("v.json", b"3", "neither a list of words nor"),
            ("v.txt", b"\xff\xfe", "no text in UTF-8"),
        ],
    )
    def test_what_does_not_match_is_refused(
        self, tmp_path: Path, name: str, content: bytes, sentence: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=sentence):
            rows_of(lexicon_of(tmp_path / name), 3)
        with pytest.raises(UsageError, match="no file"):
            rows_of(lexicon_of(tmp_path / "none.json"), 3)


def test_a_trace_keeps_what_was_assumed(unpacked: Unpacked, tmp_path: Path) -> None:
    path = unpacked("onnx") / "LSTM-functions.onnx"
    trace = lstmviz.run(np.ones((3, 3)), network=path)
    trace.save(tmp_path / "t.npz")
    again = lstmviz.Trace.load(tmp_path / "t.npz")
    assert again.network == trace.network
    for way in ("forward", "backward"):
        one, other = (t.layer(1, way) for t in (trace, again))  # type: ignore[arg-type]
        assert one.activations == other.activations
        assert one.cell == other.cell == "lstm"
    assert again.layer(1, "backward").activations["g"] == "leaky_relu (alpha 0.05)"


def test_layers_of_different_cells_are_told_apart(unpacked: Unpacked) -> None:
    trace = lstmviz.run([0, 1, 2], network=unpacked("keras3") / "words.keras")
    assert trace.cell == "rnn"
    assert trace.layer(1).cell == "lstm"
    assert trace.layer(2, "backward").cell == "gru"
    assert "z" in trace.layer(2, "backward")
    assert "f" in trace.layer(1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"heads": "fc"}, r"There is no option heads= \(did you mean 'head'\?\)"),
        ({"head": ["fc"]}, r"head= is list .*; give a name"),
        ({"part": 1}, "part= is int 1; give a name, or several"),
        ({"part": ""}, "part= is empty"),
        ({"pad": True}, "pad= is bool"),
        ({"config": "nothere.json"}, "config= is for Keras"),
        ({"nonlinearity": "relu"}, "nonlinearity= is that of a plain RNN"),
        ({"unknown": "x"}, "unknown= is a word of the vocabulary, and there is none"),
    ],
)
def test_options_that_cannot_be_are_refused(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("rnn", 3, 5))
    for read in (load_network, inspect_file):
        with pytest.raises(UsageError, match=said):
            read(path, **options)
    with pytest.raises(UsageError, match=said):
        lstmviz.run([[1.0, 2.0, 3.0]], network=path, **options)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", **lstm("rnn", 3, 5))
    with pytest.raises(UsageError, match="from_torch and from_keras"):
        lstmviz.run([1.0], network=object())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="named by its path"):
        load_network(None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="leave seed= out"):
        lstmviz.run([[1.0, 2.0, 3.0]], network=path, seed=3)


def test_inspect_says_what_was_asked_for(tmp_path: Path) -> None:
    path = save(tmp_path / "m.safetensors", emb__weight=(4, 3), **lstm("rnn", 3, 5))
    found = inspect_file(path, vocabulary=["a", "good", "dull", "film"])
    assert (found.vocabulary, found.words) == (4, ("good", "dull", "film"))
    with pytest.raises(UsageError, match="There is no file nothere"):
        inspect_file(path, vocabulary="nothere.txt")
    with pytest.raises(UsageError, match="no part 'zzz'"):
        inspect_file(path, part="zzz")
