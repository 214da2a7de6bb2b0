"""A trace shows itself in notebooks, and goes over to pandas and xarray without loss."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Sequence
from html.parser import HTMLParser

import numpy as np
import pytest

import lstmviz
from lstmviz.errors import LstmvizError
from lstmviz.style.notation import shown
from lstmviz.style.theme import DARK, contrast
from lstmviz.system.package import install
from lstmviz.trace.trace import Trace


class Table(HTMLParser):
    """The cells of a table, row by row: (text, style, span)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str, int]]] = []
        self.open: tuple[str, int] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert tag not in ("script", "img")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.open = found.get("style") or "", int(found.get("colspan") or 1)
            self.rows[-1].append(("", *self.open))

    def handle_data(self, data: str) -> None:
        if self.open:
            self.rows[-1][-1] = (data, *self.open)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.open = None


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("Good <but> dull, zyzzyva!")


def test_the_table_has_every_gate_and_state(trace: Trace) -> None:
    names, numbers, *rows = Table(trace._repr_html_()).rows
    assert [cell[0] for cell in names[2:]] == ["f", "i", "o", "c", "h"]
    assert [cell[2] for cell in names[2:]] == [4] * 5
    assert [cell[0] for cell in numbers[2:]] == ["1", "2", "3", "4"] * 5
    assert len(rows) == len(trace)
    for tick, row in enumerate(rows):
        told = [shown(float(v), "gate") for name in "fio" for v in trace[name][tick]]
        told += [shown(float(v), "free") for name in "ch" for v in trace[name][tick]]
        assert [cell[0] for cell in row[2:]] == told
    assert [row[1][0] for row in rows][-2:] == ["zyzzyva?", "!"]


def test_cells_have_the_colours_of_the_pictures_and_can_be_read(trace: Trace) -> None:
    row = Table(trace._repr_html_()).rows[2]
    value = round(float(trace["f"][0, 0]), 2)
    assert f"background:{DARK.value(value, 'gate')}" in row[2][1]
    for _, style, _ in row[2:]:
        ink, ground = re.findall(r"#[0-9A-F]{6}", style)
        assert contrast(ink, ground) >= 4.5


def test_a_long_text_and_a_wide_state_are_shortened() -> None:
    wide = lstmviz.run(np.zeros((70, 2)) + 0.5, hidden=30)
    text = wide._repr_html_()
    assert len(Table(text).rows) == 62
    assert "4 of 30 units." in text
    assert "The first 60 of 70 ticks." in text


def test_pandas_has_every_number(trace: Trace) -> None:
    frame = trace.to_dataframe()
    assert frame.index.names == ["tick", "token"]
    assert list(frame.index.get_level_values("token")) == [t.text for t in trace.tokens]
    for name in trace.names:
        np.testing.assert_array_equal(frame[name].to_numpy(), trace[name])
    assert frame["f"][2].iloc[1] == trace["f"][1, 2]


def test_xarray_has_every_number(trace: Trace) -> None:
    data = trace.to_xarray()
    assert dict(data.sizes) == {
        "tick": len(trace),
        "unit": 4,
        "feature": trace["x"].shape[1],
        "answer": 1,
    }
    for name in trace.names:
        np.testing.assert_array_equal(data[name].values, trace[name])
    assert data["f"].dims == ("tick", "unit")
    assert data.attrs["cell"] == "lstm"
    assert str(data["token"].values[0]) == "Good"


@pytest.mark.parametrize(
    ("library", "method"), [("pandas", "to_dataframe"), ("xarray", "to_xarray")]
)
def test_a_missing_library_is_named(
    trace: Trace, monkeypatch: pytest.MonkeyPatch, library: str, method: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        LstmvizError, match=re.escape(f"needs {library}; install it: {install(library)}")
    ):
        getattr(trace, method)()


def test_a_projected_state_has_an_axis_of_its_own() -> None:
    trace = lstmviz.run([0.5, -0.5], cell="lstm-projected", hidden=3)
    data = trace.to_xarray()
    for name in trace.names:
        np.testing.assert_array_equal(data[name].values, trace[name])


@pytest.mark.parametrize(
    ("kind", "labels", "values", "said"),
    [
        ("log odds", (), [2.0], "a probability of 0.88"),
        ("sigmoid", ("bad", "good"), [0.25], "bad 0.75, good 0.25"),
        ("softmax", ("a", "b", "c"), [0.1, 0.7, 0.2], "b 0.70, c 0.20, a 0.10"),
        ("log_softmax", (), np.log([0.25, 0.75]), "2: 0.75, 1: 0.25"),
        ("linear", ("litres",), [12.5], "litres +12.5"),
        ("linear", (), [12.5], "+12.5"),
        ("softmax", (), [0.5, 0.2, 0.1, 0.1, 0.1], "1: 0.50, 2: 0.20, 3: 0.10, 4: 0.10, …"),
    ],
)
def test_the_answer_is_said_below_the_table(
    trace: Trace, kind: str, labels: tuple[str, ...], values: Sequence[float], said: str
) -> None:
    output = np.zeros((len(trace), len(values)))
    output[-1] = values
    network = dataclasses.replace(trace.network, answer=kind, labels=labels)
    told = dataclasses.replace(trace, network=network, output=output)
    assert f"The answer at the end: {said}.</p>" in told._repr_html_()
