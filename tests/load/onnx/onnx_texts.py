"""Small models in ONNX's own notation, with random weights."""

from __future__ import annotations

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
