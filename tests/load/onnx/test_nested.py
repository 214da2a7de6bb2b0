"""Recurrent nodes inside of branches, loops, scans and functions of an ONNX model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper
from onnx_texts import NESTED, PLAIN, RNN, model, recurrent, written

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.run import run

X = np.random.default_rng(5).normal(size=(4, 3))
CASE = Path(__file__).parents[1] / "fixtures" / "lstm-in-if.onnx"


@pytest.mark.parametrize("where", NESTED)
def test_a_nested_node_is_the_same_network(tmp_path: Path, where: str) -> None:
    start = np.array([[[0.4, -0.7]]], np.float32)
    path = written(tmp_path, model(NESTED[where], **recurrent(), start=start))
    network = load_network(path)
    expected = load_network(written(tmp_path, model(PLAIN, **recurrent())))
    initial = {"h": start[0, 0]} if "hands the state" in where else None
    np.testing.assert_array_equal(
        run(X, network=network)["h"], run(X, network=expected, initial=initial)["h"]
    )
    # What a loop makes of its steps is not followed, and that is said.
    notes = [note for note in network.notes if "Loop)" not in note and "Scan)" not in note]
    assert [note for note in notes if "branch" not in note] == []
    assert ("branch" in where) == bool(notes)


def test_each_branch_is_a_part_that_says_when_it_is_taken() -> None:
    inspection = inspect_file(CASE)
    assert [part.summary for part in inspection.parts] == [
        "lstm, 5 → 6, in the branch of 'y' that is taken where 'c' is true",
        "lstm, 5 → 6, in the branch of 'y' that is taken where 'c' is false",
    ]
    with pytest.raises(UsageError, match=r"2 recurrent parts: 'alstm' \(.*'c' is true.*'blstm'"):
        load_network(CASE)
    one, other = (load_network(CASE, part=part) for part in ("alstm", "blstm"))
    assert one.digest() != other.digest()
    assert one.notes == ("alstm is in the branch of 'y' that is taken where 'c' is true",)


def test_a_branch_says_what_is_compared_and_one_that_is_never_taken_is_left_out(
    tmp_path: Path,
) -> None:
    text = f"""g (float[t,1,3] X, int64 rate) => (float[t,1,1,2] Y) {{
        fast = Constant <value = int64 {{16000}}> ()
        c = Equal (rate, fast)
        Y = If <then_branch = a () => (float[t,1,1,2] Y) {{ [it] Y = {RNN} (X, W, R) }},
                else_branch = b () => (float[t,1,1,2] Y) {{ [it] Y = {RNN} (X, W2, R2) }}> (c) }}"""
    arrays = {**recurrent(), "W2": recurrent(1)["W"], "R2": recurrent(1)["R"]}
    path = written(tmp_path, model(text, **arrays))
    parts = {part.name: part.summary for part in inspect_file(path).parts}
    assert list(parts) == ["Y/then/it", "Y/else/it"]
    assert [summary.split("where ")[1] for summary in parts.values()] == [
        "'rate' is 16000",
        "'rate' is not 16000",
    ]
    fixed = model(text.replace("Equal (rate, fast)", "Equal (fast, fast)"), **arrays)
    network = load_network(written(tmp_path, fixed))
    assert network.notes == ()
    np.testing.assert_array_equal(network.layers[0][0].weights.W, arrays["W"][0])


def test_a_function_has_the_attributes_of_its_call_and_its_own_defaults(tmp_path: Path) -> None:
    text = """g (float[t,1,3] X) => (float[t,1,1,2] Y, float[t,1,1,2] Z) {
            [one] Y = own.Reader <way = "reverse"> (X, W, R)
            [two] Z = own.Reader (X, W, R)
        }
        <domain: "own", opset_import: ["": 17]>
        Reader <way: string = "forward", functions: strings = ["Relu"]> (x, w, r) => (y) {
            [it] y = RNN <hidden_size = 2, direction: string = @way,
                activations: strings = @functions> (x, w, r)
        }"""
    path = written(tmp_path, model(text, **recurrent()))
    assert [part.name for part in inspect_file(path).parts] == ["one/it", "two/it"]
    one, two = (load_network(path, part=f"{name}/it") for name in ("one", "two"))
    assert [one.layers[0][0].direction, two.layers[0][0].direction] == ["backward", "forward"]
    assert one.cell.name == two.cell.name == "rnn-relu"


def test_layers_in_functions_feed_one_another(tmp_path: Path) -> None:
    text = """g (float[t,1,2] X) => (float[t,1,1,2] Y) {
            H = own.Layer (X, W, R)
            Y = own.Layer (H, W, R)
        }
        <domain: "own", opset_import: ["": 17]>
        Layer (x, w, r) => (y) {
            all = RNN <hidden_size = 2> (x, w, r)
            axis = Constant <value = int64[1] {1}> ()
            y = Squeeze (all, axis)
        }"""
    network = load_network(written(tmp_path, model(text, **recurrent(inputs=2))))
    assert network.depth == 2
    assert network.notes == ()


def test_branches_that_only_shape_what_they_read_are_looked_through(tmp_path: Path) -> None:
    """PyTorch writes so what it squeezes where a size is 1."""
    text = f"""g (float[t,1,3] X, bool c) => (float[t,1,1,2] Y) {{
        axis = Constant <value = int64[1] {{1}}> ()
        H = {RNN} (X, W, R)
        S = If (c) <then_branch = a () => (float[t,1,2] S1) {{ S1 = Squeeze (H, axis) }},
                    else_branch = b () => (float[t,1,2] S2) {{ S2 = Identity (H) }}>
        Y = {RNN} (S, W2, R)
    }}"""
    arrays = {**recurrent(), "W2": recurrent(1, inputs=2)["W"]}
    network = load_network(written(tmp_path, model(text, **arrays)))
    assert (network.depth, network.notes) == (2, ())


@pytest.mark.slow
def test_functions_that_call_themselves_or_without_end_are_refused(tmp_path: Path) -> None:
    call = "g (float[1] X) => (float[1] Y) { Y = own.F0 (X) }\n"
    own = '<domain: "own", opset_import: ["": 17, "own": 1]>\n'
    path = written(tmp_path, model(f"{call}{own}F0 (x) => (y) {{ y = own.F0 (x) }}"))
    with pytest.raises(UsageError, match="function 'F0' calls itself"):
        inspect_file(path)
    twice = "".join(
        f"{own}F{k} (x) => (y) {{ z = own.F{k + 1} (x) y = own.F{k + 1} (z) }}\n" for k in range(30)
    )
    many = model(f"{call}{twice}{own}F30 (x) => (y) {{ y = Identity (x) }}")
    with pytest.raises(UsageError, match="call one another more often than those of any model"):
        inspect_file(written(tmp_path, many))


def test_functions_nested_too_deep_are_refused(tmp_path: Path) -> None:
    own = '<domain: "own", opset_import: ["": 17, "own": 1]>\n'
    many = "".join(f"{own}F{k} (x) => (y) {{ y = own.F{k + 1} (x) }}\n" for k in range(40))
    text = f"g (float[1] X) => (float[1] Y) {{ Y = own.F0 (X) }}\n{many}{own}"
    with pytest.raises(UsageError, match="nested deeper than those of any model"):
        inspect_file(written(tmp_path, model(text + "F40 (x) => (y) { y = Identity (x) }")))


def test_an_operator_of_nobody_is_named(tmp_path: Path) -> None:
    text = "g (float[t,1,3] X) => (float[t,1,2] Y) { [odd] Y = own.MyLSTM (X, W, R) }"
    with pytest.raises(UsageError, match="odd: an operator 'own:MyLSTM', which is none of ONNX's"):
        load_network(written(tmp_path, model(text, **recurrent())))


def test_external_weights_in_a_branch_are_as_large_as_they_are(tmp_path: Path) -> None:
    """How much may be made is measured by the files, also by those that bodies name."""
    made = model(NESTED["in a branch"], **recurrent(units=2), start=np.zeros((1, 1, 2), np.float32))
    body = made.graph.node[0].attribute[0].g
    array = recurrent()["W"]
    tensor = numpy_helper.from_array(array, "W")
    (tmp_path / "w.bin").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "w.bin"
    body.initializer.append(tensor)
    network = load_network(written(tmp_path, made))
    np.testing.assert_array_equal(network.layers[0][0].weights.W, array[0])
