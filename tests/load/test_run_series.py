"""Series that are run: their names and times go through to the trace, and into its files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.films.trace_request import TraceRequest
from lstmviz.trace.tokens import Steps
from lstmviz.trace.trace import Trace

DAYS = ("2024-01-02", "2024-01-03")
SERIES = lstmviz.Series(np.array([[0.1, 0.5], [0.2, 0.4]]), ("temp", "hum"), DAYS, ("said",))


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run(SERIES, hidden=3)


def test_a_series_is_run_as_its_values_and_keeps_what_they_are_called(trace: Trace) -> None:
    plain = lstmviz.run(SERIES.values, hidden=3)
    np.testing.assert_array_equal(trace["h"], plain["h"])
    assert trace.features == ("temp", "hum")
    assert [token.text for token in trace.tokens] == list(DAYS)
    assert [trace.short(tick) for tick in (0, 1)] == ["01-02", "01-03"]
    assert trace.network.notes == ("said",)
    assert trace.at("2024-01-03").tick == 1
    assert (plain.features, plain.short(1)) == ((), "t=2")
    assert len({trace.digest(), plain.digest()}) == 2


def test_features_are_the_inputs_of_the_first_layer() -> None:
    deep = lstmviz.run(SERIES, network=seeded("gru", 2, 2, depth=2))
    assert deep.names_of("x") == ()
    assert deep.layer(1).names_of("x") == ("temp", "hum")
    assert deep.layer(1).names_of("h") == ()


@pytest.mark.slow
def test_files_keep_names_and_times(trace: Trace, tmp_path: Path) -> None:
    trace.save(tmp_path / "a.npz")
    recorded = lstmviz.run(SERIES, hidden=3, record_to=tmp_path / "b.npz")
    for one in (Trace.load(tmp_path / "a.npz"), recorded):
        assert (one.features, one.tokens) == (trace.features, trace.tokens)
        assert isinstance(one.tokens, Steps)
        assert one.digest() == trace.digest()
    told = json.loads(trace.to_json())
    assert (told["features"], told["tokens"][0]["text"]) == (["temp", "hum"], DAYS[0])
    head, first, _ = csv.reader(trace.to_csv().splitlines())
    assert head[:5] == ["tick", "token", "known", "x[temp]", "x[hum]"]
    assert first[:4] == ["0", DAYS[0], "1", "0.1"]
    frame = trace.to_dataframe()
    assert frame["x", "hum"].tolist() == [0.5, 0.4]
    assert frame.index[1] == (1, DAYS[1])
    table = trace.to_xarray()
    assert table["x"].sel(feature="temp").values.tolist() == [0.1, 0.2]


@pytest.mark.parametrize("part", ["features", "times"])
def test_a_file_with_too_few_names_is_refused(trace: Trace, tmp_path: Path, part: str) -> None:
    from lstmviz.npz.format import write_npz
    from lstmviz.trace.file import described, large, small

    told = described(trace)
    (told if part == "features" else told["tokens"])[part] = ["one"]
    write_npz(tmp_path / "a.npz", told, small(trace) | large(trace))
    with pytest.raises(UsageError, match="is not a whole trace"):
        Trace.load(tmp_path / "a.npz")


def test_a_table_of_pandas_is_a_series() -> None:
    frame = pd.DataFrame({"temp": [0.1, 0.2], "hum": [0.5, 0.4]}, pd.to_datetime(DAYS))
    made = lstmviz.run(frame, hidden=3)
    assert made.digest() != lstmviz.run(frame["temp"], hidden=3).digest()
    assert (made.features, made.tokens) == (("temp", "hum"), Steps(2, times=DAYS))
    first, second = lstmviz.run_batch([frame, frame["hum"].to_frame().assign(temp=1.0)])
    assert (first.features, second.features) == (("temp", "hum"), ("hum", "temp"))


def test_a_network_of_another_width_names_the_features() -> None:
    with pytest.raises(
        UsageError, match=r"2 features \(temp, hum\) .* or choose some with columns="
    ):
        lstmviz.run(SERIES, network=seeded("gru", 1, 2))


def test_masked_steps_keep_the_times_of_the_others() -> None:
    from dataclasses import replace

    from lstmviz.engine.model.masks import Mask

    network = replace(seeded("gru", 2, 2), mask=Mask("values", 0.0))
    series = lstmviz.Series(np.array([[0.0, 0], [1, 2], [3, 4]]), ("a", "b"), ("1", *DAYS))
    made = lstmviz.run(series, network=network)
    assert [token.text for token in made.tokens] == list(DAYS)
    assert made.features == ("a", "b")


@pytest.mark.parametrize("given", [SERIES, pd.DataFrame(SERIES.values, columns=["temp", "hum"])])
def test_a_request_chooses_columns(given: object) -> None:
    made = TraceRequest(input=given, columns="hum").trace(input="")  # type: ignore[arg-type]
    assert made.features == ("hum",)
    (made,) = TraceRequest(columns="2,1").traces([given])  # type: ignore[list-item]
    assert made.features == ("hum", "temp")


def test_a_request_refuses_columns_of_a_sentence_and_beside_a_trace(trace: Trace) -> None:
    with pytest.raises(UsageError, match="columns= belongs to a table of numbers"):
        TraceRequest(columns="a").trace(input="Great!")
    with pytest.raises(UsageError, match="A trace is given.*leave out fill="):
        TraceRequest(saved=trace, fill="zero").trace(input="Great!")
    made = TraceRequest(input=[[1, 2], [3, 4]], columns="2").trace(input="")
    np.testing.assert_array_equal(made["x"], [[2], [4]])
