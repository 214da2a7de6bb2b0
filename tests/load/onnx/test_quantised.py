"""ONNX models whose weights were rounded to few bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx_texts import model, recurrent, written

from lstmviz.errors import UsageError
from lstmviz.load import load_network

RANDOM = np.random.default_rng(2)
NOTE = "the weights of it are quantised, stored in a few bits each"


def rounded(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    bounds = np.iinfo(kind)
    return RANDOM.integers(bounds.min, bounds.max + 1, shape).astype(kind)


def exact(values: np.ndarray, scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
    return ((values.astype(np.int64) - zero) * scale).astype(np.float32)


@pytest.mark.parametrize("kind", ["int8", "uint8"])
@pytest.mark.parametrize("per", ["tensor", "direction", "row"])
def test_dynamically_quantised_lstms_are_what_they_stand_for(
    tmp_path: Path, kind: str, per: str
) -> None:
    shape = {"tensor": (1,), "direction": (2,), "row": (2, 8)}[per]
    stored, expected = {}, {}
    for name, columns in (("W", 3), ("R", 2)):
        values = rounded(kind, (2, columns, 8))
        scale = RANDOM.uniform(0.01, 0.1, shape).astype(np.float32)
        zero = np.zeros(shape, kind) if kind == "int8" else rounded(kind, shape)
        stored.update({name: values, f"{name}s": scale, f"{name}z": zero})
        wide = (-1, 1, shape[-1] if per == "row" else 1)
        expected[name] = exact(
            values, scale.reshape(wide), zero.reshape(wide).astype(np.int64)
        ).swapaxes(1, 2)
    text = """g (float[t,1,3] X) => (float[t,2,1,2] Y) {
        [it] Y = com.microsoft.DynamicQuantizeLSTM <hidden_size = 2, direction = "bidirectional">
            (X, W, R, , , , , , Ws, Wz, Rs, Rz)
    }"""
    network = load_network(written(tmp_path, model(text, **stored)))
    plain = text.replace("com.microsoft.DynamicQuantizeLSTM", "LSTM").split(", , , ")[0] + ")}"
    same = load_network(written(tmp_path, model(plain, **expected)))
    for one, other in zip(network.layers[0], same.layers[0], strict=True):
        np.testing.assert_array_equal(one.weights.W, other.weights.W)
        np.testing.assert_array_equal(one.weights.R, other.weights.R)
    (note,) = network.notes
    assert note.startswith(NOTE)
    assert "onnxruntime rounds what comes in at every step, too" in note


def test_a_scale_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    text = """g (float[t,1,3] X) => (float[t,1,1,2] Y) {
        [it] Y = com.microsoft.DynamicQuantizeLSTM <hidden_size = 2>
            (X, W, R, , , , , , Ws, , Ws, )
    }"""
    arrays = {"W": rounded("int8", (1, 3, 8)), "R": rounded("int8", (1, 2, 8))}
    path = written(tmp_path, model(text, **arrays, Ws=np.ones(5, np.float32)))
    with pytest.raises(UsageError, match=r"W has the shape .* does not fit its scale"):
        load_network(path)


@pytest.mark.parametrize("axis", [None, 1, 2])
def test_weights_behind_a_dequantize_linear_are_folded(tmp_path: Path, axis: int | None) -> None:
    values = rounded("int8", (1, 2, 3))
    count = 1 if axis is None else values.shape[axis]
    scale = RANDOM.uniform(0.01, 0.1, count).astype(np.float32)
    zero = rounded("int8", (count,))
    text = f"""g (float[t,1,3] X) => (float[t,1,1,2] Y) {{
        W = DequantizeLinear <axis = {axis or 1}> (Wq, scale, zero)
        [it] Y = RNN <hidden_size = 2> (X, W, R)
    }}"""
    arrays = {"Wq": values, "scale": scale, "zero": zero, "R": recurrent()["R"]}
    if axis is None:
        arrays.update(scale=scale[0], zero=zero[0])
    network = load_network(written(tmp_path, model(text, **arrays)))
    wide = [1, 1, 1]
    wide[axis or 1] = count
    expected = exact(values, scale.reshape(wide), zero.reshape(wide).astype(np.int64))
    np.testing.assert_array_equal(network.layers[0][0].weights.W, expected[0])
    assert [note.startswith(NOTE) for note in network.notes] == [True]


def test_what_is_rounded_on_its_way_is_looked_through(tmp_path: Path) -> None:
    """Quantisation for a whole model puts a pair of nodes around every value."""
    text = """g (float[t,1,2] X) => (float[t,1,1,2] Y) {
        axis = Constant <value = int64[1] {1}> ()
        Wq = QuantizeLinear (W, scale, zero)
        Wd = DequantizeLinear (Wq, scale, zero)
        H = RNN <hidden_size = 2> (X, Wd, R)
        H1 = Squeeze (H, axis)
        Hq = QuantizeLinear (H1, scale, zero)
        Hd = DequantizeLinear (Hq, scale, zero)
        Y = RNN <hidden_size = 2> (Hd, Wd, R)
    }"""
    arrays = {**recurrent(inputs=2), "scale": np.float32(0.125), "zero": np.int8(3)}
    network = load_network(written(tmp_path, model(text, **arrays)))
    assert network.depth == 2
    np.testing.assert_array_equal(
        network.layers[0][0].weights.W, np.round(arrays["W"][0] / 0.125) * 0.125
    )


@pytest.mark.parametrize("direct", [True, False])
def test_a_quantised_embedding_is_read(tmp_path: Path, direct: bool) -> None:
    rows = rounded("uint8", (5, 3))
    made = (
        "real = DequantizeLinear (rows, scale, zero)  X = Gather (real, words)"
        if direct
        else """few = Gather (rows, words)
            again = Identity (few)
            X = DequantizeLinear (again, scale, zero)"""
    )
    text = f"""g (int64[t,1] words) => (float[t,1,1,2] Y) {{
        {made}
        Y = RNN <hidden_size = 2> (X, W, R)
    }}"""
    arrays = {**recurrent(), "rows": rows, "scale": np.float32(0.5), "zero": np.uint8(100)}
    network = load_network(written(tmp_path, model(text, **arrays)))
    np.testing.assert_array_equal(network.embedding, (rows.astype(float) - 100) * 0.5)
