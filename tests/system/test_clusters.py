"""What people take for one character stays whole."""

from __future__ import annotations

import pytest

from lstmviz.system.clusters import clusters


@pytest.mark.parametrize(
    "parts",
    [
        ["a", "e\u0301", "b"],
        ["👍🏽", "!", "👩‍💻", "👨‍👩‍👧", "❤️‍🔥", "x"],
        ["🇩🇪", "🇫🇷", "🇯"],
        ["🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "1️⃣"],
        ["हि", "न्दी", " ", "क्ष"],
        ["ক্ষ", "ম", "তা"],
        ["น้ำ", "ไ", "ท", "ย"],
        ["\u1112\u1161\u11ab", "한"],
        ["م", "ر"],
    ],
)
def test_a_text_is_cut_between_them(parts: list[str]) -> None:
    assert list(clusters("".join(parts))) == parts


def test_of_nothing_there_are_none() -> None:
    assert list(clusters("")) == []
