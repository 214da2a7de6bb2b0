"""Every script is drawn in fonts that come along, and shaped as its readers expect it."""

from __future__ import annotations

from collections.abc import Collection
from importlib.resources import files

import numpy as np
import pytest
import uharfbuzz as hb

from lstmviz.stage.text.fonts import (
    branded,
    face,
    region_of,
    runs,
    script_fonts,
    undrawn,
    undrawn_note,
    write_as,
)
from lstmviz.stage.text.text import TextLine, code_point_box, text_width, wrap
from lstmviz.style.bidi import runs_left
from lstmviz.style.language import language

SCRIPTS = {
    "Cyrillic": "Фильм был очень хорош, їжак Ђорђе",
    "Greek": "Η ταινία ήταν πολύ καλή Ω",
    "Vietnamese": "Bộ phim rất hay nhưng hơi dài",
    "Arabic": "كان الفيلم جميلا جدا، پچژگ ۱۲۳",
    "Hebrew": "הסרט היה טוב מאוד שָׁלוֹם",
    "Devanagari": "फ़िल्म बहुत अच्छी थी। क्षत्रिय",
    "Bengali": "ছবিটা খুব ভালো ছিল ক্ষমতা",
    "Tamil": "படம் மிகவும் நன்றாக இருந்தது ஸ்ரீ",
    "Telugu": "సినిమా చాలా బాగుంది",
    "Thai": "หนังดีมาก น้ำใจ เป็น",
    "Khmer": "ខ្ញុំចូលចិត្ត",
    "Burmese": "ရုပ်ရှင်က ကောင်းတယ်",
    "Korean": "영화가 정말 좋았어요 뷁 ㅋㅋ",
    "Japanese": "映画はとても良かった。ヴァイオリン々〆",
    "Traditional Chinese": "這部電影很好看，臺灣龜鬱喆堃ㄅ",
    "Simplified Chinese": "这部电影很好看。镕喆",
    "Amharic": "ፊልሙ በጣም ጥሩ ነበር",
    "Georgian": "ფილმი ძალიან კარგი იყო",
    "Armenian": "Ֆիլմը շատ լավն էր",
    "emoji": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    "😀🛸👍🏽👩‍💻👨‍👩‍👧🇩🇪1️⃣❤️☀✈️",
    "symbols": "★ ♥ ✓ ∑ ⟨ 𝒜 ⠿ ⏎ ␣ ½ № ℃",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_no_character_of_a_script_is_without_a_glyph(text: str) -> None:
    assert undrawn([text]) == []
    for run, name in runs(text, "regular", "", region_of([text])):
        buffer = hb.Buffer()
        buffer.add_str(run)
        buffer.guess_segment_properties()
        hb.shape(face(name).font, buffer)
        assert all(info.codepoint for info in buffer.glyph_infos), (run, name)
    assert len(TextLine(text).points)
    assert undrawn_note([text]) == ""


@pytest.mark.parametrize("weight", ["regular", "bold", "mono"])
def test_every_weight_has_every_script(weight: str) -> None:
    for text in SCRIPTS.values():
        assert all(name for _, name in runs(text, weight, "", ""))  # type: ignore[arg-type]


def test_only_the_fonts_that_a_text_needs_are_asked() -> None:
    assert [name for _, name in runs("Фильм, good", "regular", "", "")] == [
        "NotoSansSC-Regular.otf"
    ]
    assert {name for _, name in runs("שלום", "regular", "", "")} == {"NotoSansHebrew-Regular.ttf"}


def test_every_font_file_is_listed() -> None:
    fonts = files("lstmviz.style") / "fonts"
    there = {entry.name for entry in fonts.iterdir() if entry.name.endswith(("otf", "ttf"))}
    usual = "SC-Regular.otf SC-Bold.otf -Regular.ttf -Bold.ttf Math-Regular.ttf Mono-Regular.ttf"
    assert there == {*script_fonts(), *(f"NotoSans{name}" for name in usual.split())}


def test_words_with_rare_accents_are_set_in_one_font() -> None:
    for text in ("Việt", "Καλημέρα"):
        assert len(list(runs(text, "regular", "", ""))) == 1


def ink(text: str) -> float:
    """How wide the shapes are, in ems."""
    return float(np.ptp(TextLine(text, size=1.0).points[:, 0]))


def test_arabic_letters_are_joined() -> None:
    assert ink("ببب") < 0.8 * ink("ب ب ب")
    assert text_width("ببب", 1.0) < 3 * text_width("ب", 1.0)


def test_letters_of_india_are_joined() -> None:
    assert text_width("क्ष", 1.0) < text_width("क", 1.0) + text_width("ष", 1.0)


@pytest.mark.parametrize(
    ("whole", "part"), [("👩‍💻", "👩"), ("👍🏽", "👍"), ("🇩🇪", "🇫🇷"), ("1️⃣", "😀")]
)
def test_a_sequence_of_emoji_is_one_picture(whole: str, part: str) -> None:
    assert text_width(whole, 1.0) == pytest.approx(text_width(part, 1.0))


def test_hebrew_runs_from_right_to_left() -> None:
    line, first, last = (TextLine(text, size=1.0, align="left") for text in ("אל", "א", "ל"))
    start = line.points[: len(last.points)]
    assert np.allclose(start, last.points)
    assert np.allclose(line.points[len(last.points) :, 1], first.points[:, 1])


def test_in_a_line_of_hebrew_latin_words_run_to_the_right_and_brackets_are_mirrored() -> None:
    line, word = (TextLine(text, size=1.0, align="left") for text in ("אלה הם LSTM", "LSTM"))
    assert np.allclose(line.points[: len(word.points)], word.points)
    mirrored, plain = (TextLine(text, size=1.0, align="left") for text in ("(אל)", "("))
    assert np.allclose(mirrored.points[: len(plain.points)], plain.points)


def test_what_no_font_has_is_drawn_as_its_code_point() -> None:
    outline, advance = code_point_box("\U0001f6f8")
    assert np.allclose(TextLine("\U00013000", size=1.0).advance, advance)  # five digits, too
    assert code_point_box("\u0f40")[1] < advance
    high, low = outline[:, 1].max(), outline[:, 1].min()
    assert (low, high) == pytest.approx((-0.13, 0.87))
    digits = [TextLine(digit, size=1.0, weight="mono") for digit in "01F6F8"]
    assert len(outline) == 32 + sum(len(digit.points) for digit in digits)
    text = "\U00013000 and \u0f40\u0f72 \u200b\n葛\U000e0100"
    assert undrawn([text]) == ["\U00013000", "\u0f40", "\u0f72"]
    assert TextLine("\u0f72", size=1.0).advance == pytest.approx(code_point_box("\u0f72")[1])
    note = undrawn_note(map(chr, range(0x13000, 0x13008)))
    assert note.startswith("no font has 𓀀 (U+13000), ")
    assert note.endswith("and 3 others; each is drawn as its code point in a box")


def test_invisible_characters_take_no_room() -> None:
    for text in ("\u200e", "\u200f", "\u00ad", "\ufeff", "\x07"):
        assert TextLine(text).advance == 0.0
        assert not len(TextLine(text).points)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("映画はとても良かった", "JP"),
        ("這部電影很好看", "TC"),
        ("这部电影很好看", ""),
        ("人山", ""),
        ("“が”是一个日语的词，意思是什么", ""),
        ("good", ""),
    ],
)
def test_the_region_of_a_text(text: str, region: str) -> None:
    assert region_of(text) == region


def test_chinese_characters_look_as_in_the_language_of_the_text() -> None:
    china = TextLine("直").points
    with branded({}):
        write_as("JP")
        japan = TextLine("直").points
    assert len(japan) != len(china) or not np.allclose(japan, china)
    assert np.allclose(TextLine("直").points, china)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_lines_break_between_characters_as_people_see_them(text: str) -> None:
    lines = wrap(text, 1.0, 4.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in "\u200d\ufe0f\u0e33\u094d🏽" for line in lines)


def test_thai_breaks_at_spaces_of_no_width_if_it_has_any() -> None:
    assert wrap("หนัง\u200bดีมาก", 1.0, 2.0) == ["หนัง\u200b", "ดีมาก"]
    assert len(wrap("หนังดีมากน้ำใจ", 1.0, 2.0)) > 1


def test_each_line_runs_as_the_whole_text_does() -> None:
    lines = wrap("The word that is read now is “התרגשות”.", 1.0, 6.0)
    assert "התרגשות" in lines[-1]
    assert not any(map(runs_left, lines))
    lines = wrap("המילה שנקראת עכשיו היא LSTM.", 1.0, 5.0)
    assert all(map(runs_left, lines))


@pytest.mark.parametrize("width", [2.0, 3.1, 4.7, 6.0, 9.0])
@pytest.mark.few(2)
@pytest.mark.slow
def test_no_line_of_a_chinese_caption_ends_within_a_word(width: float) -> None:
    chinese = language("zh")
    words = chinese.unbroken
    assert {"遗忘门", "细胞状态", "候选", "网络", "权重"} <= words
    for caption in (text for table in chinese.captions.values() for text in table.values()):
        lines = wrap(caption, 0.37, width, words)
        assert "".join(lines).replace(" ", "") == caption.replace(" ", "")
        parts = _cut(caption.replace(" ", ""), words)
        for line in lines[:-1]:
            line = line.replace(" ", "")
            while line:
                line = line.removeprefix(parts[0])
                parts = parts[1:]
                assert line == "" or parts, caption


def _cut(text: str, words: Collection[str]) -> list[str]:
    """Cut a text into its words, the longest at each place; what is none is cut into letters."""
    parts = []
    while text:
        word = max((word for word in words if text.startswith(word)), key=len, default=text[0])
        parts.append(word)
        text = text[len(word) :]
    return parts
