"""Words of one's own are taken from their file, and what could not be told is refused there."""

from __future__ import annotations

from pathlib import Path

import pytest

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.stage import Story
from lstmviz.style.language import language, languages


class Two(Story):
    """A story of two steps."""

    needs = ("f",)

    def construct(self) -> None:
        with self.step("only", "Here {f[0]:.0%} of “{word}” stays, and {unit}.", unit=1):
            self.wait(0.1)


def mine(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(folder: Path, caption: str) -> str:
    """What the story says with a caption of one's own."""
    words = language(mine(folder, f"[two]\nonly = '{caption}'\n"))
    story = Two(lstmviz.run("good but dull"), at=1, lang=words)
    return story.say(story.lang.caption("two", "only", ""), unit=1)


@pytest.mark.parametrize("name", languages())
def test_what_comes_along_is_sound(name: str) -> None:
    assert language(name).terms


def test_captions_name_readings_and_values(tmp_path: Path) -> None:
    assert told(tmp_path, "{cell}: {word}, {unit}, {number} / {total}") == "LSTM: but, 1, 2 / 3"
    share = lstmviz.run("good but dull").at(1).f[0]
    assert told(tmp_path, "{f[0]:.0%}") == f"{share:.0%}"


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ("{nope}", r"has \{nope\}, but the fields here are: \{word\}.*\{unit\}.*\{f\}"),
        ("{f}", r"\{f\} cannot be written \(a unit of it must be named, as in \{f\[0\]\}\)"),
        ("{f[77]}", "cannot be written"),
        ("{f[nope]}", "cannot be written"),
    ],
)
def test_a_caption_that_its_story_cannot_fill_is_refused(
    tmp_path: Path, caption: str, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        told(tmp_path, caption)


def test_an_endless_word_does_not_burst_a_caption() -> None:
    story = Two(lstmviz.run("x" * 5_000))
    assert len(story.say("Then “{word}”, {name}.", name="y" * 5_000)) < 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[tanh]\na = "{word:>999999999}"', r"a of \[tanh\]: .* has a field that is not plain"),
        ('[tanh]\na = "{word.__class__}"', "has a field that is not plain"),
        ('[tanh]\na = "{word"', "has braces that mean nothing"),
        (f'[tanh]\na = "{"long " * 3_000}"', "has 15,000 letters, more than 500"),
        ('[terms]\n"word of" = "{nope}"', r"\{nope\}, but its fields are: \{cell\}, \{n\}, \{tot"),
        ('[terms]\n"forget" = "{word}"', r"it has \{word\}, but its fields are: none"),
        ('[terms]\n"On screen: {values}." = "{value}"', r"its fields are: \{values\}"),
        ("[tanh]\na = 3", r"\[tanh\] must hold lines like"),
        ('mine = ["dark"]', r"\[mine\] must hold lines like"),
        ('base = ["zh"]', "base must be one of: en, es, zh"),
        ('base = "mine.toml"', "base must be one of: en, es, zh"),
        ('code = "my language"', "code must be one such as es"),
        ('plural = "n != 1"', "plural must be the code of a language whose"),
        ('[terms]\n"words in all" = "{cell}, {total|a|b|c}"', "has 3 forms, but .* has 2"),
        ('[files]\nfollowing = "{next}"', r"its fields are: \{caption\}"),
        ("letters_per_second = 0", "must be a number from 1 to 1000"),
        ("letters_per_second = nan", "must be a number from 1 to 1000"),
        ("letters_per_second = true", "must be a number from 1 to 1000"),
        (f"letters_per_second = {'9' * 400}", "must be a number from 1 to 1000"),
        ("letters_per_second = " + "9" * 5_000, "is not valid TOML"),
        (".".join("a" * 20_000) + " = 1", "more than 16 levels"),
    ],
    ids=range(21),
)
def test_what_cannot_be_told_is_refused_when_it_is_read(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with (
        pytest.raises(
            UsageError, match=rf"the language file .*mine\.toml.*{sentence}(?i)".replace("(?i)", "")
        )
        if False
        else pytest.raises(UsageError, match=sentence) as refused
    ):
        language(mine(tmp_path, text))
    assert "language file" in str(refused.value)
    assert len(str(refused.value)) < 500


def test_a_caption_that_fails_is_named(tmp_path: Path) -> None:
    words = language(mine(tmp_path, '[two]\nonly = "{nope}"\n'))
    story = Two(lstmviz.run("good but dull"), lang=words)
    with pytest.raises(UsageError, match=r"^The caption only of two: '\{nope\}' has \{nope\}"):
        story.construct()
