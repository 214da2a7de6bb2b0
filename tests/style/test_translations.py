"""Each language has every text, and what it lacks is said; English stands where it is told."""

from __future__ import annotations

import ast
import string
import tomllib
from pathlib import Path

import pytest

from lstmviz.stage.story.discovery import name_of, scenes_folder, stories
from lstmviz.style.language import (
    SOFT_HYPHEN,
    language,
    languages,
    missing_note,
    texts,
    words_of_files,
)
from lstmviz.style.language_file import template
from lstmviz.style.plurals import plural_rule
from lstmviz.system.texts import writable

RULES = [
    tag
    for rule in tomllib.loads(
        (Path(language.__code__.co_filename).parent / "plurals.toml").read_text(encoding="utf-8")
    )["rule"]
    for tag in rule["languages"].split()
]
OTHERS = [code for code in languages() if code != "en"]
TABLES = {"terms", "files", "article", "titles"}


def content(code: str) -> dict[str, dict[str, str]]:
    """What stands in a file that comes along."""
    path = Path(language.__code__.co_filename).parent / "languages" / f"{code}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: table for name, table in told.items() if isinstance(table, dict)}


def fields(text: str) -> set[str]:
    """The fields of a text; the forms of a word are a matter of each language."""
    return {
        f"{name.partition('|')[0]}:{form}"
        for _, name, form, _ in string.Formatter().parse(text)
        if name
    }


def readings(text: str) -> list[str]:
    """Its fields without words that have forms, each as often as it is there."""
    parsed = string.Formatter().parse(text)
    return sorted(f"{name}:{form}" for _, name, form, _ in parsed if name and "|" not in name)


def mine(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_that_comes_along_lacks_no_text(code: str) -> None:
    assert language(code).missing == ()
    assert language(code).code == code


@pytest.mark.parametrize("code", OTHERS)
def test_it_has_no_text_that_nobody_shows_and_the_same_fields(code: str) -> None:
    for table, entries in content(code).items():
        allowed = {**texts()[table], **(texts()["titles"] if table == "article" else {})}
        for key, text in entries.items():
            name, _, unit = key.partition("@")
            assert name in allowed, table
            assert unit in ("", "character", "token", "step")
            assert fields(text) == fields(allowed[name]), (table, name)
            assert readings(text) == readings(allowed[name]), (table, name)
            assert writable(text) == text == text.strip()


def test_english_is_what_the_scenes_say() -> None:
    english = texts()
    assert set(english) - TABLES <= {story.name for story in stories()} == set(english["titles"])
    for path in scenes_folder().glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                name = name_of(node.name)
                said = (ast.get_docstring(node) or "").partition("\n")[0]
                assert english["titles"][name] == said
                assert captions(node) == set(english.get(name, {}).values()), name


def captions(story: ast.ClassDef) -> set[str]:
    """Every sentence that a step of a story may have."""
    found: set[str] = set()
    for call in ast.walk(story):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.step":
            choices = [call.args[1]]
            while choices:
                choice = choices.pop()
                if isinstance(choice, ast.IfExp):
                    choices += [choice.body, choice.orelse]
                elif isinstance(choice, ast.Subscript) and isinstance(choice.value, ast.Dict):
                    choices += choice.value.values
                else:
                    found.add(ast.literal_eval(choice))
    return found


def test_a_story_s_own_english_is_told_not_that_of_the_file() -> None:
    english = language("en")
    assert english.caption("tanh", "curve", "mine") == "mine"
    assert english.title("tanh", "mine") == "mine"
    assert language("zh").title("tanh", "mine").startswith("tanh 函数")


def test_a_template_has_every_text_and_is_a_language_file(tmp_path: Path) -> None:
    text = template("pt-BR")
    for entries in texts().values():
        for english in entries.values():
            assert f"\n# {english}\n" in text
    words = language(mine(tmp_path, text))
    assert words.code == "pt-BR"
    assert len(words.missing) == sum(map(len, texts().values()))


@pytest.mark.parametrize("code", OTHERS)
def test_a_template_keeps_what_is_known(tmp_path: Path, code: str) -> None:
    known = language(code)
    again = language(mine(tmp_path, template(code, known)))
    assert again.missing == ()
    assert (again.terms, again.captions, again.titles) == (
        known.terms,
        known.captions,
        known.titles,
    )
    assert (again.files, again.plural, again.letters_per_second) == (
        known.files,
        known.plural,
        known.letters_per_second,
    )


def test_what_a_file_lacks_is_english_and_said(tmp_path: Path) -> None:
    path = mine(tmp_path, template("es", language("es")).replace("Atrás", "").replace("olvido", ""))
    lacks = language(path)
    assert lacks.missing == ("forget", "files.back")
    assert (lacks.word("forget"), lacks.files["back"]) == ("forget", "Back")
    note = missing_note(path, lacks)
    assert f"2 of {sum(map(len, texts().values()))} texts are missing in {path} and stay" in note
    assert note.endswith(f"English: forget, files.back; see lstmviz check --lang {path}")
    assert "1 of" in missing_note("x", language(mine(tmp_path, one_short())))
    assert missing_note("es", language("es")) == ""


def one_short() -> str:
    return template("es", language("es")).replace('"Atrás"', '""')


def test_a_file_may_stand_on_another_language(tmp_path: Path) -> None:
    words = language(mine(tmp_path, 'base = "zh"\n[two]\nonly = "一"\n[tanh]\ncurve = "曲线"\n'))
    chinese = language("zh")
    assert (words.code, words.plural, words.missing) == ("zh", "zh", ())
    assert words.terms == chinese.terms
    assert words.caption("two", "only", "") == "一"
    assert words.caption("tanh", "curve", "") == "曲线"
    assert words.caption("tanh", "all", "") == chinese.captions["tanh"]["all"]


def test_a_word_has_the_form_of_its_number(tmp_path: Path) -> None:
    assert language("en").say("words in all", cell="RNN", total=1) == "RNN · 1 word"
    assert language("es").say("words in all", cell="RNN", total=2) == "RNN · 2 palabras"
    forms = '"words in all" = "{total} {total|слово|слова|слов}"'
    words = language(mine(tmp_path, f'code = "ru"\n[terms]\n{forms}\n'))
    said = [words.say("words in all", cell="", total=n) for n in (1, 3, 5, 11, 12, 21, 104)]
    assert said == [
        f"{n} {word}"
        for n, word in zip(
            (1, 3, 5, 11, 12, 21, 104),
            ("слово", "слова", "слов", "слов", "слов", "слово", "слова"),
            strict=True,
        )
    ]


# From CLDR's own samples of each class.
@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("zh", {0: "other", 1: "other", 7: "other"}),
        ("en", {0: "other", 1: "one", 2: "other", 101: "other"}),
        ("es", {0: "other", 1: "one", 2: "other", 17: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other", 17: "other"}),
        ("pt-BR", {0: "one", 1: "one", 2: "other"}),
        ("pt-PT", {0: "other", 1: "one", 2: "other"}),
        ("ru", {1: "one", 21: "one", 11: "many", 0: "many", 2: "few", 24: "few", 14: "many"}),
        ("pl", {1: "one", 2: "few", 24: "few", 12: "many", 21: "many", 0: "many", 5: "many"}),
        ("cs", {1: "one", 2: "few", 4: "few", 5: "other", 21: "other", 22: "other"}),
        ("ar", {0: "zero", 1: "one", 2: "two", 3: "few", 103: "few", 11: "many", 100: "other"}),
    ],
)
def test_plural_rules(code: str, forms: dict[int, str]) -> None:
    plural = plural_rule(code)
    assert plural is not None
    assert {n: plural.forms[plural.form(n)] for n in forms} == forms


@pytest.mark.slow
def test_plural_rules_are_those_of_cldr_in_every_language() -> None:
    babel = pytest.importorskip("babel")
    rules = {tag: plural_rule(tag) for tag in [*RULES, "de-AT", "zh-TW", "fr-CA"]}
    assert len(rules) > 150
    for tag, rule in rules.items():
        cldr = babel.Locale.parse(tag, sep="-").plural_form
        assert rule is not None
        for number in (*range(113), 200, 1000, 1001, 10_000):
            assert rule.forms[rule.form(number)] == cldr(number), (tag, number)


def test_a_language_has_its_own_plural_forms_unless_its_file_says_otherwise(tmp_path: Path) -> None:
    own = ('code = "ar"', "ar"), ('code = "uk"\nplural = "pl"', "pl"), ('code = "tlh"', "en")
    for text, plural in own:
        assert language(mine(tmp_path, text)).plural == plural
    assert "# a word has these forms: one|few|many" in template("uk")
    assert 'plural = "en"' in template("tlh")


def test_a_long_word_may_be_broken_in_a_box_alone() -> None:
    spanish = language("es")
    assert SOFT_HYPHEN in spanish.label("update")
    assert spanish.word("update") == "actualización"


def test_decks_of_a_language_that_nobody_knows_are_english() -> None:
    assert words_of_files("zh-Hans")["play"] == "播放"
    assert words_of_files("tlh") == {**texts()["files"], "code": "und"}


@pytest.mark.parametrize(
    ("code", "unit", "caption", "told"),
    [
        ("en", "character", "“{word}” is a word. Words!", "“{word}” is a character. Characters!"),
        ("en", "token", "{few} words; no keyword", "{few} tokens; no keyword"),
        ("en", "word", "one word", "one word"),
        ("en", "step", "one word; words", "one step; steps"),
        ("zh", "step", "第一个词", "第一个时间步"),
        ("es", "step", "Una {n|palabra|palabras}", "Una {n|etapa|etapas}"),
        ("zh", "character", "新词“{word}”，逐词", "新字符“{word}”，逐字符"),
        ("es", "token", "{n|palabra|palabras}: Palabra", "{n|pieza|piezas}: Pieza"),
    ],
)
def test_what_is_said_of_words_is_said_of_characters(
    code: str, unit: str, caption: str, told: str
) -> None:
    assert language(code).told_of(caption, unit) == told


def test_a_language_may_say_it_of_steps_in_a_sentence_of_its_own(tmp_path: Path) -> None:
    words = language(mine(tmp_path, '[two]\nonly = "this word"\n"only@step" = "here"\n'))
    said = [words.told("two", "only", "", unit) for unit in ("word", "token", "step")]
    assert said == ["this word", "this token", "here"]
    assert language("zh").told("output-gate", "leave", "", "step").startswith("h 就是这一步的输出")
