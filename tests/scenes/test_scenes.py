"""Every scene, over inputs, languages and themes: can it be read, and is every number true?"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labels import assert_labels_hold
from walking import CASES, FILM, STORIES, Walk, decimals, followed, trace_of, walk, walked

import lstmviz
from lstmviz.demo.network_of import network_of
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage import TextLine
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.story.discovery import find_story, scenes_folder
from lstmviz.style.language import language, languages, texts
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS, WIDE_ASPECT
from lstmviz.style.theme import THEMES
from lstmviz.trace.trace import Trace

CARD = {"title": "How a network remembers"}  # what the film begins with, too
LOOKS = [("dark", "en"), ("light", "zh")]
WEIGHED = {
    "forget-gate",
    "input-gate",
    "output-gate",
    "reset-gate",
    "update-gate",
    "gru-cell",
    "rnn-cell",
    "sigmoid",
    "tanh",
}
SHAPES = [aspect for aspect in ASPECTS if aspect != WIDE_ASPECT]
VARIED = ("first of short words", "one word", "8 units")  # whose captions are partly others
SCENES = sorted(scenes_folder().glob("*.py"))


def answered(case: str) -> bool:
    """Tell whether the network that a case runs on has a readout: those for words have."""
    return isinstance(CASES[case].get("input", ""), str)


def cases() -> list[Any]:
    """List the walks of each story, by the tier that they belong to.

    `make test` has a story's own input. `make verify` has it in every shape and in Chinese, some
    of the other inputs, each in another shape, every other one in Chinese (the next story takes
    the next ones), and another cell; `--tier thorough` everything in every look.
    """
    walks = []
    for k, story in enumerate(STORIES):
        teller = find_story(story)

        def add(*values: object, tier: str, group: str = f"@{story}@") -> None:
            name = group + "-".join(str(value) for value in values[1:] if value)
            mark = getattr(pytest.mark, tier)
            walks.append(pytest.param(*values, marks=[mark], id=name))  # type: ignore[arg-type]

        late = story == FILM

        def tier(first: bool, then: bool, late: bool = late) -> str:
            return "slow" if first and not late else "verify" if first or then else "thorough"

        for theme in THEMES:
            for lang in languages():
                look = (theme, lang)
                add(
                    story,
                    "demo",
                    *look,
                    None,
                    WIDE_ASPECT,
                    tier=tier(look == LOOKS[0], look in LOOKS),
                )
        others = [case for case in list(CASES)[1:] if answered(case) or not teller.needs_readout]
        for a, aspect in enumerate(SHAPES):
            for n, look in enumerate(LOOKS):
                some = (a + k) % 2 == n and (story != FILM or aspect == SHAPES[-1])
                add(story, "demo", *look, None, aspect, tier=tier(False, some))
            for j, case in enumerate(others if story != FILM else ()):
                look, some = LOOKS[(a + j) % 2], a == k % len(SHAPES) and j == k % len(others)
                add(story, case, *look, None, aspect, tier=tier(False, some))
        if story == FILM:
            continue
        for j, case in enumerate(others):
            for n, look in enumerate(LOOKS):
                some = (j + k) % 4 == 0 and (j + k) // 4 % 2 == n
                add(story, case, *look, None, WIDE_ASPECT, tier=tier(False, some))
        cells = [cell for cell in teller.fitting_cells() if cell != teller.cell]
        if teller.needs_readout:
            continue
        for j, cell in enumerate(cells):
            some = j == k % len(cells)
            add(story, "8 units", "dark", "en", cell, WIDE_ASPECT, tier=tier(False, some))
            for aspect in SHAPES:
                add(story, "8 units", "dark", "en", cell, aspect, tier="thorough")
    return walks


WALKS = cases()


@pytest.fixture
def told(story: str, case: str, theme: str, lang: str, cell: str | None, aspect: str) -> Walk:
    # Each story takes all of the inputs: one that begins to refuse any of them fails.
    return walk(story, case, theme, lang, cell, aspect)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test of walks look at all of them; those of the last tier are many."""
    if "told" in metafunc.fixturenames:
        thorough = metafunc.config.getoption("--tier") == "thorough"
        wanted = [walk for walk in WALKS if thorough or walk.marks[0].name != "thorough"]
        metafunc.parametrize(("story", "case", "theme", "lang", "cell", "aspect"), wanted)


def test_everything_can_be_read(told: Walk) -> None:
    assert not told.findings, "\n".join(map(str, told.findings))


@pytest.mark.parametrize(
    "story", [pytest.param(story, id=f"@{story}@") for story in STORIES if story != FILM]
)
def test_the_first_picture_says_what_it_is(story: str) -> None:
    opening = walk(story, "demo", *LOOKS[0]).opening
    title = CARD.get(story) or find_story(story).summary()
    title, seen = (" ".join(re.findall(r"\w+", text.lower())) for text in (title, opening))
    assert title in seen


@pytest.mark.parametrize("aspect", ["16:9", "1:1"])
@pytest.mark.parametrize("units", [5, 6, 8])
@pytest.mark.verify
def test_tall_states_of_an_lstm_cover_no_label(units: int, aspect: str) -> None:
    story = find_story("hidden-state")
    trace = lstmviz.run(story.input, cell="lstm", hidden=units)
    assert not walked(story, trace, aspect=aspect).findings


def test_every_number_is_its_reading(told: Walk) -> None:
    seen = 0
    for still in told.stills:
        for number in still.numbers:
            name, tick = number.reading.name, number.reading.tick
            source = next(
                trace
                for trace in told.sources
                if name in trace
                and tick < len(trace)
                and np.array_equal(trace[name][tick], number.reading.value)
            )
            true = Decimal(float(source[name][tick, number.unit]))
            assert number.text == written(true, name, source), (still.step, name, tick, number.unit)
            assert len(number.points) == len(TextLine(number.text).points), "drawn as it says"
            seen += 1
    assert seen


def test_no_number_comes_from_elsewhere(told: Walk) -> None:
    tokens = {token.text.replace("-", "−") for token in told.trace.tokens}
    tokens.add(f"σ(0) = {lstmviz.sigmoid(np.zeros(1))[0]}")  # the mark on its curve
    for still in told.stills:
        loose = [each.text for each in still.words if each not in still.numbers]
        assert not [text for text in loose if decimals(text) and text not in tokens], still.step


def test_what_is_added_up_and_multiplied_holds_as_shown(told: Walk) -> None:
    for still in told.stills:
        for column in columns(still.words):
            assert_holds(column)


def test_what_a_label_says_is_computed(told: Walk, story: str) -> None:
    if story == FILM:
        pytest.skip("its parts are told of several networks, and each is a story of its own here")
    known = told.trace.network
    seed = known.title.startswith("untrained")
    network = seeded(known.cell, known.inputs, known.hidden) if seed else network_of(told.trace)
    assert network is not None
    weighed = assert_labels_hold(told, network)
    assert weighed or story not in WEIGHED


def test_captions(told: Walk, aspect: str) -> None:
    ticks = sorted({told.tick, *(still.tick for still in told.stills)})
    true = {
        written(Decimal(float(value)), name, told.trace)
        for name in (*told.trace.names, *(f"{state}_prev" for state in told.trace.initial), "x")
        for value in told.trace[name][ticks].flat
    }
    true |= {
        written(Decimal(float(value)), name, source)
        for source in told.sources[1:]
        for name in (*source.names, *(f"{state}_prev" for state in source.initial))
        for value in source[name].flat
    }
    shares = {
        str((100 * Decimal(float(value))).quantize(Decimal(1), ROUND_HALF_EVEN))
        for name in told.trace.names
        if told.trace.notation.look(name).scale == "gate"
        for value in told.trace[name][ticks].flat
    }
    tokens = " ".join(token.text.replace("-", "−") for token in told.trace.tokens)
    for still in told.stills:
        assert still.caption
        assert 1 <= still.caption_lines <= layout_named(aspect).lines, still.caption
        for number in decimals(still.caption):
            assert number in true or number in tokens, (still.caption, number)
        for share in re.findall(r"(\d+) ?%", still.caption):
            assert share in shares, still.caption


def written(value: Decimal, name: str, trace: Trace) -> str:
    """Write a number by the rules of the pictures, without the package's own code."""
    size, scale = abs(value), trace.notation.look(name).scale  # as its cell says: see test_notation
    if scale in ("size", "small") and 0 < size < Decimal("0.0095"):
        text = near_zero(size)
    elif size >= Decimal("99999.5"):
        exponent = size.adjusted()
        text = f"{(size.scaleb(-exponent)).quantize(Decimal('0.1'), ROUND_HALF_EVEN)}e{exponent}"
    else:
        places = 2 if size < Decimal("9.995") else 1 if size < Decimal("99.95") else 0
        rounded = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        if rounded == 0:
            return str(rounded)
        text = str(rounded)
    return ("−" if value < 0 else "" if scale in ("gate", "size") else "+") + text


def near_zero(size: Decimal) -> str:
    """Write a small number with one digit that is not 0, as a person would."""
    exponent = size.adjusted()
    first = size.scaleb(-exponent).quantize(Decimal(1), ROUND_HALF_EVEN)
    if first == 10:
        first, exponent = Decimal(1), exponent + 1
    if exponent < -6:
        raised = str(-exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{first}×10⁻{raised}"
    behind = "0" * (-exponent - 1) + str(first)
    return "0." + (behind if len(behind) < 5 else f"{behind[:3]}\u202f{behind[3:]}")


SIGNS = set("×+=≈")


def equations(words: tuple[TextLine, ...]) -> list[list[str]]:
    """Find rows of numbers with signs between them, by where they stand."""
    return [row for column in columns(words) for row in column]


def columns(words: tuple[TextLine, ...]) -> list[list[list[str]]]:
    """Find those rows, and which of them stand one below the other."""
    wanted = [each for each in words if isinstance(each, Number) or each.text in SIGNS]
    rows: list[list[TextLine]] = []
    for each in sorted(wanted, key=lambda each: float(each.get_x())):
        sign = each.text in SIGNS
        row = next(
            (
                row
                for row in rows
                if abs(row[-1].get_y() - each.get_y()) < 0.12
                and each.get_left()[0] - row[-1].get_right()[0] < 1.2
                and (row[-1].text in SIGNS) != sign
            ),
            None,
        )
        if row:
            row.append(each)
        elif not sign:
            rows.append([each])
    found: dict[tuple[float, ...], list[list[str]]] = {}
    for row in rows:
        result = next((each for each in row if each.text in "=≈"), None)
        if result is not None:
            place = (round(float(result.get_x()), 1), len(row))
            found.setdefault(place, []).append([each.text for each in row])
    return list(found.values())


def value(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def assert_holds(rows: list[list[str]]) -> None:
    """Assert that rows of one column hold, each with the sign that it needs."""
    for row in rows:
        assert row[-2] == ("=" if holds_as_shown(row) else "≈"), rows


def holds_as_shown(row: list[str]) -> bool:
    """Tell whether a row holds digit for digit; it must, but for the rounding of its numbers."""
    at = next(k for k, text in enumerate(row) if text in "=≈")
    assert at == len(row) - 2, row
    operands = [value(text) for text in row[:at:2]]
    signs = row[1:at:2]
    assert len(set(signs)) == 1, row
    if signs[0] == "×":
        exact = operands[0] * operands[1]
        slack = sum(abs(each) for each in operands) * Decimal("0.005")
    else:
        exact = sum(operands, Decimal(0))
        slack = Decimal(0)
    shown = value(row[-1])
    half = Decimal("0.5").scaleb(shown.as_tuple().exponent)  # type: ignore[arg-type]
    slack += sum((Decimal("0.5").scaleb(o.as_tuple().exponent) for o in operands), Decimal(0))  # type: ignore[arg-type]
    assert abs(exact - shown) <= half + slack + Decimal("0.0001"), row
    return bool(abs(exact - shown) <= half)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            name, id=f"@{name}@", marks=pytest.mark.verify if name == FILM else pytest.mark.slow
        )
        for name in STORIES
    ],
)
@pytest.mark.parametrize("inputs", ["its own", pytest.param("others", marks=pytest.mark.verify)])
def test_captions_in_other_languages_say_the_same(story: str, inputs: str) -> None:
    english = dict(walk(story, "demo", "dark", "en").patterns)
    for case in VARIED if inputs == "others" and story != FILM else ():
        with suppress(UsageError):
            followed(find_story(story), trace_of(story, case), english, at=CASES[case].get("at"))
    known = texts().get(story, {})
    assert {key: known[key] for key in english} == english
    for lang in languages():
        if lang != "en":
            assert_says_the_same(language(lang).captions.get(story, {}), english)


def assert_says_the_same(translated: Mapping[str, str], english: Mapping[str, str]) -> None:
    """Assert that each sentence is there, with the same fields, and none of another step."""
    assert sorted(set(english) - set(translated)) == []
    names = {key.partition("-")[0] for key in english}
    # A sentence for steps alone, "join@step", goes with the one for all words.
    steps = (re.split("[-@]", key)[0] for key in translated)
    assert [step for step in steps if step not in names] == []
    for key, pattern in english.items():
        assert fields(translated[key]) == fields(pattern), key


def fields(pattern: str) -> list[str]:
    parsed = string.Formatter().parse(pattern)
    # A word's forms, {n|word|words}, are a matter of each language.
    return sorted(f"{name}:{form}" for _, name, form, _ in parsed if name and "|" not in name)


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_scene_is_short_and_imports_only_the_public(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert sum(isinstance(node, ast.stmt) for node in ast.walk(tree)) <= 48
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules = [node.module or ""]
        for module in modules:
            assert module in {"manim", "numpy", "lstmviz", "lstmviz.stage"}, module
    assert "import *" not in text


@pytest.mark.parametrize("story", [pytest.param("forget-gate", id="@forget-gate@")])
def test_rows_of_arithmetic_are_found(story: str) -> None:
    rows = {
        still.step: equations(still.words) for still in walk(story, "demo", "dark", "en").stills
    }
    assert [len(row) for row in rows["weigh"]] == [5] * 4
    assert [len(row) for row in rows["forget"]] == [5] * 4
    assert {row[1] for row in rows["forget"]} == {"×"}
    assert rows["squash"] == []
    right, rounded = ["+0.50", "×", "0.50", "=", "+0.25"], ["+0.33", "×", "0.33", "=", "+0.12"]
    assert_holds([right, right])
    assert_holds([right, [*rounded[:3], "≈", rounded[4]]])
    for wrong in (
        [["+0.50", "×", "0.50", "=", "+0.26"]],
        [["+0.50", "×", "0.50", "≈", "+0.35"]],
        [[*right[:3], "≈", right[4]]],
        [right, rounded],
        [[*row[:3], "≈", row[4]] for row in (right, rounded)],
    ):
        with pytest.raises(AssertionError):
            assert_holds(wrong)


@pytest.mark.verify
def test_there_are_cases_of_every_kind() -> None:
    def traces(case: str) -> list[Trace]:
        return [trace_of(story, case) for story in STORIES]

    assert all(len(trace) == 1 for trace in traces("one word"))
    assert all(len(trace) >= 300 for trace in traces("300 words"))
    assert all(not trace.tokens[5].known for trace in traces("long unknown words"))
    assert all(trace.network.hidden == 16 for trace in traces("16 units"))


@pytest.mark.parametrize(
    ("story", "cell"),
    [
        pytest.param(
            story,
            cell,
            id=f"@{story}@",
            marks=() if story in {"lstm-cell", "rnn-cell"} else pytest.mark.verify,
        )
        for cell, told in (
            ("lstm", ("forget-gate", "input-gate", "output-gate", "lstm-cell", "gates")),
            ("gru", ("reset-gate", "update-gate", "gru-cell")),
            ("rnn", ("rnn-cell",)),
        )
        for story in told
    ],
)
@pytest.mark.slow
def test_captions_name_the_function_that_is_there(story: str, cell: str) -> None:
    trace = with_functions(trace_of(story, "8 units", cell), "softsign (alpha 2)")
    patterns: dict[str, str] = {}
    told = followed(find_story(story), trace, patterns, lang="zh")
    chinese = language("zh").captions[story]
    for sentence in (*patterns.values(), *(chinese[key] for key in patterns)):
        assert not re.search("σ|tanh|sigmoid", sentence), sentence
    assert any("{function}" in pattern for pattern in patterns.values()) or story == "gates"
    assert any(key.endswith("-other") for key in patterns)
    for key, pattern in patterns.items():
        assert fields(chinese[key]) == fields(pattern), key
    assert not any("(alpha" in step.caption for step in told.steps_told)


def with_functions(trace: Trace, function: str) -> Trace:
    """The same trace, as if a network had given another function in all places."""
    return replace(
        trace,
        recordings={
            key: replace(one, activations=dict.fromkeys(one.activations, function))
            for key, one in trace.recordings.items()
        },
    )


def test_the_code_of_the_lstm_is_told_of_no_other_functions() -> None:
    trace = with_functions(trace_of("lstm-code", "demo"), "hard_sigmoid")
    with pytest.raises(UsageError, match="made by sigmoid, but this network has hard_sigmoid"):
        find_story("lstm-code").check_needs(trace)
