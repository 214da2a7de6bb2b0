"""Series in pictures: features have their names, ticks their times, and nothing overlaps."""

from __future__ import annotations

import numpy as np
import pytest
from filming import check_story, record

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.reel.reel import Reel
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import canvas
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.lens import Equation
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.text.text import TextLine
from lstmviz.style.language import language
from lstmviz.style.layout import WIDE, Box
from lstmviz.style.theme import DARK
from lstmviz.trace.trace import Trace

LONG = "what fell in the last hour (mm)"
NAMES = ("temperature", "humidity", LONG, *(f"other {k}" for k in range(9)))
DAYS = tuple(f"2024-03-{day:02}" for day in range(20, 29))
QUARTERS = tuple(f"2024-03-28 {k // 4:02}:{k % 4 * 15:02}:00" for k in range(40))


def _trace(count: int, times: tuple[str, ...], cell: str, hidden: int = 4) -> Trace:
    values = np.random.default_rng(count).uniform(-1, 1, (len(times), count))
    return lstmviz.run(lstmviz.Series(values, NAMES[:count], times), cell=cell, hidden=hidden)


def _texts(group: object) -> list[str]:
    return [part.text for part in group.get_family() if isinstance(part, TextLine)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("times", "short"), [(DAYS, ["03-20", "03-21"]), (QUARTERS, ["00:00", "00:15"])]
)
def test_the_strip_and_the_history_have_short_times(
    times: tuple[str, ...], short: list[str]
) -> None:
    trace = _trace(2, times, "lstm")
    with canvas(DARK, 854, 480, 15, WIDE):
        strip = Strip(trace, 0, DARK, WIDE.strip)
        history = History(trace, ["f"], 0, [[0]], DARK, Box(-6, 6, -2, 2))
    assert _texts(strip)[:2] == short
    assert [_texts(word)[-1] for word in history.words][:2] == short


@pytest.mark.parametrize(
    ("story", "count", "times", "lang", "aspect"),
    [
        ("forget-gate", 12, QUARTERS, "en", "16:9"),
        ("sequence", 12, DAYS, "zh", "9:16"),
        *(
            pytest.param(*case, marks=pytest.mark.verify)
            for case in (
                ("forget-gate", 3, DAYS, "zh", "9:16"),
                ("rnn-cell", 12, DAYS, "zh", "16:9"),
                ("sequence", 12, DAYS, "en", "16:9"),
                ("sequence", 1, QUARTERS, "en", "9:16"),
                ("review-remembered", 3, QUARTERS, "en", "16:9"),
            )
        ),
    ],
)
@pytest.mark.verify
def test_names_and_times_overlap_nothing(
    story: str, count: int, times: tuple[str, ...], lang: str, aspect: str
) -> None:
    teller = find_story(story)
    trace = _trace(count, times, teller.cell or "lstm")  # type: ignore[arg-type]
    findings = check_story(teller, trace, lang=language(lang), aspect=aspect)
    assert not findings, "\n".join(map(str, findings))


class Look(Story):
    """A story that only looks."""

    needs = ("x", "h")

    def construct(self) -> None:
        with self.step("look", "{word}, {named}.", named=self.feature_names):
            self.add(self.column("x", numbers=True))


@pytest.mark.parametrize(
    ("count", "hidden", "notes"),
    [
        (3, 4, ["", "", ""]),
        (12, 4, ["", "4 of 12 features", "4 of 12 features"]),
        (12, 64, ["4 of 64 units", "4 of 12 features", "4 of 64 units · 4 of 12 features"]),
        (12, 12, ["4 of 12 units", "4 of 12 features", "4 of 12 units · 4 of 12 features"]),
    ],
)
@pytest.mark.slow
def test_features_and_units_are_counted_apart(count: int, hidden: int, notes: list[str]) -> None:
    said = []

    class Notes(Look):
        def construct(self) -> None:
            h, x = self.now["h"], self.now["x"]
            said.extend(self.note_of(readings) for readings in ([h], [x], [h, x]))
            said.append(self.names_of(x))
            super().construct()

    record(Notes, _trace(count, DAYS, "gru", hidden), stills=True, quality="draft")
    assert said[:3] == notes
    assert set(said[3]) <= set(NAMES)
    assert len(said[3]) == min(count, 4)


def _alt(trace: Trace) -> str:
    reel: Reel = record(Look, trace, stills=True, quality="draft", at=1)
    return reel.steps[0].alt


def test_names_and_times_are_in_the_description_and_in_the_caption() -> None:
    trace = _trace(2, DAYS, "gru")
    said = _alt(trace)
    assert said.startswith("2024-03-21, temperature, humidity. Step 2 of 9: 2024-03-21.")
    assert "x = temperature " in said
    plain = lstmviz.run(trace["x"], cell="gru")
    assert "Step 2 of 9. " in _alt(plain)


def test_rows_are_called_left_of_the_first_column_and_right_of_the_last() -> None:
    trace = _trace(3, DAYS, "gru")
    now = trace.at(0)
    box = Box(-2, 2, -2, 2)
    units = [range(4), range(3)]
    with canvas(DARK, 854, 480, 15, WIDE):
        both = Equation(
            [now["h_prev"], now["x"]],
            [" "],
            DARK,
            box,
            cell=trace.notation,
            units=units,
            names=[(), NAMES[:3]],
        )
        alone = Equation(
            [now["x"]], [], DARK, box, cell=trace.notation, units=units[1:], names=[NAMES[:3]]
        )
    assert _texts(both.indices)[:6] == ["1", "2", "3", "4", "temperatu…", "humidity"]
    assert _texts(alone.indices)[:2] == ["temperatu…", "humidity"]
    for equation in (both, alone):
        assert float(equation.get_left()[0]) >= box.left
        assert float(equation.get_right()[0]) <= box.right
        assert float(equation.indices[-1].get_left()[0]) > float(
            equation.columns[-1].get_right()[0]
        )


def test_inputs_of_a_higher_layer_have_no_names_of_features() -> None:
    series = lstmviz.Series(np.ones((3, 2)), NAMES[:2], DAYS[:3])
    deep = lstmviz.run(series, network=seeded("gru", 2, 2, depth=2))
    assert "temperature" not in _alt(deep)
    assert "temperature" in _alt(deep.layer(1))
