"""Vocabularies in every form that people keep them in, and the files of tokenizers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lstmviz.engine.model.tokenizers import Pretrained, Splitting, WordPieces
from lstmviz.errors import UsageError
from lstmviz.load.common.vocabulary import Lexicon, rows_of, shifted
from lstmviz.load.common.vocabulary_file import lexicon_of, text_vectorization
from lstmviz.style.notation import visible

RECORDED = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "tokenizers.json").read_text(encoding="utf-8")
)
WORDS = ("<unk>", "the", "bad", "food")
ROWS = {word: row for row, word in enumerate(WORDS)}
BACK = {str(row): word for word, row in ROWS.items()}


def read(tmp_path: Path, name: str, content: Any) -> Lexicon:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return lexicon_of(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.json", ROWS),
        ("v.json", BACK),
        ("v.json", json.dumps(ROWS)),
        ("v.json", {word: float(row) for word, row in ROWS.items()}),
        ("v.json", {"stoi": ROWS, "itos": list(WORDS)}),
        ("v.json", {"word2idx": ROWS, "idx2word": BACK}),
        ("v.json", {"idx2word": BACK}),
        ("v.json", {"itos": list(WORDS)}),
        ("v.json", {"vocab": {"char_to_idx": ROWS}, "hidden": 4}),
        ("v.json", {"vocab": list(WORDS)}),
        ("v.txt", "<unk>\t0\nthe\t1\nfood\t3\nbad\t2\n"),
        ("v.csv", "index,word\n0,<unk>\n1,the\n2,bad\n3,food\n"),
        ("v.csv", "<unk>,0\nthe,1\nfood,3\nbad,2\n"),
        ("v.csv", "word\n<unk>\nthe\nbad\nfood\n"),
        ("v.tsv", "word\trow\n<unk>\t0\nthe\t1\nbad\t2\nfood\t3\n"),
        ("v.txt", "<unk> 900\nthe 70\nbad 8\nfood 3\n"),
        ("v.vocab", "<unk>\t0\nthe\t-2.5\nbad\t-3.25\nfood\t-3e1\n"),
    ],
)
def test_every_form_says_the_same(tmp_path: Path, name: str, content: Any) -> None:
    lexicon = read(tmp_path, name, content)
    assert rows_of(lexicon, 4) == WORDS
    assert lexicon.tokenizer is None


def test_a_word_that_is_called_as_a_vocabulary_is_a_word(tmp_path: Path) -> None:
    lexicon = read(tmp_path, "v.json", {"vocab": 0, "words": 1, "1": 2})
    assert rows_of(lexicon, 3) == ("vocab", "words", "1")


def test_what_is_no_word_is_said_to_be_left_out(tmp_path: Path) -> None:
    counts = read(tmp_path, "v.txt", "a 9\nb 7\n")
    assert counts.told == (
        f"the number behind each word of {tmp_path / 'v.txt'} is taken for how often it was seen",
    )
    (note,) = read(tmp_path, "v.csv", "token\na\nb\n").told
    assert note.endswith("'token', is taken for a heading")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("v.json", {"stoi": ROWS, "itos": ["a", "b"]}, "has its words twice, and they are not"),
        ("v.json", {"0": "a", "1": "a"}, "'a' for row 0 and for row 1"),
        ("v.json", '"{"', "holds text that is no JSON"),
        ("v.json", {"vocab": {"vocab": {"vocab": {"vocab": {"vocab": {}}}}}}, "nests its words"),
        ("v.json", {"class_name": "Tokenizer", "config": {}}, "without a word_index; fit it"),
        (
            "v.json",
            {"class_name": "Tokenizer", "config": {"word_index": {"a": 1}, "filters": 3}},
            "damaged tokenizer: filters is 3",
        ),
        ("v.json", {"model": {"vocab": [["a", -1.0], 3]}}, "its vocab is no list of pieces"),
        ("v.json", {"model": {"vocab": {}}, "added_tokens": [{"id": 3}]}, "'content' is missing"),
        ("v.csv", "a,b,c\nd,e,f\n", "no column of words with their rows"),
        ("v.tsv", "a\t3\nb\t9\n", "no column of words with their rows"),
        ("v.txt", "a 0\na 1\n", "gives 'a' two rows"),
        ("v.pt", "PK\x03\x04", "is a pickle, which is not opened"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, name: str, content: Any, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        rows_of(read(tmp_path, name, content), 3)


@pytest.mark.parametrize("name", [name for name in RECORDED["made"] if name[:5] != "token"])
def test_texts_are_cut_as_their_tokenizer_cuts_them(tmp_path: Path, name: str) -> None:
    made = RECORDED["made"][name]
    lexicon = read(tmp_path, "t.json" if name[:5] == "keras" else "vocab.txt", made["file"])
    words = rows_of(lexicon, lexicon.rows or 0)
    assert lexicon.tokenizer is not None
    for text, rows in zip(RECORDED["texts"], made["rows"], strict=True):
        cut = lexicon.tokenizer.cut(text, words)
        unknown = None if lexicon.unknown is None else words.index(lexicon.unknown)
        found = [unknown if piece.row is None else piece.row for piece in cut]
        if lexicon.tokenizer.omits:
            found = [row for row in found if row is not None]
        assert found == rows, text


@pytest.mark.parametrize("name", [name for name in RECORDED["made"] if name[:5] == "token"])
def test_a_tokenizer_json_is_used_by_its_library(tmp_path: Path, name: str) -> None:
    pytest.importorskip("tokenizers")
    made = RECORDED["made"][name]
    lexicon = read(tmp_path, "tokenizer.json", made["file"])
    assert isinstance(lexicon.tokenizer, Pretrained)
    words = rows_of(lexicon, lexicon.rows or 0)
    for text, rows in zip(RECORDED["texts"], made["rows"], strict=True):
        pieces = lexicon.tokenizer.cut(text, words)
        unknown = None if lexicon.unknown is None else words.index(lexicon.unknown)
        found = [unknown if piece.row is None else piece.row for piece in pieces]
        padded = [row for row in rows if words[row] != "[PAD]"]
        assert found == padded, text
        assert all(piece.text and "Ġ" not in piece.text for piece in pieces)


def test_pieces_are_shown_as_they_are_read(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    lexicon = read(tmp_path, "tokenizer.json", RECORDED["made"]["tokenizer bert"]["file"])
    words = rows_of(lexicon, lexicon.rows or 0)
    assert lexicon.tokenizer is not None
    assert lexicon.tokenizer.lower is True  # type: ignore[attr-defined]
    cut = lexicon.tokenizer.cut("The goods 好", words)
    assert [piece.text for piece in cut] == ["[CLS]", "The", "good", "·s", "好", "[SEP]"]
    assert [piece.row is None for piece in cut] == [False, False, False, False, True, False]
    assert [lexicon.tokenizer.shown(word) for word in ("##ly", "Ġthe", "▁the", "▁", "a</w>")] == [
        "·ly",
        "the",
        "the",
        "▁",
        "a",
    ]


def test_a_tokenizer_json_without_a_rule_for_words_is_words(tmp_path: Path) -> None:
    model = {"type": "WordLevel", "vocab": ROWS, "unk_token": "<unk>"}
    lexicon = read(tmp_path, "tokenizer.json", {"version": "1.0", "model": model})
    assert (rows_of(lexicon, 4), lexicon.tokenizer, lexicon.unknown) == (WORDS, None, "<unk>")
    assert "does not say how a text is cut" in lexicon.told[0]


def test_it_is_said_how_a_text_is_cut(tmp_path: Path) -> None:
    made = RECORDED["made"]
    keras = read(tmp_path, "k.json", made["keras words"]["file"])
    assert isinstance(keras.tokenizer, Splitting)
    assert keras.tokenizer.omits
    assert keras.told == (
        f"a text is cut as the Keras Tokenizer of {tmp_path / 'k.json'} does it: in small "
        'letters, without !"#$%&()*+,-./:;<=>?@[\\]^_`{|}~',
    )
    oov = read(tmp_path, "k.json", made["keras oov"]["file"])
    assert (oov.unknown, oov.rows) == ("<OOV>", 8)
    assert read(tmp_path, "k.json", made["keras characters"]["file"]).tokenizer == Splitting(
        lower=False, split="", omits_unknown=True
    )
    bert = read(tmp_path, "vocab.txt", made["wordpiece"]["file"])
    assert bert.tokenizer == WordPieces(lower=True)
    assert "read as that of WordPiece (BERT), in small letters" in bert.told[0]
    assert read(tmp_path, "v.txt", made["wordpiece cased"]["file"]).tokenizer == WordPieces()


KERAS: dict[str, Any] = {
    "standardize": "lower_and_strip_punctuation",
    "split": "whitespace",
    "ngrams": None,
    "output_mode": "int",
    "vocabulary": ["good", "dont"],
}


class TestTextVectorization:
    @pytest.mark.parametrize(
        ("changed", "text", "rows"),
        [
            ({}, "Good, I don't!", [2, None, 3]),
            ({"standardize": None}, "Good good", [None, 2]),
            ({"standardize": "lower"}, "Good good.", [2, None]),
            ({"standardize": "strip_punctuation"}, "Good good.", [None, 2]),
            ({"split": "character", "vocabulary": ["g", " "]}, "G g", [2, 3, 2]),
        ],
    )
    def test_it_is_read_as_keras_does(
        self, changed: dict[str, Any], text: str, rows: list[int | None]
    ) -> None:
        lexicon = text_vectorization({**KERAS, **changed}, "m.keras")
        words = rows_of(lexicon, len(lexicon.words))
        assert words[:2] == ("", "[UNK]")
        assert lexicon.tokenizer is not None
        assert [piece.row for piece in lexicon.tokenizer.cut(text, words)] == rows

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"standardize": "shout"}, "in a way of its own"),
            ({"ngrams": 2}, "in a way of its own"),
            ({"vocabulary": None}, "without its words; adapt it"),
            ({"output_mode": "multi_hot"}, "gives no row for each word"),
        ],
    )
    def test_what_it_cannot_be_is_refused(self, changed: dict[str, Any], sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            text_vectorization({**KERAS, **changed}, "m.keras")


def test_the_words_of_keras_data_sets_are_three_rows_later() -> None:
    words = "the and a of to is br in movie film great bad".split()
    imdb = Lexicon({word: row for row, word in enumerate(words, start=1)})
    found = shifted(imdb, 12)
    assert rows_of(found, 12) == ("<pad>", "<start>", "<unk>", "", *words[:8])
    assert "those of Keras's imdb" in found.told[0]
    assert "3 rows later" in found.told[0]
    others = Lexicon({**imdb.words, "the": 2, "and": 1})  # type: ignore[arg-type]
    assert shifted(others, 13) is others


@pytest.mark.parametrize("count", [11, 10])
def test_one_word_too_few_is_told_with_the_way_out(count: int) -> None:
    way_out = "one more. It is mostly row 0" if count == 11 else "give a word for each row"
    with pytest.raises(UsageError, match=f"{count} words, but the embedding 12 rows.*{way_out}"):
        rows_of(Lexicon([f"w{k}" for k in range(count)]), 12)


@pytest.mark.parametrize(
    ("name", "text", "pieces"),
    [
        ("unigram", "good 👍", ["good", "␣", "👍?"]),
        ("byte-level", "good ï", ["good", "␣", "Ã", "·¯"]),
    ],
)
def test_blanks_bytes_and_what_is_unknown_are_told_apart(
    tmp_path: Path, name: str, text: str, pieces: list[str]
) -> None:
    pytest.importorskip("tokenizers")
    lexicon = read(tmp_path, "t.json", RECORDED["made"][f"tokenizer {name}"]["file"])
    words = rows_of(lexicon, lexicon.rows or 0)
    assert lexicon.tokenizer is not None
    cut = lexicon.tokenizer.cut(text, words)
    assert [visible(p.text) + ("" if p.row is not None else "?") for p in cut] == pieces


def test_blanks_around_words_are_kept_and_told(tmp_path: Path) -> None:
    """As transformers reads a vocab.txt, with token.rstrip("\\n")."""
    lexicon = read(tmp_path, "v.txt", "<unk>\nthe \nbad\t\nfood\nfood \n \n")
    assert lexicon.words == ["<unk>", "the ", "bad\t", "food", "food ", " "]
    (note,) = lexicon.told
    assert note.startswith("2 words have blanks before or after in ")
    assert "as in 'the ', and would be known with these alone" in note
    assert read(tmp_path, "v.txt", "<unk>\n \na\n").told == ()  # one of characters
    pieces = read(tmp_path, "v.txt", "[UNK]\nbad \n##ly\n")
    assert pieces.told[1].startswith("1 word has blanks before or after in ")
