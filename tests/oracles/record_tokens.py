"""Write the files of small tokenizers, and the rows that they make of texts, for `make test`.

    .oracles/bin/python tests/oracles/record_tokens.py

It takes Keras and the library tokenizers, and writes tests/load/fixtures/tokenizers.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras.src.legacy.preprocessing.text import Tokenizer
from tokenizers import Tokenizer as Pretrained
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers.implementations import BertWordPieceTokenizer

FILE = Path(__file__).resolve().parents[1] / "load" / "fixtures" / "tokenizers.json"
CORPUS = [
    "The service was slow, and the food was bad.",
    "The food was good! I don't say the service was slowly served.",
    "a bad, slow meal\nand good food",
]
TEXTS = [
    "The service was slow.",
    "Slowly, the FOOD was served!\nI don't know",
    "good   food\t(bad meal) naïve 好 food",
    "",
    "xyzzy [SEP] good",
]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def keras(**options: Any) -> dict[str, Any]:
    made = Tokenizer(**options)
    made.fit_on_texts(CORPUS)
    return {"file": made.to_json(), "rows": made.texts_to_sequences(TEXTS)}


def word_pieces(lowercase: bool) -> dict[str, Any]:
    """WordPiece as BERT has it; its vocab.txt, and the rows without [CLS] and [SEP]."""
    made = BertWordPieceTokenizer(lowercase=lowercase)
    made.train_from_iterator(CORPUS, vocab_size=70, min_frequency=1)
    rows = made.get_vocab()
    words = sorted(rows, key=lambda word: rows[word])
    encoded = [made.encode(text, add_special_tokens=False).ids for text in TEXTS]
    return {"file": "\n".join(words) + "\n", "rows": encoded}


def pretrained(make: Callable[[], Pretrained]) -> dict[str, Any]:
    made = make()
    encoded = [made.encode(text) for text in TEXTS]
    return {"file": made.to_str(), "rows": [one.ids for one in encoded]}


def bert() -> Pretrained:
    made = Pretrained(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=70, special_tokens=SPECIAL)
    )
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_padding(length=32)
    return made


def byte_level() -> Pretrained:
    made = Pretrained(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet))
    return made


def unigram() -> Pretrained:
    made = Pretrained(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=60, unk_token="<unk>", special_tokens=["<unk>", "<s>", "</s>"]
    )
    made.train_from_iterator(CORPUS, trainer)
    return made


def main() -> None:
    made = {
        "keras words": keras(),
        "keras oov": keras(num_words=8, oov_token="<OOV>"),
        "keras characters": keras(char_level=True, lower=False),
        "keras filters": keras(filters="", lower=False, split=" "),
        "wordpiece": word_pieces(True),
        "wordpiece cased": word_pieces(False),
        "tokenizer bert": pretrained(bert),
        "tokenizer byte-level": pretrained(byte_level),
        "tokenizer unigram": pretrained(unigram),
    }
    FILE.write_text(json.dumps({"texts": TEXTS, "made": made}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
