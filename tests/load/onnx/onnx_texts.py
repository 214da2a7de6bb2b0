"""Small models in ONNX's own notation, with random weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[Any]
HEAD = '<ir_version: 10, opset_import: ["": 17, "own": 1, "ai.onnx.ml": 3, "com.microsoft": 1]>\n'
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}

RNN = "RNN <hidden_size = 2>"
PLAIN = f"g (float[t,1,3] X) => (float[t,1,1,2] Y) {{ Y = {RNN} (X, W, R) }}"
# Each is the same network, with the weights W and R of the whole graph.
NESTED = {
    "in a branch": f"""g (float[t,1,3] X, bool c) => (float[t,1,1,2] Y) {{
        Y = If (c) <
            then_branch = a () => (float[t,1,1,2] Ya) {{ Ya = {RNN} (X, W, R) }},
            else_branch = b () => (float[t,1,1,2] Yb) {{ Yb = Identity (start) }}
        > }}""",
    "in a branch of a branch": f"""g (float[t,1,3] X, bool c, bool d) => (float[t,1,1,2] Y) {{
        Y = If (c) <
            then_branch = a () => (float[t,1,1,2] Ya) {{ Ya = If (d) <
                then_branch = d () => (float[t,1,1,2] Yd) {{ Yd = Identity (start) }},
                else_branch = e () => (float[t,1,1,2] Ye) {{
                    W2 = Identity (W)
                    Ye = {RNN} (X, W2, R)
                }}
            > }},
            else_branch = b () => (float[t,1,1,2] Yb) {{ Yb = Identity (start) }}
        > }}""",
    "in a function": f"""g (float[t,1,3] X) => (float[t,1,1,2] Y) {{ Y = own.Reader (X, W, R) }}
        <domain: "own", opset_import: ["": 17]>
        Reader (x, w, r) => (y) {{ y = {RNN} (x, w, r) }}""",
    "in a function of a function": f"""
        g (float[t,1,3] X) => (float[t,1,1,2] Y) {{ Y = own.Outer (X, W, R) }}
        <domain: "own", opset_import: ["": 17, "own": 1]>
        Outer (W, x, y) => (z) {{ z = own.Inner (W, x, y) }}
        <domain: "own", opset_import: ["": 17]>
        Inner (x, w, r) => (y) {{ x2 = Identity (x) y = {RNN} (x2, w, r) }}""",
    "in a loop that hands the state on": f"""
        g (float[t,1,3] X, int64 n, bool go) => (float[1,1,2] H, float[t,1,1,2] Y) {{
        H, Y = Loop (n, go, start) <body = b (int64 i, bool ci, float[1,1,2] h)
            => (bool co, float[1,1,2] h2, float[1,1,2] y) {{
            co = Identity (ci)
            x = Gather (X, i)
            axis = Constant <value = int64[1] {{0}}> ()
            x1 = Unsqueeze (x, axis)
            Y1, h2 = {RNN} (x1, W, R, , , h)
            y = Identity (h2)
        }}> }}""",
    "in a scan that hands the state on in another shape": f"""
        g (float[t,1,3] X) => (float[1,2] H, float[t,1,2] Y) {{
        flat = Constant <value = int64[2] {{1, 2}}> ()
        first = Reshape (start, flat)
        H, Y = Scan <num_scan_inputs = 1, body = b (float[1,2] h, float[1,3] x)
            => (float[1,2] h2, float[1,2] y) {{
            axis = Constant <value = int64[1] {{0}}> ()
            x1 = Unsqueeze (x, axis)
            h1 = Unsqueeze (h, axis)
            Y1, H1 = {RNN} (x1, W, R, , , h1)
            h2 = Squeeze (H1, axis)
            y = Identity (h2)
        }}> (first, X) }}""",
}


BOTH = 'GRU <hidden_size = 2, direction = "bidirectional", linear_before_reset = 1>'
# How [batch, H] values become the (2, batch, H) that a node takes.
STATES = {
    "as converters from Keras write it": """
        all = Shape (X)
        middle = Constant <value = int64[1] {1}> ()
        end = Constant <value = int64[1] {2}> ()
        first = Constant <value = int64[1] {0}> ()
        batch = Slice (all, middle, end, first)
        whole = Cast <to = 7> (batch)
        units = Constant <value = int64[1] {2}> ()
        size = Concat <axis = 0> (whole, units)
        f = Expand (forward, size)
        b = Expand (backward, size)
        f1 = Unsqueeze (f, first)
        b1 = Unsqueeze (b, first)
        start = Concat <axis = 0> (f1, b1)
    """,
    "expanded to a size with -1, as PyTorch writes it": """
        both = Concat <axis = 0> (forward, backward)
        first = Constant <value = int64[1] {0}> ()
        middle = Constant <value = int64[1] {1}> ()
        stored = Unsqueeze (both, middle)
        all = Shape (X)
        one = Constant <value = int64 {1}> ()
        count = Gather (all, one)
        count1 = Unsqueeze (count, first)
        keep = Constant <value = int64[1] {-1}> ()
        size = Concat <axis = 0> (keep, count1, keep)
        rank = Constant <value = int64[1] {3}> ()
        ones = ConstantOfShape <value = int64[1] {1}> (rank)
        less = Constant <value = int64 {-1}> ()
        minus = Mul (ones, less)
        open = Equal (size, minus)
        filled = Where (open, ones, size)
        start = Expand (stored, filled)
    """,
    "cut out of what is stored for many, and cast": """
        both = Concat <axis = 0> (forward, backward)
        middle = Constant <value = int64[1] {1}> ()
        stored = Unsqueeze (both, middle)
        many = Constant <value = int64[3] {1, 5, 1}> ()
        tiled = Tile (stored, many)
        zero = Constant <value = int64[1] {0}> ()
        all = Shape <start = 1, end = 2> (X)
        cut = Slice (tiled, zero, all, middle)
        double = Cast <to = 11> (cut)
        start = Cast <to = 1> (double)
    """,
    "reshaped and turned": """
        wide = Concat <axis = 1> (forward, backward)
        shape = Constant <value = int64[3] {-1, 2, 2}> ()
        apart = Reshape (wide, shape)
        start = Transpose <perm = [1, 0, 2]> (apart)
    """,
}


def recurrent(
    seed: int = 0, op: str = "RNN", *, ways: int = 1, inputs: int = 3, units: int = 2
) -> dict[str, Array]:
    """W and R of a node of two units, or more, that reads three values."""
    random = np.random.default_rng(seed)
    rows = GATES[op] * units
    return {
        "W": random.normal(size=(ways, rows, inputs)).astype(np.float32),
        "R": random.normal(size=(ways, rows, units)).astype(np.float32),
    }


def model(text: str, **arrays: Array) -> onnx.ModelProto:
    """The model of a text, with these arrays stored in its graph."""
    made: onnx.ModelProto = onnx.parser.parse_model(HEAD + text)
    made.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()
    )
    return made


def written(folder: Path, made: onnx.ModelProto) -> Path:
    """The file of a model."""
    path = folder / "m.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def starting(made: str) -> str:
    """A GRU that reads both ways from the states that this makes."""
    return f"""g (float[t,batch,3] X) => (float[t,2,batch,2] Y) {{
        {made}
        [it] Y = {BOTH} (X, W, R, , , start)
    }}"""


# A network whose outputs are `y` (time, 1, units); BODY makes the answer of them.
PLAIN_HEAD = """g (float[t,1,3] X) => (float[n] answer) {
    Y, Yh = RNN <hidden_size = 2> (X, W, R)
    axis = Constant <value = int64[1] {1}> ()
    y = Squeeze (Y, axis)
    BODY
}"""


@dataclass(frozen=True)
class Head:
    """What follows a recurrent layer: in the graph, in words, and once more by hand."""

    text: str
    told: str
    by_hand: Callable[[list[Array], dict[str, Array]], Array]
    node: str = "RNN"  # or two nodes, one for each direction
    arrays: Callable[[], dict[str, Array]] = dict


def _random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def _sigmoid(v: Array) -> Array:
    made: Array = 1 / (1 + np.exp(-v))
    return made


def _gelu(v: Array) -> Array:
    return np.array([x * (1 + math.erf(x / 2**0.5)) / 2 for x in v])


TWO_WAYS = 'Y, Yh = RNN <hidden_size = 2, direction = "bidirectional"> (X, W, R)'
APART = """F, Fh = RNN <hidden_size = 2> (X, Wf, Rf)
    B, Bh = RNN <hidden_size = 2, direction = "reverse"> (X, Wb, Rb)"""
NODES = {
    "RNN": "Y, Yh = RNN <hidden_size = 2> (X, W, R)",
    "reverse": 'Y, Yh = RNN <hidden_size = 2, direction = "reverse"> (X, W, R)',
    "both": TWO_WAYS,
    "apart": APART,
}
HEADS = {
    "Keras, one answer of the last output": Head(
        """h = Squeeze (Yh, first)
        v = MatMul (h, V)
        u = Add (v, b)
        answer = Sigmoid (u)""",
        "the last output, dense 2 → 1, sigmoid",
        lambda h, a: _sigmoid(h[0][-1] @ a["V"] + a["b"]),
        arrays=lambda: {"V": _random(2, 1), "b": _random(1)},
    ),
    "Keras, a layer at each step": Head(
        """y = Squeeze (Y, second)
        z = Transpose <perm = [1, 0, 2]> (y)
        all = Shape (z)
        lead = Slice (all, first, two)
        units = Slice (all, two, three)
        rows = ReduceProd <axes = [0], keepdims = 1> (lead)
        flat = Concat <axis = 0> (rows, units)
        w = Reshape (z, flat)
        v = MatMul (w, V)
        size = Concat <axis = 0> (lead, five)
        u = Reshape (v, size)
        t = Add (u, b)
        answer = Softmax <axis = 2> (t)""",
        "dense 2 → 5, softmax",
        lambda h, a: (
            np.exp(h[0] @ a["V"] + a["b"]) / np.exp(h[0] @ a["V"] + a["b"]).sum(-1, keepdims=True)
        ),
        arrays=lambda: {"V": _random(2, 5), "b": _random(5)},
    ),
    "Keras, pooled, then two layers": Head(
        """y = Squeeze (Y, second)
        z = Transpose <perm = [1, 0, 2]> (y)
        m = ReduceMean <axes = [1], keepdims = 0> (z)
        v = Gemm (m, V, b)
        r = Relu (v)
        answer = Gemm <transB = 1, alpha = 0.5, beta = 2.0> (r, U, c)""",
        "the mean over time, dense 2 → 5, relu → dense 5 → 2",
        lambda h, a: 0.5 * np.maximum(h[0].mean(0) @ a["V"] + a["b"], 0) @ a["U"].T + 2 * a["c"],
        arrays=lambda: {"V": _random(2, 5), "b": _random(5), "U": _random(2, 5), "c": _random(2)},
    ),
    "the maximum of the first units": Head(
        """p = ReduceMax <axes = [0], keepdims = 0> (Y)
        q = Slice (p, first, second, two)
        answer = MatMul (q, V)""",
        "the max over time, dense 2 → 3",
        lambda h, a: h[0][:, :1].max(0) @ a["V"],
        arrays=lambda: {"V": _random(1, 3)},
    ),
    "Keras, both directions at their ends": Head(
        """f = Squeeze (Fh, first)
        g = Squeeze (Bh, first)
        h = Concat <axis = 1> (f, g)
        answer = MatMul (h, V)""",
        "the last output, dense 4 → 3",
        lambda h, a: np.concatenate([h[0][-1], h[1][0]]) @ a["V"],
        "apart",
        lambda: {"V": _random(4, 3)},
    ),
    "two nodes, summed": Head(
        """y = Add (F, B)
        answer = MatMul (y, V)""",
        "dense 2 → 3",
        lambda h, a: (h[0] + h[1]) @ a["V"],
        "apart",
        lambda: {"V": _random(2, 3)},
    ),
    "both directions, turned and flattened": Head(
        """t = Transpose <perm = [1, 0, 2]> (Yh)
        h = Flatten (t)
        answer = MatMul (h, V)""",
        "the last output, dense 4 → 3",
        lambda h, a: np.concatenate([h[0][-1], h[1][0]]) @ a["V"],
        "both",
        lambda: {"V": _random(4, 3)},
    ),
    "both directions, summed over their axis": Head(
        """s = ReduceSum (Y, second)
        answer = MatMul (s, V)""",
        "dense 4 → 3",
        lambda h, a: (h[0] + h[1]) @ a["V"],
        "both",
        lambda: {"V": _random(2, 3)},
    ),
    "a normalisation that has learnt": Head(
        """h = Squeeze (Yh, first)
        n = BatchNormalization <epsilon = 0.01> (h, scale, shift, mean, variance)
        answer = MatMul (n, V)""",
        "the last output, dense 2 → 3",
        lambda h, a: (
            ((h[0][-1] - a["mean"]) / np.sqrt(a["variance"] + 0.01) * a["scale"] + a["shift"])
            @ a["V"]
        ),
        arrays=lambda: {
            "V": _random(2, 3),
            "scale": np.array([0.5, 2], np.float32),
            "shift": np.array([-1, 1], np.float32),
            "mean": np.array([0.2, -0.1], np.float32),
            "variance": np.array([0.3, 0.9], np.float32),
        },
    ),
    "a quantised layer": Head(
        """h = Squeeze (Yh, first)
        q, s, z = DynamicQuantizeLinear (h)
        scales = Mul (s, Vs)
        m = MatMulInteger (q, V, z, Vz)
        r = Cast <to = 1> (m)
        u = Mul (r, scales)
        answer = Add (u, b)""",
        "the last output, dense 2 → 3",
        lambda h, a: h[0][-1] @ ((a["V"].astype(float) - a["Vz"]) * a["Vs"]) + a["b"],
        arrays=lambda: {
            "V": np.array([[10, 20, 250], [0, 99, 128]], np.uint8),
            "Vs": np.float32(0.01),
            "Vz": np.uint8(128),
            "b": _random(3),
        },
    ),
    "TensorFlow, cut at both sides": Head(
        """h = Squeeze (Yh, first)
        v = MatMul (h, V)
        low = Min (v, high)
        answer = Max (low, none)""",
        "the last output, dense 2 → 3, hard_sigmoid (alpha 1, beta 0)",
        lambda h, a: np.clip(h[0][-1] @ a["V"], 0, 1),
        arrays=lambda: {"V": _random(2, 3), "high": np.float32(1), "none": np.float32(0)},
    ),
    "PyTorch, hardtanh": Head(
        """h = Squeeze (Yh, first)
        v = MatMul (h, V)
        t = Clip (v, low, high)
        answer = MatMul (t, U)""",
        "the last output, dense 2 → 3, hard_sigmoid (alpha 0.5, beta 0.5) → dense 3 → 2",
        lambda h, a: np.clip(h[0][-1] @ a["V"], -1, 1) @ a["U"],
        arrays=lambda: {
            "V": _random(2, 3),
            "U": _random(3, 2),
            "low": np.float32(-1),
            "high": np.float32(1),
        },
    ),
    "PyTorch, GELU of older operators": Head(
        """h = Squeeze (Yh, first)
        v = MatMul (h, V)
        d = Div (v, root)
        e = Erf (d)
        p = Add (e, one)
        m = Mul (v, p)
        g = Mul (m, half)
        answer = MatMul (g, U)""",
        "the last output, dense 2 → 3, gelu → dense 3 → 2",
        lambda h, a: _gelu(h[0][-1] @ a["V"]) @ a["U"],
        arrays=lambda: {
            "V": _random(2, 3),
            "U": _random(3, 2),
            "root": np.float32(2**0.5),
            "one": np.float32(1),
            "half": np.float32(0.5),
        },
    ),
    "a network that reads backward": Head(
        """z = Gather <axis = 0> (Y, zero)
        h = Squeeze (z, first)
        answer = MatMul (h, V)""",
        "the last output, dense 2 → 3",
        lambda h, a: h[0][0] @ a["V"],
        "reverse",
        lambda: {"V": _random(2, 3)},
    ),
}


def headed(folder: Path, head: Head) -> tuple[Path, dict[str, Array]]:
    """The file of a model with that head, and the arrays that the head reads."""
    ways = 2 if head.node in ("both", "apart") else 1
    stored = recurrent(ways=ways)
    if head.node == "apart":
        stored = {f"{k}{w}": a[n : n + 1] for k, a in stored.items() for n, w in enumerate("fb")}
    numbers = {"first": [0], "second": [1], "two": [2], "three": [3], "five": [5], "zero": [0]}
    arrays = head.arrays()
    text = f"""g (float[t,1,3] X) => (float[n] answer) {{
        {NODES[head.node]}
        {head.text}
    }}"""
    constants = {name: np.array(n) for name, n in numbers.items()}
    return written(folder, model(text, **stored, **arrays, **constants)), arrays
