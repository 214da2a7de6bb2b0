"""Small Keras models, for Keras 2 (tf_keras) and 3 alike, and what they compute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

TICKS, INPUTS, WORDS = 6, 3, 7
ENDINGS = (".keras", ".h5", ".weights.h5")


def cases(K: Any) -> Iterator[tuple[str, Any, dict[str, Array]]]:
    """Name, model and inputs of each; `K` is the module keras or tf_keras."""
    L = K.layers
    random = np.random.default_rng(5)
    x = random.normal(size=(1, TICKS, INPUTS))
    words = random.integers(0, WORDS, (1, TICKS)).astype(np.int32)
    state = {name: random.normal(size=(1, 4)) for name in ("h", "c")}

    def sequential(*layers: Any) -> Any:
        return K.Sequential([L.Input((None, INPUTS)), *layers])

    yield (
        "words",
        K.Sequential(
            [
                L.Input((None,)),
                L.Embedding(WORDS, 5),
                L.LSTM(4, return_sequences=True, name="first"),
                L.Dropout(0.5),
                L.Bidirectional(L.GRU(3, return_sequences=True)),
                L.SimpleRNN(2, return_sequences=True),
            ]
        ),
        {"x": words},
    )
    for name, layer in (
        ("lstm-states", L.LSTM(4, return_sequences=True)),
        ("gru-states", L.GRU(4, return_sequences=True)),
        ("gru-before-states", L.GRU(4, return_sequences=True, reset_after=False)),
        ("rnn-states", L.SimpleRNN(4, return_sequences=True)),
    ):
        names = ("h", "c") if name.startswith("lstm") else ("h",)
        given = {"x": L.Input((None, INPUTS), name="x")}
        given.update({state_: L.Input((4,), name=state_) for state_ in names})
        y = layer(given["x"], initial_state=[given[state_] for state_ in names])
        model = K.Model(list(given.values()), y)
        yield name, model, {"x": x, **{state_: state[state_] for state_ in names}}
    for mode in ("concat", "sum", "ave", "mul", None):
        both = L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=mode)
        if mode is None:
            inputs = L.Input((None, INPUTS))
            yield "both-ways-None", K.Model(inputs, both(inputs)), {"x": x}
        else:
            yield f"both-ways-{mode}", sequential(both, L.GRU(2, return_sequences=True)), {"x": x}
            last = L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode=mode)
            yield f"both-ways-last-{mode}", sequential(last), {"x": x}
    yield "last-output", sequential(L.Bidirectional(L.LSTM(3))), {"x": x}
    yield (
        "functions",
        sequential(
            L.LSTM(
                3, activation="relu", recurrent_activation="hard_sigmoid", return_sequences=True
            ),
            L.GRU(
                3, activation="softsign", recurrent_activation="hard_sigmoid", return_sequences=True
            ),
            L.GRU(
                3,
                activation="elu",
                recurrent_activation="softplus",
                reset_after=False,
                return_sequences=True,
            ),
            L.SimpleRNN(3, activation="swish", return_sequences=True),
            L.SimpleRNN(3, activation=None, return_sequences=True),
            L.SimpleRNN(3, activation="selu", return_sequences=True),
            L.SimpleRNN(3, activation="softmax", return_sequences=True),
            L.SimpleRNN(3, activation="relu", return_sequences=True),
        ),
        {"x": x},
    )
    yield (
        "no-bias",
        sequential(
            L.LSTM(3, use_bias=False, return_sequences=True),
            L.GRU(3, use_bias=False, return_sequences=True),
            L.GRU(3, use_bias=False, reset_after=False, return_sequences=True),
        ),
        {"x": x},
    )
    yield (
        "backwards",
        sequential(
            L.LSTM(3, go_backwards=True, return_sequences=True),
            L.GRU(3, return_sequences=True),
            L.LSTM(2, go_backwards=True, return_sequences=True),
            L.GRU(2, go_backwards=True, return_sequences=True),
        ),
        {"x": x},
    )
    yield (
        "cells",
        sequential(
            L.RNN([L.LSTMCell(3), L.LSTMCell(2), L.GRUCell(2)], return_sequences=True),
            L.RNN(L.SimpleRNNCell(3), return_sequences=True),
        ),
        {"x": x},
    )
    # lstm_10 comes before lstm_2 in the alphabet.
    yield "many", sequential(*(L.LSTM(2, return_sequences=True) for _ in range(12))), {"x": x}
    inputs = L.Input((None, INPUTS))
    inner = K.Sequential(
        [L.Input((None, 3)), L.GRU(2, return_sequences=True), L.GRU(2, return_sequences=True)]
    )
    late = L.LSTM(3, return_sequences=True, name="a_late_one")
    y = late(L.LSTM(2, return_sequences=True, name="z_early_one")(inputs))
    yield "graph", K.Model(inputs, inner(L.Dropout(0.3)(y))), {"x": x}


def masked_cases(K: Any) -> Iterator[tuple[str, Any, dict[str, Array]]]:
    """Models that pass over some steps: name, model and inputs of each, as in `cases`."""
    L = K.layers
    random = np.random.default_rng(6)

    def values(value: float = 0.0) -> Array:
        x = random.normal(size=(1, TICKS, INPUTS))
        x[:, [0, 3, 5]] = value
        x[:, 1, 0] = value  # one value alone masks nothing
        return x

    words = np.array([[0, 3, 0, 1, 6, 0]], np.int32)
    # Keras 3 on TensorFlow has the value in float32, in which -0.1 is none of float64.
    value = -0.1 if K.backend.floatx() == "float32" else -0.25

    def masking(*layers: Any, value: float = 0.0) -> Any:
        return K.Sequential([L.Input((None, INPUTS)), L.Masking(value), *layers])

    def graph(first: Any, *layers: Any) -> Any:
        y = x = L.Input((None,) if isinstance(first, L.Embedding) else (None, INPUTS))
        for layer in (first, *layers):
            y = layer(y)
        return K.Model(x, y)

    def padded() -> Any:
        return L.Embedding(WORDS, 5, mask_zero=True)

    for name, layer in (
        ("lstm", L.LSTM(4, return_sequences=True)),
        ("gru", L.GRU(4, return_sequences=True)),
        ("gru-before", L.GRU(4, return_sequences=True, reset_after=False)),
        ("rnn", L.SimpleRNN(4, return_sequences=True)),
        ("zeros", L.LSTM(4, return_sequences=True, zero_output_for_mask=True)),
        ("backwards", L.GRU(4, return_sequences=True, go_backwards=True)),
        ("cells", L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True)),
        ("both-ways", L.Bidirectional(L.LSTM(3, return_sequences=True))),
        ("both-ways-sum", L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="sum")),
        ("both-ways-last", L.Bidirectional(L.LSTM(3))),
    ):
        yield name, masking(layer), {"x": values()}
    for name, build in (
        ("stack", lambda first, *rest: K.Sequential([first, *rest])),
        ("graph", graph),
    ):
        yield (
            f"{name}-words",
            build(
                padded(),
                L.Dropout(0.5),
                L.LSTM(4, return_sequences=True),
                L.Bidirectional(L.GRU(3, return_sequences=True)),
                L.LSTM(2),
            ),
            {"x": words},
        )
        yield (
            f"{name}-values",
            build(
                L.Masking(value),
                L.Dropout(0.5),
                L.Bidirectional(L.LSTM(4, return_sequences=True)),
                L.GRU(2, return_sequences=True),
            ),
            {"x": values(value)},
        )
        inner = K.Sequential([L.Input((None, 5)), L.GRU(2, return_sequences=True)])
        yield f"{name}-within", build(padded(), inner, L.LSTM(3)), {"x": words}


def answer_cases(K: Any) -> Iterator[tuple[str, Any, dict[str, Array], str]]:
    """Models whose answer is read: name, model, inputs, and how the readout pools."""
    L = K.layers
    random = np.random.default_rng(7)
    x = random.normal(size=(1, TICKS, INPUTS))
    masked = np.where(np.isin(np.arange(TICKS), (1, 4, 5))[None, :, None], 0.0, x)
    words = np.array([[2, 3, 0, 1, 6, 0]], np.int32)

    def sequential(*layers: Any, inputs: Any = None) -> Any:
        return K.Sequential([L.Input((None, INPUTS)) if inputs is None else inputs, *layers])

    def padded(*layers: Any) -> Any:
        return sequential(L.Embedding(WORDS, 5, mask_zero=True), *layers, inputs=L.Input((None,)))

    def every(**options: Any) -> Any:
        return L.LSTM(4, return_sequences=True, **options)

    yield "softmax", sequential(L.LSTM(4), L.Dense(3, activation="softmax")), {"x": x}, "last"
    yield "sigmoid", padded(L.GRU(4), L.Dense(1, activation="sigmoid")), {"x": words}, "last"
    yield (
        "chain",
        sequential(
            every(),
            L.Dropout(0.5),
            L.GRU(3),
            L.Dropout(0.5),
            L.Dense(5, activation="relu"),
            L.Flatten(),
            L.Dense(4, use_bias=False),
            L.LeakyReLU(),
            L.Dense(2),
            L.Activation("softmax"),
        ),
        {"x": x},
        "last",
    )
    yield (
        "normalised",
        sequential(
            L.LSTM(4),
            L.BatchNormalization(),
            L.Dense(3),
            L.BatchNormalization(scale=False),
            L.ReLU(),
            L.BatchNormalization(center=False),
            L.Dense(2, activation="tanh"),
        ),
        {"x": x},
        "last",
    )
    yield "each", sequential(every(), L.Dense(2, activation="elu")), {"x": x}, "each"
    yield (
        "distributed",
        sequential(
            L.Bidirectional(L.GRU(3, return_sequences=True)),
            L.TimeDistributed(L.Dense(4, activation="relu")),
            L.TimeDistributed(L.BatchNormalization()),
            L.TimeDistributed(L.Dense(2)),
        ),
        {"x": x},
        "each",
    )
    both = L.Bidirectional(L.LSTM(3), merge_mode="sum")
    yield "both-ways", sequential(both, L.Dense(2)), {"x": x}, "last"
    yield (
        "both-ways-masked",
        padded(L.Bidirectional(L.LSTM(3)), L.Dense(2, activation="softmax")),
        {"x": words},
        "last",
    )
    for pooling, layer in (
        ("mean", L.GlobalAveragePooling1D()),
        ("max", L.GlobalMaxPooling1D()),
    ):
        yield pooling, sequential(every(), layer, L.Dense(2)), {"x": x}, pooling
    # Its mean is that of what a dense layer makes of each output, which is the same here.
    late = sequential(every(), L.Dense(3), L.GlobalAveragePooling1D(), L.Dense(2))
    yield "mean-late", late, {"x": x}, "mean"
    yield "mean-alone", sequential(every(), L.GlobalAveragePooling1D()), {"x": x}, "mean"
    yield (
        "mean-masked",
        sequential(
            L.Masking(0.0),
            L.Bidirectional(L.LSTM(3, return_sequences=True)),
            L.Dropout(0.1),
            L.GlobalAveragePooling1D(),
            L.Dense(2),
        ),
        {"x": masked},
        "mean",
    )
    inputs = L.Input((None, INPUTS))
    _, h, _ = L.LSTM(4, return_state=True)(inputs)
    yield "state", K.Model(inputs, L.Dense(2)(h)), {"x": x}, "last"
    inner = K.Sequential([L.Input((4,)), L.Dense(3, activation="relu"), L.Dense(2)])
    inputs = L.Input((None, INPUTS))
    outer = L.LSTM(4)(K.Sequential([L.Input((None, INPUTS)), every()])(inputs))
    yield "nested", K.Model(inputs, inner(outer)), {"x": x}, "last"
    inputs = L.Input((None, INPUTS))
    y = L.Bidirectional(L.GRU(3, return_sequences=True))(inputs)
    yield "last-step", K.Model(inputs, L.Dense(2)(y[:, -1])), {"x": x}, "each"
    # What stands between makes another row of each row.
    yield (
        "rows",
        padded(L.Dense(4, activation="relu"), L.BatchNormalization(), L.LSTM(3), L.Dense(2)),
        {"x": words},
        "last",
    )
    # The weights that are not trained come last in older files.
    frozen = L.BatchNormalization()
    frozen.trainable = False
    inner = K.Sequential([L.Input((None, 4)), L.LSTM(3), frozen, L.Dense(2)])
    inputs = L.Input((None, INPUTS))
    yield "frozen", K.Model(inputs, inner(every()(inputs))), {"x": x}, "last"


def write_text(K: Any, folder: Path) -> None:
    """Models that begin with text, and the rows and answers that they make of it."""
    import tensorflow as tf

    L = K.layers
    inputs = K.Input((1,), dtype=tf.string)
    cut = L.TextVectorization(max_tokens=12)
    cut.adapt(["the soup was good", "the fish was not bad, really", "good good"])
    text = "The soup, was GOOD!"
    answer = L.Dense(2, activation="softmax")
    model = K.Sequential([inputs, cut, L.Embedding(12, 3), L.LSTM(2), answer])
    given = tf.constant([[text]])
    y = np.asarray(model(given))[0]
    model.save(str(folder / "text.keras"))
    np.savez_compressed(folder / "text.npz", text=text, rows=np.asarray(cut(given))[0], y=y)
    letters = L.StringLookup()
    letters.adapt([*"hello world"])
    inputs = K.Input((None,), dtype=tf.string)
    model = K.Sequential([inputs, letters, L.Embedding(12, 3), L.GRU(2), L.Dense(1)])
    given = tf.constant([[*"hold"]])
    y = np.asarray(model(given))[0]
    model.save(str(folder / "letters.keras"))
    np.savez_compressed(
        folder / "letters.npz", text="hold", rows=np.asarray(letters(given))[0], y=y
    )


def unread_cases(K: Any) -> Iterator[tuple[str, Any, str]]:
    """Models whose answer is not read: name, model, and the layer that is not understood."""
    L = K.layers

    def every() -> Any:
        return L.LSTM(4, return_sequences=True)

    def sequential(*layers: Any) -> Any:
        return K.Sequential([L.Input((TICKS, INPUTS)), *layers])

    yield "flat", sequential(every(), L.Flatten(name="this"), L.Dense(2)), "this"
    yield "norm", sequential(L.LSTM(4), L.LayerNormalization(name="this"), L.Dense(2)), "this"
    inputs = L.Input((None, INPUTS))
    y = every()(inputs)
    for name, item in (("first-step", y[:, 0]), ("one-unit", y[:, :, -1:])):
        yield name, K.Model(inputs, L.Dense(2)(item)), "get_item"
    yield "repeat", sequential(L.LSTM(4), L.RepeatVector(3, name="this"), L.LSTM(3)), "this"
    yield (
        "late-max",
        sequential(every(), L.Dense(3), L.GlobalMaxPooling1D(name="this")),
        "this",
    )
    yield (
        "masked-max",
        sequential(L.Masking(), every(), L.GlobalMaxPooling1D(name="this"), L.Dense(2)),
        "this",
    )
    inputs = L.Input((None, INPUTS))
    _, _, c = L.LSTM(4, return_state=True)(inputs)
    yield "cell", K.Model(inputs, L.Dense(2, name="this")(c)), "this"
    both = [L.LSTM(4)(inputs), L.GRU(3)(inputs)]
    joined = L.Dense(2)(L.Concatenate(name="this")(both))
    yield "two", K.Model(inputs, joined), "this"
    y = every()(inputs)
    joined = L.Concatenate(name="this")([L.GlobalMaxPooling1D()(y), L.LSTM(2)(y)])
    yield "pooled and read on", K.Model(inputs, L.Dense(2)(joined)), "this"


def output_cases(K: Any) -> Iterator[tuple[str, Any, dict[str, Array], dict[str, str]]]:
    """Models with several outputs or poolings: name, model, inputs, how each output is pooled."""
    L = K.layers
    x = np.random.default_rng(11).normal(size=(1, TICKS, INPUTS))
    inputs = L.Input((None, INPUTS))

    def every(**options: Any) -> Any:
        return L.LSTM(4, return_sequences=True, **options)

    y = L.GRU(4)(every()(inputs))
    genre, shared = L.Dense(3, "softmax", name="genre"), L.Dense(5, "relu", name="shared")(y)
    two = [L.Dense(1, "sigmoid", name="rating")(shared), genre(L.Dropout(0.5)(y))]
    yield "two", K.Model(inputs, two), {"x": x}, {"rating": "last", "genre": "last"}
    # One that is an output is also read on, and the order is that of the outputs.
    y = every()(inputs)
    tag = L.TimeDistributed(L.Dense(3, "softmax"), name="tag")(y)
    mood = L.Dense(2, name="mood")(shared := L.Dense(4, "tanh", name="mean")(_mean(L)(y)))
    named = K.Model(inputs, {"c": mood, "a": tag, "b": shared})
    yield "named", named, {"x": x}, {"mood": "mean", "tag": "each", "mean": "mean"}
    # What is not understood is one of them alone.
    y = every()(inputs)
    odd = L.Dense(2, name="odd")(L.LayerNormalization()(y))
    yield "odd", K.Model(inputs, [odd, L.Dense(2, name="plain")(y)]), {"x": x}, {"plain": "each"}
    y = L.Dropout(0.1)(L.Bidirectional(every())(inputs))
    joint = L.Concatenate()([_mean(L)(y), L.GlobalMaxPooling1D()(y)])
    out = L.Dense(2, name="out")(L.Dense(3, "relu")(joint))
    yield "joined", K.Model(inputs, out), {"x": x}, {"out": "mean+max"}
    y = every()(inputs)
    joint = L.Concatenate(axis=1)([y[:, -1], L.GlobalMaxPooling1D()(y), _mean(L)(y)])
    out = L.Dense(2, name="out")(L.BatchNormalization()(joint))
    yield "joined-last", K.Model(inputs, out), {"x": x}, {"out": "each+max+mean"}
    # A pooling is read twice: alone, and beside another one.
    y = every()(inputs)
    mean = _mean(L)(y)
    alone = L.Dense(3, "softmax", name="alone")(mean)
    beside = L.Dense(1, name="beside")(L.Concatenate()([L.GlobalMaxPooling1D()(y), mean]))
    each = K.Model(inputs, [alone, beside])
    yield "joined-too", each, {"x": x}, {"alone": "mean", "beside": "max+mean"}
    y = L.LSTM(4, go_backwards=True)(inputs)
    yield "backward", K.Model(inputs, L.Dense(2, name="out")(y)), {"x": x}, {"out": "last"}


def _mean(L: Any) -> Any:
    return L.GlobalAveragePooling1D()


def parts_of(model: Any, inputs: dict[str, Array]) -> dict[str, Array]:
    """What each output of a model with one input gives, without the batch, by its layer."""
    y, tensors = model(inputs["x"], training=False), model.output
    if not isinstance(y, dict):
        y, tensors = (
            dict(enumerate(one if isinstance(one, list) else [one])) for one in (y, tensors)
        )
    return {
        tensors[key]._keras_history[0].name: np.asarray(getattr(one, "detach", lambda o=one: o)())[
            0
        ]
        for key, one in y.items()
    }


def fill(model: Any, seed: int) -> None:
    """Random weights, the biases included; variances are above 0."""
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(size=w.shape) * 0.7 for w in model.get_weights()])
    for layer in model.layers:
        for inner in getattr(layer, "layers", [getattr(layer, "layer", layer)]):
            if hasattr(inner, "moving_variance"):
                inner.moving_variance.assign(random.uniform(0.5, 2.0, inner.moving_variance.shape))


def outputs_of(model: Any, inputs: dict[str, Array]) -> Array:
    """What the model gives, without the batch; two outputs side by side."""
    given = list(inputs.values())
    y = model(given if len(given) > 1 else given[0], training=False)
    parts = [
        np.asarray(part.detach() if hasattr(part, "detach") else part)[0]
        for part in (y if isinstance(y, (list, tuple)) else [y])
    ]
    return np.concatenate(parts, axis=-1)


def write(
    folder: Path,
    name: str,
    model: Any,
    inputs: dict[str, Array],
    endings: tuple[str, ...] = ENDINGS,
) -> None:
    """The model in Keras's formats, its configuration, and what it computes."""
    for ending in endings:
        save = model.save_weights if "weights" in ending else model.save
        save(str(folder / f"{name}{ending}"))
    (folder / f"{name}.json").write_text(model.to_json())
    without_batch = {key: value[0] for key, value in inputs.items()}
    np.savez_compressed(folder / f"{name}.npz", **without_batch, y=outputs_of(model, inputs))
