"""Write Keras models as tf2onnx converts them, and their answers, for `make test`.

python tests/oracles/make_converted.py 3  # keras, tensorflow and tf2onnx
python tests/oracles/make_converted.py 2  # tf_keras, tensorflow and tf2onnx
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from make_networks import FOLDER, pack

WORDS, INPUTS, TICKS = 7, 3, 6


def models(K: Any) -> dict[str, list[Any]]:
    """The layers of each model, whose answers are read in as many ways as there are models."""
    L = K.layers
    several = [
        L.Dense(2, activation="selu"),
        L.Dense(2, activation="softplus"),
        L.Dense(2, activation="hard_sigmoid"),
        L.Dense(2, activation="swish"),
    ]
    found = {
        "words": [L.Embedding(WORDS, INPUTS), L.LSTM(4), L.Dense(1, activation="sigmoid")],
        "maximum": [
            L.Bidirectional(L.LSTM(4, return_sequences=True)),
            L.GlobalMaxPooling1D(),
            L.Dense(5, activation="relu"),
            L.Dropout(0.3),
            L.Dense(1, activation="sigmoid"),
        ],
        "mean": [
            L.LSTM(4, return_sequences=True),
            L.GlobalAveragePooling1D(),
            L.BatchNormalization(),
            L.Dense(2),
        ],
        "both-last": [L.Bidirectional(L.LSTM(4)), L.Dense(2)],
        "both-summed": [L.Bidirectional(L.LSTM(4), merge_mode="sum"), L.Dense(2)],
        "both-averaged": [
            L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode="ave"),
            L.Dense(2),
        ],
        "each": [L.LSTM(4, return_sequences=True), L.Dense(2, activation="softmax")],
        "layers": [
            L.LSTM(4, return_sequences=True),
            L.LSTM(3),
            L.Dense(2, activation="elu"),
        ],
        "functions": [L.LSTM(4), *several],
    }
    if K.__name__ == "tf_keras":  # a loop of single operations, of later ones
        found["gru"] = [L.GRU(4), L.Dense(2)]
        found["distributed"] = [
            L.LSTM(4, return_sequences=True),
            L.TimeDistributed(L.Dense(2, activation="softmax")),
        ]
    return found


def main(version: str) -> None:
    """Convert all models, and store what Keras answers."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # tf2onnx still asks NumPy for names that it no longer has.
    for name, kind in (("object", object), ("bool", bool)):
        if name not in vars(np):
            setattr(np, name, kind)
    import tensorflow as tf
    import tf2onnx

    K = importlib.import_module({"3": "keras", "2": "tf_keras"}[version])
    random = np.random.default_rng(4)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, layers in models(K).items():
            shape, kind = ((None,), "int32") if name == "words" else ((None, INPUTS), "float32")
            model = K.Sequential([K.Input(shape=shape, dtype=kind), *layers])
            x = random.normal(size=(1, TICKS, INPUTS)).astype(np.float32)
            if name == "words":
                x = random.integers(0, WORDS, (1, TICKS)).astype(np.int32)
            drawn = [random.normal(size=w.shape) * 0.6 for w in model.get_weights()]
            names = [weight.name for weight in model.weights]
            model.set_weights(
                [abs(w) if "variance" in n else w for n, w in zip(names, drawn, strict=True)]
            )
            given = (tf.TensorSpec((None, *shape), kind, name="x"),)
            answer = tf.function(lambda x, m=model: m(x, training=False), input_signature=given)
            path = folder / f"{name}.onnx"
            tf2onnx.convert.from_function(answer, given, opset=15, output_path=str(path))
            y = np.asarray(model(x, training=False))[0]
            np.savez_compressed(folder / f"{name}.npz", x=x[0], answer=y)
        pack(folder, FOLDER / f"converted{version}.tar.xz")


if __name__ == "__main__":
    main(sys.argv[1])
