"""How a trace keeps what its cell says of its readings."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.cells import CELLS
from lstmviz.errors import UsageError
from lstmviz.system.json_fields import Fields
from lstmviz.trace.notation import notation_of, written_notation
from lstmviz.trace.trace import Trace


@pytest.mark.parametrize("cell", [cell.name for cell in CELLS])
def test_a_file_keeps_how_readings_are_written(cell: str, tmp_path: Path) -> None:
    trace = lstmviz.run([0.5, -1.0, 2.0], cell=cell, hidden=3)
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    assert again.notation == trace.notation
    assert trace.notation.circuit is not None
    assert again.notation.circuit is None  # no code in a file


def test_no_code_goes_along_when_a_trace_is_pickled() -> None:
    trace = lstmviz.run([0.5, -1.0], cell="ugrnn", hidden=3)
    again = pickle.loads(pickle.dumps(trace))
    assert again.notation == trace.notation
    assert again.notation.circuit is None


def told(**changed: Any) -> Fields:
    return Fields({"looks": {}, **changed}, "a layer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"looks": {"q": ["h", "free", ""]}},
        {"looks": {"h": ["h", "free"]}},
        {"looks": {"h": ["h", "wide", ""]}},
        {"looks": {"h": ["h", "free", '#read("secret")']}},
        {"looks": {"h": [3, "free", ""]}},
        {"weighed": {"h": ["W", "h", "x"]}},
        {"weighed": {"h": ["V", "h", "x", True]}},
        {"weighed": {"h": ["W", "h", "h", True]}},
        {"made": {"h": ["×", "h", "x"]}},
        {"made": {"f": ["×", "h", "x"]}},
        {"made": {"h": ["×"]}},
        {"made": {"h": ["#", "f"]}},
        {"made": {"h": ["×", "f", 3]}},
        {"made": {"h": ["×", *["f"] * 100]}},
        {"made": {"h": json.loads('["×", ' * 40 + '"f"' + "]" * 40)}},
        {"label": 3},
        {"words": {"zh": 3}},
        {"words": {"zh": {"forget": 3}}},
    ],
)
def test_what_no_cell_can_say_is_refused(wrong: dict[str, Any]) -> None:
    values = {name: np.zeros((2, 3)) for name in ("x", "f", "h")}
    with pytest.raises(UsageError):
        notation_of(told(**wrong), "lstm", values, {"h": np.zeros(3)}, backward=False)


def test_what_earlier_files_left_out_is_known_of_the_cells_of_then() -> None:
    trace = lstmviz.run([0.5, -1.0], cell="gru", hidden=3)
    ((_, recording),) = trace.recordings.items()
    of_then = Fields({}, "a layer")
    known = notation_of(of_then, "gru", recording.values, recording.initial, backward=False)
    assert known.looks == trace.notation.looks
    assert known.made == trace.notation.made
    fewer = {name: recording.values[name] for name in ("x", "z", "h")}
    assert notation_of(of_then, "gru", fewer, recording.initial, backward=True).symbol("z") == "z_t"
    plain = notation_of(of_then, "mgu", recording.values, recording.initial, backward=False)
    assert plain.symbol("kept") == '"kept"'
    assert plain.look("h").role == "h"


def test_a_notation_is_plain_json() -> None:
    written = written_notation(lstmviz.run([0.5], cell="ugrnn", hidden=1).notation)
    assert json.loads(json.dumps(written)) == written
    assert written["made"]["added"] == ["×", "rest", "c"]
