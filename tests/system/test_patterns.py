"""Sentences with fields: names and plain formats are filled, everything else is refused."""

from __future__ import annotations

import pytest

from lstmviz.errors import UsageError
from lstmviz.system.patterns import LONGEST, filled

VALUES = {"word": "but", "share": 0.25, "f": [0.5, 0.125], "units": {"best": 3}, "max-size": 7}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("“{word}” keeps {share:.0%}.", "“but” keeps 25%."),
        ("{f[1]:.3f} and {f[0]}", "0.125 and 0.5"),
        ("{units[best]:03} {max-size:>4} {word:*^7}", "003    7 **but**"),
        ("{{word}}", "{word}"),
        ("no field", "no field"),
        ("", ""),
    ],
)
def test_fields_are_filled(pattern: str, text: str) -> None:
    assert filled(pattern, VALUES) == text


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{nope}", r"'\{nope\}' has \{nope\}, but the fields here are: \{word\}, \{share\}"),
        ("{word:>999999999}", "has a field that is not plain"),
        ("{share:.999999999f}", "has a field that is not plain"),
        ("{word:{share}}", "has a field that is not plain"),
        ("{word.__class__}", "has a field that is not plain"),
        ("{f[0].real}", "has a field that is not plain"),
        ("{f[0][0]}", "has a field that is not plain"),
        ("{word!r}", "has a field that is not plain"),
        ("{}", "has a field that is not plain"),
        ("{0}", r"has \{0\}, but the fields here are"),
        ("{__class__}", "has {__class__}, but the fields here are"),
        ("{f[2]}", r"\{f\[2\]\} cannot be written \(list index out of range\)"),
        ("{f[999999999999]}", "cannot be written"),
        ("{f[word]}", "cannot be written"),
        ("{word:.2f}", r"\{word:\.2f\} cannot be written"),
        ("{share:d}", "cannot be written"),
        ("{share:c}", "cannot be written"),
        ("{word", "has braces that mean nothing"),
        ("word}", "has braces that mean nothing"),
        ("x" * (LONGEST + 1), "has 501 letters, more than 500; shorten it"),
    ],
)
def test_what_is_not_plain_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        filled(pattern, VALUES)
