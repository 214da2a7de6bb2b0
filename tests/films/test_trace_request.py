from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films.trace_request import TraceRequest


def test_what_is_recorded_speaks_of_the_layer_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "deep.npz"
    asked = TraceRequest(input=np.ones((5, 2)), network=seeded("gru", 2, 3, 1, depth=2), layer=1)
    made = asked.trace(input="", record_to=path)
    kept = lstmviz.Trace.load(path)
    assert made.shown == kept.shown == (1, "forward")
    np.testing.assert_array_equal(made["h"], kept["h"])
    np.testing.assert_array_equal(made["h"], asked.trace(input="")["h"])


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (TraceRequest(input=[0.1, 0.2], layer=2), UsageError),
        (TraceRequest(input=[0.1, 0.2], check=np.ones((2, 4))), LstmvizError),
    ],
    ids=["no such layer", "other numbers"],
)
def test_what_is_refused_leaves_no_file(
    tmp_path: Path, asked: TraceRequest, error: type[Exception]
) -> None:
    with pytest.raises(error):
        asked.trace(input="", record_to=tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())
