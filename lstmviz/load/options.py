"""What the file of a network does not say, and a user says beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

from lstmviz.errors import UsageError
from lstmviz.system.suggest import nearest

Vocabulary = Sequence[str] | Mapping[str, int]  # a word per row, or the row of each word


class FileOptions(TypedDict, total=False):
    """The options of `load_network` that say what a network's file does not.

    `vocabulary` is the words of the embedding's rows: a file (JSON or text, also a tokenizer's),
    or the words themselves, or the row of each; `unknown` is the one that stands for all others,
    if it is no common one. Without an embedding, a vocabulary of as many words as there are inputs
    is one-hot. `tokens` says how a text is cut: "words", "chars" or a tokenizer's file.
    `embedding` names the matrix, where several would do.

    `config` is the model's configuration (`model.to_json()`) for Keras files of weights alone.
    `nonlinearity` is that of PyTorch's RNNs, where the file does not tell it: tanh unless it is
    "relu". `names` is a file that says which array is which weight, where its names do not;
    `inspect_file` proposes one. `part` chooses among several recurrent parts of a file by name,
    names some that feed one another ("a,b"), or one layer of one ("a:2").

    `head` names the dense layers that give the answer, where the file does not say it: "fc",
    "fc1:relu,fc2" with an activation between, "fc:mean", "fc:last" or "fc:mean+max" of the outputs
    over time, or "none"; of a model with several outputs that its file tells, it names one.
    `labels` is what the answers are called: names, or their file. `pad` is the number of steps to
    which inputs were padded in training, where nothing masks the padding, and `pad_side` where that
    stands, "left" unless it is "right".
    """

    vocabulary: str | Path | Vocabulary | None  # the words of the embedding's rows
    unknown: str | None  # the word that stands for all others
    tokens: str | Path | None  # how a sentence is cut: "words", "chars" or a tokenizer's file
    embedding: str | None  # the matrix that is the embedding
    config: str | Path | Mapping[str, Any] | None  # of Keras files of weights alone
    nonlinearity: str | Mapping[str, str] | None  # that of PyTorch's plain RNNs
    names: str | Path | Mapping[str, Any] | None  # which array is which weight
    part: str | Sequence[str] | None  # the recurrent part, or several that feed one another
    head: str | None  # the layer that gives the answer, or "none"
    labels: str | Path | Sequence[str] | None  # what the answers are called
    pad: int | None  # the steps to which inputs were padded in training, where no mask tells
    pad_side: str | None  # where that padding stands: "left" unless it is "right"


NAMES = tuple(FileOptions.__annotations__)
# Those that may be the path of a file.
PATHS = ("vocabulary", "tokens", "config", "names", "labels")


# What each may be, in types and in words.
_PATH = (str, Path)
_TAKES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "vocabulary": ((*_PATH, Sequence, Mapping), "words or their file"),
    "unknown": ((str,), "a word"),
    "tokens": (_PATH, "'words', 'chars' or a file"),
    "embedding": ((str,), "a name"),
    "config": ((*_PATH, Mapping), "a configuration or its file"),
    "nonlinearity": ((str, Mapping), "'tanh' or 'relu'"),
    "names": ((*_PATH, Mapping), "a file of names, or what it says"),
    "part": ((str, Sequence), "a name, or several"),
    "head": ((str,), "a name such as 'fc', or 'none'"),
    "labels": ((*_PATH, Sequence), "names or their file"),
    "pad": ((int,), "a number of steps"),
    "pad_side": ((str,), "'left' or 'right'"),
}


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse what is none of `FileOptions`, and what one of them cannot be.

    Raises:
        UsageError: there is such a one; it says which.
    """
    for name, value in options.items():
        if name not in _TAKES:
            raise UsageError(
                f"There is no option {name}={nearest(name, NAMES)}; of a network's file may be "
                f"said: {', '.join(NAMES)}."
            )
        kinds, what = _TAKES[name]
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bytes | bool)):
            raise UsageError(f"{name}= is {type(value).__name__} {value!r:.60}; give {what}.")
    part = options.get("part")
    if part is not None and not len(part):
        raise UsageError("part= is empty; give the name of a part, or leave it out.")


def given_of(options: Mapping[str, Any]) -> FileOptions:
    """Those of some options that are of a network's file and are given at all."""
    found = {name: options[name] for name in NAMES if options.get(name) is not None}
    return cast("FileOptions", found)


def refuse_options(options: Mapping[str, Any], why: str) -> None:
    """Refuse what was given of `FileOptions`, as `why` says, which begins the sentence.

    Raises:
        UsageError: something was given.
    """
    given = given_of(options)
    if given:
        raise UsageError(f"{why} {' and '.join(f'{name}=' for name in given)}.")


WITHOUT_FILE = "Name the file of a network with network=, as without it there is no use for"
ALL_IN_FILE = "a network of lstmviz has all of itself in its file; leave out"
