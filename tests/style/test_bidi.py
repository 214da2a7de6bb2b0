"""Lines of mixed direction are ordered as FriBidi, which Pango asks, orders them."""

from __future__ import annotations

import pytest

from lstmviz.style.bidi import (
    LEFT_TO_RIGHT,
    RIGHT_TO_LEFT,
    beside,
    in_sight,
    keeping,
    levels,
    pattern_runs_left,
    runs_left,
    towards,
    words_run_left,
)
from lstmviz.style.language import language


@pytest.mark.parametrize(
    ("text", "left", "recorded"),  # by fribidi_log2vis
    [
        ("abc 12", False, "000000"),
        ("אב abc", False, "110000"),
        ("אב abc", True, "111222"),
        ("אב 12.5%", True, "11122222"),
        ("عر 12%", False, "111220"),
        ("a (אב) c", False, "00011000"),
        ("אב (a) ג", True, "11112111"),
        ("אב (ג).", True, "1111111"),
        ("“אב”, “גד”", False, "0111111110"),
        ("a[אב(c)]", False, "00110000"),
        ("אב\u200e, גד", False, "1100011"),
        ("1+2 אב", False, "000011"),
        ("אב +2", False, "11112"),
        ("עא a 1", True, "111222"),
        ("ع\u064e ١٢", False, "11122"),
        (") אב (", False, "001100"),
        ("אב  ", False, "1100"),
    ],
)
def test_levels(text: str, left: bool, recorded: str) -> None:
    assert "".join(map(str, levels(text, left=left))) == recorded


@pytest.mark.parametrize(
    ("depths", "order"),
    [
        ([0, 0, 0], [0, 1, 2]),
        ([1, 1, 1], [2, 1, 0]),
        ([0, 1, 1, 0], [0, 2, 1, 3]),
        ([1, 2, 2, 1], [3, 1, 2, 0]),
        ([0, 1, 2, 2, 1, 0], [0, 4, 2, 3, 1, 5]),
        ([], []),
    ],
)
def test_the_order_in_sight(depths: list[int], order: list[int]) -> None:
    assert in_sight(depths) == order


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hello", False),
        ("שלום", True),
        ("LSTM של השכחה", True),
        ("The word “שלום” is read", False),
        ("0.5 (", False),
        ("", False),
        (f"{RIGHT_TO_LEFT}abc", True),
        (f"{LEFT_TO_RIGHT}שלום", False),
    ],
)
def test_a_line_runs_as_most_of_it(text: str, left: bool) -> None:
    assert runs_left(text) == left


def test_words_say_which_way_a_text_runs() -> None:
    assert words_run_left(["הסרט", "iPhone", "היה", "טוב"])
    assert not words_run_left(["The", "word", "שלום"])
    assert not words_run_left(())


def test_a_bracket_alone_is_drawn_as_in_its_text() -> None:
    assert towards("(", left=True) == RIGHT_TO_LEFT + "("
    assert towards("(", left=False) == "("
    assert towards("good", left=True) == "good"


def test_words_in_a_sentence_do_not_change_places() -> None:
    said = f"“{beside('אב', left=False)}”, “{beside('גד', left=False)}”"
    order = in_sight(levels(said, left=False))
    seen = [said[k] for k in order]
    assert seen.index("א") < seen.index("ד")
    assert beside("good", left=False) == "good"
    assert beside("good", left=True) == f"{RIGHT_TO_LEFT}good{RIGHT_TO_LEFT}"


def test_a_long_word_does_not_turn_a_sentence() -> None:
    assert not runs_left(keeping("At “התרגשותנו”.", left=False))
    assert keeping("At once.", left=False) == "At once."
    assert not pattern_runs_left("{x} stays “שלום”")
    assert pattern_runs_left("יחידה {unit} החזיקה {c_prev[unit]}.")
    said = language("en").say("Word {n} of {total}: “{word}”.", n=1, total=2, word="התרגשותנו" * 3)
    assert not runs_left(said)


def test_the_sign_of_a_number_stays_before_it() -> None:
    said = keeping("נשאר −0.03.", left=True)
    seen = "".join(said[k] for k in in_sight(levels(said, left=True)))
    assert "−0.03" in seen
    assert seen.startswith(".")
    assert keeping("−0.03 is left.", left=False) == "−0.03 is left."
