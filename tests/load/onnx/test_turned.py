"""Inputs that an ONNX model turns round in time, as converters do for layers that go backwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx_texts import model, recurrent, written

from lstmviz.load import load_network
from lstmviz.load.run import run

LENGTHS = """
    size = Shape <start = 0, end = 1> (X)
    lengths = Cast <to = 7> (size)
"""
BACK = """
    start = Constant <value = int64[1] {-1}> ()
    end = Constant <value = int64[1] {-9223372036854775807}> ()
    axis = Constant <value = int64[1] {0}> ()
"""
TURNED = {
    "ReverseSequence": LENGTHS
    + "X2 = ReverseSequence <time_axis = 0, batch_axis = 1> (X, lengths)",
    "Slice": f"{BACK} X2 = Slice (X, start, end, axis, start)",
    "turned batch first": f"""{LENGTHS}
        A = Transpose <perm = [1, 0, 2]> (X)
        B = ReverseSequence <time_axis = 1, batch_axis = 0> (A, lengths)
        X2 = Transpose <perm = [1, 0, 2]> (B)""",
}
AFTER = {
    "last": ("v = Squeeze (Yh, axes) answer = MatMul (v, V)", "last"),
    "mean": ("m = ReduceMean <axes = [0], keepdims = 0> (Y) answer = MatMul (m, V)", "mean"),
    "each": ("y = Squeeze (Y, axes1) answer = MatMul (y, V)", "each"),
}


@pytest.mark.parametrize("how", TURNED)
@pytest.mark.parametrize("after", AFTER)
def test_an_input_that_the_model_turns_is_turned(tmp_path: Path, how: str, after: str) -> None:
    follows, pooling = AFTER[after]
    outer = (
        "float[t,1,2]" if after == "each" else "float[1,2]" if after == "last" else "float[1,1,2]"
    )
    text = f"""g (float[t,1,3] X) => ({outer} answer) {{
        BEFORE
        Y, Yh = RNN <hidden_size = 2> (X2, W, R)
        axes = Constant <value = int64[1] {{0}}> ()
        axes1 = Constant <value = int64[1] {{1}}> ()
        {follows}
    }}"""
    arrays = {**recurrent(), "V": np.array([[1, -2], [0.5, 3]], np.float32)}
    plain = text.replace("(X2,", "(X,").replace("BEFORE", "")
    forward = load_network(written(tmp_path, model(plain, **arrays)))
    network = load_network(written(tmp_path, model(text.replace("BEFORE", TURNED[how]), **arrays)))
    assert network.layers[0][0].direction == "backward"
    assert "each of its steps stands at its tick of the input" in network.notes[0]
    x = np.random.default_rng(3).normal(size=(4, 3))
    ours, theirs = run(x, network=network), run(x[::-1], network=forward)
    assert network.readout is not None
    assert network.readout.pooling == pooling
    np.testing.assert_allclose(ours["h"], theirs["h"][::-1], rtol=1e-12)
    np.testing.assert_allclose(ours.answer, theirs.answer, rtol=1e-12)  # type: ignore[arg-type]


def test_an_input_that_is_turned_twice_is_as_it_was(tmp_path: Path) -> None:
    text = f"""g (float[t,1,3] X) => (float[t,1,1,2] Z) {{
        {TURNED["Slice"]}
        [one] Y = RNN <hidden_size = 3> (X2, W, R)
        axes1 = Constant <value = int64[1] {{1}}> ()
        y = Squeeze (Y, axes1)
        y2 = Slice (y, start, end, axis, start)
        [two] Z = RNN <hidden_size = 2> (y2, W2, R2)
    }}"""
    first, second = recurrent(units=3), recurrent(1)
    arrays = {**first, "W2": second["W"], "R2": second["R"]}
    network = load_network(written(tmp_path, model(text, **arrays)))
    assert [level[0].direction for level in network.layers] == ["backward", "forward"]


def test_a_part_of_an_input_that_is_turned_is_not(tmp_path: Path) -> None:
    text = f"""g (float[t,1,3] X, int64[1] lengths) => (float[t,1,1,2] Y) {{
        {BACK} X2 = ReverseSequence <time_axis = 0, batch_axis = 1> (X, lengths)
        Y = RNN <hidden_size = 2> (X2, W, R)
    }}"""
    network = load_network(written(tmp_path, model(text, **recurrent())))
    assert network.layers[0][0].direction == "forward"
    assert "which is not run: give the last step first" in network.notes[0]
