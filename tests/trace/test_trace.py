"""The trace: a frozen value, readable by name, kept in a file."""

from __future__ import annotations

import copy
import csv
import dataclasses
import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.npz import format as npz
from lstmviz.trace.recording import Description, Recording
from lstmviz.trace.tokens import Token
from lstmviz.trace.trace import Reading, Trace

TEXT = "Great food, but =late Again, again"


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run(TEXT, seed=0, hidden=3, initial=([0.1, 0.2, 0.3], [0.4, 0.5, 0.6]))


@pytest.fixture(scope="module")
def stacked() -> Trace:
    x = np.random.default_rng(0).normal(size=(5, 2))
    return lstmviz.run(x, network=seeded("gru", 2, 3, depth=2, bidirectional=True))


def test_readings_by_name(trace: Trace) -> None:
    assert len(trace) == 9
    assert trace["f"].shape == (9, 3)
    assert trace.names[0] == "x"
    assert set("f i g o c h kept added shown a_f wx_f rh_f".split()) <= set(trace.names)
    assert "f" in trace
    assert "c_prev" in trace
    assert "z" not in trace
    with pytest.raises(UsageError, match=r"no reading 'z' in this lstm; choose one of: x, wx_f.*h"):
        trace["z"]


def test_states_before_each_tick(trace: Trace, stacked: Trace) -> None:
    np.testing.assert_array_equal(trace["c_prev"][0], [0.4, 0.5, 0.6])
    np.testing.assert_array_equal(trace["c_prev"][1:], trace["c"][:-1])
    np.testing.assert_array_equal(trace["kept"], trace["f"] * trace["c_prev"])
    backward = stacked.layer(1, "backward")
    np.testing.assert_array_equal(backward["h_prev"][:-1], backward["h"][1:])
    np.testing.assert_array_equal(backward["h_prev"][-1], np.zeros(3))
    np.testing.assert_array_equal(backward["kept"], backward["z"] * backward["h_prev"])


def test_one_tick(trace: Trace) -> None:
    at = trace.at(3)
    assert at.tick == 3
    assert at.token == Token("but", True)
    assert at["f"].name == at.f.name == "f"
    assert at.f.tick == 3
    np.testing.assert_array_equal(at["f"], trace["f"][3])
    np.testing.assert_array_equal(at["h_prev"], trace["h"][2])
    assert trace.at(-1).tick == 8
    assert trace.at(np.int64(2)).tick == 2
    assert [tick.tick for tick in trace] == list(range(9))
    with pytest.raises(AttributeError, match="no reading 'z'"):
        at.z  # noqa: B018
    with pytest.raises(UsageError, match="no reading 'z'"):
        at["z"]
    for wrong in (9, -10):
        with pytest.raises(UsageError, match=f"no tick {wrong}; the input has 9, from 0 to 8"):
            trace.at(wrong)


def test_a_line_in_a_terminal(trace: Trace) -> None:
    assert repr(trace).startswith("Trace(lstm, 9 words, 3 units: x, wx_f, rh_f, a_f, f, ")
    assert repr(trace.at(3)).startswith("At(3, 'but', Trace(lstm, ")
    assert "2 steps" in repr(lstmviz.run([0.1, 0.2]))


def test_a_tick_by_its_word(trace: Trace) -> None:
    assert trace.at("but").tick == 3
    assert trace.at(",").tick == 2
    assert trace.at("Again").tick == 6
    assert trace.at("again").tick == 8  # as it is written goes before another case
    assert trace.at("GREAT").tick == 0
    assert lstmviz.run("I don’t like it").at("Don't").tick == 1
    with pytest.raises(UsageError, match="no 'soup' in the input; it has: Great, food, ,, but"):
        trace.at("soup")


def test_a_reading_stands_for_its_value(trace: Trace) -> None:
    reading = trace.at(3).f
    assert isinstance(reading, Reading)
    assert reading[1] == trace["f"][3, 1]
    assert len(reading) == 3
    assert list(reading) == trace["f"][3].tolist()
    assert np.asarray(reading, dtype=np.float32).dtype == np.float32
    np.testing.assert_array_equal(np.multiply(reading, 2), 2 * trace["f"][3])
    with pytest.raises(ValueError, match="read-only"):
        reading.value[0] = 1


def test_everything_is_frozen(trace: Trace) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.kind = "numbers"  # type: ignore[misc]
    for name in [*trace.names, "h_prev", "c_prev"]:
        with pytest.raises(ValueError, match="read-only"):
            trace[name][0, 0] = 1
    with pytest.raises(TypeError):
        trace.initial["h"] = np.zeros(3)  # type: ignore[index]
    with pytest.raises(TypeError):
        trace.recordings[1, "forward"] = trace.recordings[1, "forward"]  # type: ignore[index]


def test_layers_and_directions(stacked: Trace) -> None:
    np.testing.assert_array_equal(stacked["h"], stacked.layer(2)["h"])
    both = np.concatenate([stacked.layer(1)["h"], stacked.layer(1, "backward")["h"]], axis=1)
    np.testing.assert_array_equal(stacked["x"], both)
    assert stacked.network.depth == stacked.network.directions == 2
    with pytest.raises(UsageError, match="no layer 3 forward; there is: 1 forward, 1 backward, 2"):
        stacked.layer(3)


def same(one: Trace, other: Trace) -> None:
    assert one.tokens == other.tokens
    assert (one.kind, one.network, one.shown) == (other.kind, other.network, other.shown)
    assert list(one.recordings) == list(other.recordings)
    for key in one.recordings:
        a, b = one.layer(*key), other.layer(*key)
        assert a.names == b.names
        for name in [*a.names, *(f"{state}_prev" for state in a.initial)]:
            assert a[name].dtype == b[name].dtype
            np.testing.assert_array_equal(a[name], b[name])
    assert (one.output is None) == (other.output is None)


def test_a_file_keeps_everything(trace: Trace, stacked: Trace, tmp_path: Path) -> None:
    demo = lstmviz.run(TEXT, cell="gru", dtype="float32")
    for each in (trace, stacked, stacked.layer(1, "backward"), demo):
        each.save(tmp_path / "t.npz")
        same(each, Trace.load(tmp_path / "t.npz"))
    np.testing.assert_array_equal(Trace.load(tmp_path / "t.npz")["output"], demo["output"])
    assert [path.name for path in tmp_path.iterdir()] == ["t.npz"]


def test_copies(trace: Trace) -> None:
    assert copy.deepcopy(trace) is trace
    again = pickle.loads(pickle.dumps(trace))
    same(again, trace)
    assert not again["f"].flags.writeable


def test_json(stacked: Trace, tmp_path: Path) -> None:
    text = stacked.to_json(tmp_path / "t.json")
    assert (tmp_path / "t.json").read_text(encoding="utf-8") == text
    content = json.loads(text)
    assert (content["format"], content["version"]) == ("lstmviz-trace", 1)
    assert content["network"]["cell"] == "gru"
    assert [token["text"] for token in content["tokens"]] == ["t=1", "t=2", "t=3", "t=4", "t=5"]
    for layer in content["layers"]:
        recorded = stacked.layer(layer["layer"], layer["direction"])
        assert tuple(layer["values"]) == recorded.names
        for name, values in layer["values"].items():
            np.testing.assert_array_equal(values, recorded[name])
        np.testing.assert_array_equal(layer["initial"]["h"], recorded.initial["h"])


def test_csv(trace: Trace, tmp_path: Path) -> None:
    text = trace.to_csv(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().decode() == text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["token"] for row in rows] == [token.text for token in trace.tokens]
    assert [int(row["tick"]) for row in rows] == list(range(9))
    for name in trace.names:
        for k in range(trace[name].shape[1]):
            column = [float(row[f"{name}[{k}]"]) for row in rows]
            np.testing.assert_array_equal(column, trace[name][:, k])


def test_features_of_one_name_have_columns_of_their_own() -> None:
    long = "temperature " * 9
    trace = lstmviz.run(Series(np.ones((2, 4)), ("a", "a", "a (2)", long)))
    head = trace.to_csv().splitlines()[0].split(",")
    assert head[3:7] == ["x[a]", "x[a (3)]", "x[a (2)]", f"x[{long}]"]
    assert len(set(head)) == len(head)
    assert trace.to_dataframe().columns.is_unique
    assert trace.to_dataframe()["x"].shape == (2, 4)


def test_float32_is_written_as_short_as_it_reads_back() -> None:
    trace = lstmviz.run([0.1], dtype="float32")
    assert json.loads(trace.to_json())["layers"][0]["values"]["x"] == [[0.1]]
    assert ",0.1," in trace.to_csv()


def change(path: Path, arrays: dict[str, object], **meta: object) -> None:
    with np.load(path, allow_pickle=False) as stored:
        kept = {name: stored[name] for name in stored.files}
    description = {**json.loads(str(kept.pop("meta"))), **meta}
    kept.update(arrays)
    kept = {name: value for name, value in kept.items() if value is not None}
    np.savez(path, meta=np.array(json.dumps(description)), **kept)


F = "layers.1.forward.values.f"
LAYER = {
    "layer": 1,
    "direction": "forward",
    "names": ["f"],
    "states": ["h"],
    "activations": {},
}


@pytest.mark.parametrize(
    ("arrays", "meta", "sentence"),
    [
        ({F: None}, {}, "not a whole trace.*is missing"),
        ({F: np.zeros((8, 3))}, {}, r"9 ticks cannot hold f of layer 1 of shape \(8, 3\)"),
        ({F: np.zeros(9)}, {}, r"cannot hold f of layer 1 of shape \(9,\)"),
        ({F: np.zeros((9, 2))}, {}, "f of layer 1 has 2 units, unlike its states"),
        ({F: np.full((9, 3), np.nan)}, {}, "not a finite number"),
        ({F: np.full((9, 3), "x")}, {}, "not a finite number"),
        ({F: np.zeros((9, 3), int)}, {}, "not a finite number"),
        ({"layers.1.forward.initial.h": np.zeros(2)}, {}, "records no h of the shape"),
        ({"output": np.zeros((3, 1))}, {}, "cannot hold the output"),
        ({}, {"version": 2}, "version 2, but this lstmviz reads version 1"),
        ({}, {"format": "lstmviz-network"}, "is not a trace"),
        ({}, {"tokens": []}, "needs tokens"),
        ({}, {"tokens": [{"text": "a", "known": True}]}, "1 ticks cannot hold"),
        ({}, {"tokens": 5}, "not a whole trace"),
        ({}, {"shown": [2, "forward"]}, "needs tokens and a recording"),
        ({}, {"network": {}}, "'cell' is missing"),
        ({}, {"kind": "music"}, "words, numbers, characters, tokens, not of 'music'"),
        ({}, {"layers": []}, "needs tokens and a recording"),
        ({F: np.zeros((9, 0))}, {}, "is empty"),
        ({"tokens": np.zeros(4)}, {"tokens": {"steps": 9}}, "cannot be numbers of the shape"),
        ({}, {"tokens": {"steps": float("inf")}}, "'steps' is no whole number from 1 on"),
        ({}, {"tokens": {"steps": 10**15}}, "'steps' is no whole number"),
        ({}, {"tokens": {"steps": 10**12}}, "ticks cannot hold"),
        ({}, {"tokens": [{"text": 3, "known": True}]}, "'text' is no text"),
        ({}, {"tokens": ["a"]}, "a part of 'tokens' is no object"),
        ({}, {"layers": [3]}, "a part of 'layers' is no object"),
        ({}, {"layers": 2 * [LAYER]}, "layer 1 is there twice"),
        ({}, {"layers": [{**LAYER, "activations": ["tanh"]}]}, "'activations' is no object"),
        ({}, {"layers": [{**LAYER, "states": []}]}, "layer 1 has no states"),
        ({}, {"layers": [{**LAYER, "direction": [1]}]}, "'direction' is no text"),
        ({}, {"layers": [{**LAYER, "names": [["x"]]}]}, "'names' is no text"),
        ({}, {"shown": [[], "forward"]}, "'layer' is no whole number"),
        ({}, {"shown": 3}, "'shown' is no list"),
        ({}, {"network": [1]}, "'network' is no object"),
        ({}, {"kind": "A" * 10**6}, r"not of 'AAA.*…"),
        ({}, {"version": "9" * 10**6}, "version an unknown kind, but"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    trace: Trace, tmp_path: Path, arrays: dict[str, object], meta: dict[str, object], sentence: str
) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    change(path, {})
    same(trace, Trace.load(path))
    change(path, arrays, **meta)
    with pytest.raises(UsageError, match=sentence):
        Trace.load(path)


def test_what_a_trace_does_not_speak_of_is_not_read(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    change(path, {"other": np.array(["x"]), "layers.7.more": np.zeros(3)})
    same(trace, Trace.load(path))


def test_a_description_in_no_letters_is_refused(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    bad = np.array([0x7FFFFFFF, 0x41], "<u4").view("<U2")[0:1].reshape(())
    for meta in (bad, np.array("[" * 100_000), np.array("{}"), np.array(3.0), np.array(["{}"])):
        np.savez(path, meta=meta)
        with pytest.raises(UsageError, match="damaged or not a trace|is not a trace"):
            Trace.load(path)


def test_members_that_claim_gigabytes_are_refused(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    change(path, {F: np.zeros((100_000, 3))})
    with np.load(path) as stored:
        np.savez_compressed(path, allow_pickle=False, **stored)
    with pytest.raises(UsageError, match="ticks cannot hold"):
        Trace.load(path)
    monkeypatch.setattr(npz, "COMPRESSED", 1 << 20)
    with pytest.raises(UsageError, match=r"t.npz is not a whole trace: it claims \d+ bytes"):
        Trace.load(path)


@pytest.mark.parametrize("bound", ["COMPRESSED", "COMPRESSED_META"])
def test_what_is_too_large_to_be_compressed_is_written_as_it_is(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """So that no file of ours is refused for being far larger than it was compressed to."""
    monkeypatch.setattr(npz, bound, 1000)
    path = tmp_path / "t.npz"
    trace.save(path)
    with zipfile.ZipFile(path) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    same(trace, Trace.load(path))


def test_a_file_cut_short_is_refused_wherever_it_is_cut(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    content = path.read_bytes()
    for length in [*range(0, len(content), max(1, len(content) // 60)), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(UsageError, match="is damaged or not a trace|is not a trace"):
            Trace.load(path)


def test_a_file_with_a_broken_byte_is_refused_or_reads_the_same(
    trace: Trace, tmp_path: Path
) -> None:
    path = tmp_path / "t.npz"
    trace.save(path)
    content = path.read_bytes()
    refused = 0
    for at in range(0, len(content), max(1, len(content) // 80)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            same(Trace.load(path), trace)
        except UsageError:
            refused += 1
    assert refused > 50


def test_what_is_no_trace_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    with pytest.raises(UsageError, match="There is no file"):
        Trace.load(path)
    with pytest.raises(UsageError, match="There is no file"):
        Trace.load(tmp_path)
    np.savez(path, a=np.zeros(3))
    with pytest.raises(UsageError, match="is not a trace of lstmviz"):
        Trace.load(path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UsageError, match="is not a trace of lstmviz"):
        Trace.load(path)
    seeded("lstm", 1, 1).save(path, force=True)
    with pytest.raises(UsageError, match="is not a trace of lstmviz"):
        Trace.load(path)
    path.write_text("hello")
    with pytest.raises(UsageError, match="is damaged or not a trace"):
        Trace.load(path)


def test_a_pickle_is_never_opened(trace: Trace, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (mark,)

    path = tmp_path / "t.npz"
    trace.save(path)
    change(path, {F: np.array([Harm()], dtype=object)})
    with pytest.raises(UsageError, match="damaged or not a trace"):
        Trace.load(path)
    path.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(UsageError, match="damaged or not a trace"):
        Trace.load(path)
    assert not mark.exists()


def test_a_trace_is_checked_when_it_is_made() -> None:
    tokens, network = (Token("a"), Token("b")), Description("rnn", 2, 1)
    h, start = np.zeros((2, 2)), {"h": np.zeros(2)}
    Trace(tokens, "words", network, {(1, "forward"): Recording({"h": h}, start)})
    with pytest.raises(UsageError, match="finite numbers only, but h of layer 1 does not"):
        Trace(tokens, "words", network, {(1, "forward"): Recording({"h": h + np.inf}, start)})


def test_saving_where_nothing_can_be_saved(trace: Trace, tmp_path: Path) -> None:
    for save in (trace.save, trace.to_json, trace.to_csv):
        with pytest.raises(UsageError, match="does not exist"):
            save(tmp_path / "none" / "t.npz")


def test_tokens_that_a_file_lists_are_read(tmp_path: Path) -> None:
    numbers = lstmviz.run([0.1, 0.5, -1])
    path = tmp_path / "t.npz"
    numbers.save(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta = json.loads(str(arrays["meta"]))
    assert meta["tokens"] == {"steps": 3}
    meta["tokens"] = [{"text": token.text, "known": True} for token in numbers.tokens]
    np.savez(path, **{**arrays, "meta": np.array(json.dumps(meta))})
    assert Trace.load(path).tokens == numbers.tokens
    assert json.loads(numbers.to_json())["tokens"] == meta["tokens"]


def test_what_both_directions_hand_on(stacked: Trace) -> None:
    sides = [stacked.layer(2, way)["h"] for way in ("forward", "backward")]
    np.testing.assert_array_equal(stacked.merged(), np.concatenate(sides, axis=1))
    np.testing.assert_array_equal(stacked.layer(1).merged(), stacked["x"])
    np.testing.assert_array_equal(stacked.merged(1), stacked["x"])
    assert not stacked.merged().flags.writeable
    two = seeded("gru", 2, 3, bidirectional=True)
    added = lstmviz.run(np.ones((4, 2)), network=dataclasses.replace(two, merges=("sum",)))
    np.testing.assert_array_equal(added.merged(), added["h"] + added.layer(1, "backward")["h"])
    for number in (0, 3):
        with pytest.raises(UsageError, match=f"no layer {number}; the network has 2, counted"):
            stacked.merged(number)


def test_final_states_are_in_the_order_of_pytorch(trace: Trace, stacked: Trace) -> None:
    ends = [
        stacked.layer(n, way)["h"][at]
        for n in (1, 2)
        for way, at in (("forward", -1), ("backward", 0))
    ]
    np.testing.assert_array_equal(stacked.final("h"), ends)
    with pytest.raises(UsageError, match="no state 'c'; the layers have: h"):
        stacked.final("c")
    half = dataclasses.replace(
        stacked,
        recordings={
            **stacked.recordings,
            (1, "forward"): Recording({"h": np.ones((5, 4))}, {"h": np.ones(4)}),
        },
    )
    with pytest.raises(UsageError, match="have 4, 3, 3, 3 units; choose a layer"):
        half.final("h")


def test_a_run_goes_on_from_the_final_states() -> None:
    network = seeded("lstm", 2, 3, depth=2)
    x = np.random.default_rng(0).normal(size=(8, 2))
    begin = lstmviz.run(x[:5], network=network)
    rest = lstmviz.run(x[5:], network=network, initial=(begin.final("h"), begin.final("c")))
    np.testing.assert_allclose(rest["c"], lstmviz.run(x, network=network)["c"][5:], rtol=1e-12)


def test_a_sum_that_nobody_asked_for_takes_no_memory(trace: Trace) -> None:
    fresh = lstmviz.run(TEXT, seed=0, hidden=3)
    sent = len(pickle.dumps(fresh))
    np.testing.assert_array_equal(fresh["a_f"], fresh["wx_f"] + fresh["rh_f"])
    assert fresh["a_f"] is fresh["a_f"]
    assert not fresh["a_f"].flags.writeable
    assert len(pickle.dumps(fresh)) == sent
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fresh))["a_f"], fresh["a_f"])
