"""Files and objects of the frameworks themselves, of many shapes; `make oracles` installs them.

A framework that cannot be imported is a failure here, not a reason to skip.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_models
import pytest
import safetensors.torch
import torch
import torch_files
from recorded import agrees
from torch.nn.utils import prune

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.load import check_against, from_keras, from_torch, load_network
from lstmviz.load.detect import read_file
from lstmviz.load.run import run

os.environ["KERAS_BACKEND"] = "torch"  # before keras is imported: it is here anyway

MODULES = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


def module(kind: str, seed: int) -> Any:
    """A random module of random sizes and options, in float64."""
    random = np.random.default_rng(seed)
    inputs, units = (int(n) for n in random.integers(1, 9, 2))
    options: dict[str, Any] = {"bias": bool(random.random() < 0.8)}
    if kind.startswith("RNN"):
        options["nonlinearity"] = str(random.choice(["tanh", "relu"]))
    if not kind.endswith("Cell"):
        options["num_layers"] = int(random.integers(1, 4))
        options["bidirectional"] = bool(random.integers(2))
        options["batch_first"] = bool(random.integers(2))
        options["dropout"] = 0.4 if options["num_layers"] > 1 else 0.0
    if kind == "LSTM" and units > 1 and random.random() < 0.5:
        options["proj_size"] = int(random.integers(1, units))
    torch.manual_seed(seed)
    return getattr(torch.nn, kind)(inputs, units, **options, dtype=torch.float64)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", MODULES)
def test_modules_and_their_files_agree(kind: str, seed: int, tmp_path: Path) -> None:
    made = module(kind, seed)
    before = {name: value.clone() for name, value in made.state_dict().items()}
    network = from_torch(made, tolerance=1e-10)  # compares from random states
    assert made.training
    assert all((value == before[name]).all() for name, value in made.state_dict().items())
    relu = getattr(made, "nonlinearity", None)
    torch.save(made.state_dict(), tmp_path / "new.pt")
    torch.save(
        {"model": made.state_dict()}, tmp_path / "old.pt", _use_new_zipfile_serialization=False
    )
    safetensors.torch.save_file(made.state_dict(), tmp_path / "safe.safetensors")
    x = np.random.default_rng(seed).normal(size=(5, network.inputs))
    expected = run(x, network=network)
    for name in ("new.pt", "old.pt", "safe.safetensors"):
        read = run(x, network=load_network(tmp_path / name, nonlinearity=relu))
        for key, recording in expected.recordings.items():
            for what, values in recording.values.items():
                np.testing.assert_array_equal(values, read.recordings[key].values[what])


def test_a_module_in_a_model_and_one_that_does_something_else() -> None:
    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = torch.nn.Embedding(7, 3)
            self.rnn = torch.nn.GRU(3, 4, bidirectional=True)
            self.answer = torch.nn.Linear(8, 3)

    model = Model().to(torch.bfloat16)
    network = from_torch(model, vocabulary=list("abcdef?"), unknown="?")
    assert network.embedding is not None
    assert len(run(["a", "c", "z"], network=network)) == 3

    class Doubled(torch.nn.LSTM):
        def forward(self, *given: Any) -> Any:
            y, states = super().forward(*given)
            return y * 2, states

    with pytest.raises(LstmvizError, match="not the framework's"):
        from_torch(Doubled(3, 4))
    with pytest.raises(UsageError, match="takes a torch module, not int"):
        from_torch(3)


def sequentials() -> dict[str, torch.nn.Sequential]:
    """Chains over eight values, each with two answers."""
    nn = torch.nn
    same = nn.Tanh()
    last = nn.Sequential(nn.Linear(4, 2), nn.LogSoftmax(dim=-1))
    functions = (nn.LeakyReLU(0.2), nn.ELU(0.7), nn.GELU(), nn.Hardswish(), nn.Hardsigmoid())
    functions += (nn.Softplus(), nn.SiLU(), nn.Mish(), nn.ReLU6(), nn.Softsign(), nn.SELU())
    many = [part for function in functions for part in (nn.Linear(4, 4), function)]
    return {
        "plain": nn.Sequential(
            nn.Linear(8, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 2), nn.Softmax(dim=-1)
        ),
        "one function twice": nn.Sequential(
            nn.Dropout(), nn.Linear(8, 8), same, nn.Linear(8, 8), same, nn.Linear(8, 2)
        ),
        "a function first": nn.Sequential(nn.ReLU(), nn.Linear(8, 2, bias=False), nn.Sigmoid()),
        "all functions": nn.Sequential(nn.Linear(8, 4), *many, last),
    }


@pytest.mark.parametrize("name", sequentials())
def test_sequentials_of_whole_modules_are_taken(tmp_path: Path, name: str) -> None:
    torch.manual_seed(3)
    model = torch_files.Answering("GRU", sequentials()[name]).double().eval()
    x = torch.randn(5, 3, dtype=torch.float64)
    with torch.no_grad():
        theirs = model(x).numpy()
    torch.save(model, tmp_path / "whole.pt")
    torch.jit.script(model).save(str(tmp_path / "script.pt"))
    for network in (
        load_network(tmp_path / "whole.pt"),
        load_network(tmp_path / "script.pt"),
        from_torch(model),
    ):
        assert network.readout is not None, network.notes
        output = run(x.numpy(), network=network).output
        np.testing.assert_allclose(output, theirs, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_weight_norm_is_computed(tmp_path: Path, kind: str, dim: int | None) -> None:
    """Both ways to keep a weight as a length and a direction, from files and memory."""
    ways = (torch.nn.utils.weight_norm, torch.nn.utils.parametrizations.weight_norm)
    for number, norm in enumerate(ways):
        torch.manual_seed(number)
        model = torch_files.Answering(kind).double()
        for name in ("weight_ih_l0", "weight_hh_l0", "weight_hh_l0_reverse"):
            norm(model.rnn, name, dim=dim)
        norm(model.fc, "weight")
        assert from_torch(model).readout is not None  # before it has run
        with torch.no_grad():  # as training would change them
            for name, value in model.named_parameters():
                if name.endswith(("_g", "original0")):
                    value.mul_(torch.rand_like(value) + 0.5)
        x = torch.randn(5, 3, dtype=torch.float64)
        with torch.no_grad():
            theirs = model(x).numpy()
        torch.save(model.state_dict(), tmp_path / "normed.pt")
        networks = [load_network(tmp_path / "normed.pt"), from_torch(model)]
        if number == 0:  # parametrised modules cannot be pickled
            torch.save(model, tmp_path / "whole.pt")
            networks.append(load_network(tmp_path / "whole.pt"))
        for network in networks:
            check_against(run(x.numpy(), network=network), theirs, 1e-12)
            assert any("computed as g·v/‖v‖" in note for note in network.notes)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_pruned_weights_are_computed(tmp_path: Path, kind: str) -> None:
    torch.manual_seed(2)
    model = torch_files.Answering(kind).double()
    for part, name in (
        *((model.rnn, one) for one in ("weight_ih_l0", "weight_hh_l0", "bias_hh_l0_reverse")),
        *((model.fc, one) for one in ("weight", "bias")),
    ):
        prune.random_unstructured(part, name, amount=0.5)
    x = torch.randn(5, 3, dtype=torch.float64)
    with torch.no_grad():
        theirs = model(x).numpy()
    torch.save(model.state_dict(), tmp_path / "pruned.pt")
    torch.save(model, tmp_path / "whole.pt")
    for network in (
        load_network(tmp_path / "pruned.pt"),
        load_network(tmp_path / "whole.pt"),
        from_torch(model),
    ):
        check_against(run(x.numpy(), network=network), theirs, 1e-12)
        assert any("computed as orig·mask" in note for note in network.notes)


def test_files_with_more_than_a_state_dict_agree(tmp_path: Path) -> None:
    """Whole modules, programs, quantised layers, pickles, the tar of 2017, parts in a row."""
    torch_files.write(tmp_path)
    paths = [path for path in tmp_path.iterdir() if path.suffix != ".npz"]
    assert len(paths) > 20
    for path in paths:
        agrees(path, 1e-9, 1e-5)


@pytest.mark.filterwarnings("ignore:torch.ao:DeprecationWarning")
def test_quantised_layers_are_as_near_as_their_rounding(tmp_path: Path) -> None:
    torch.manual_seed(1)
    for kind in ("LSTM", "GRU"):
        plain = torch_files.Reader(kind, num_layers=2, bidirectional=True).eval()
        packed = torch.ao.quantization.quantize_dynamic(plain, {getattr(torch.nn, kind)})
        torch.save(packed, tmp_path / "whole.pt")
        rows = torch.tensor([1, 4, 2, 0, 5])
        theirs = packed(rows[:, None]).detach().numpy()
        for network in (load_network(tmp_path / "whole.pt"), from_torch(packed)):
            check_against(run(rows.numpy(), network=network), theirs, 0.02)
            assert "dequantised" in network.notes[0]


def test_modules_in_a_row_agree_from_memory() -> None:
    torch.manual_seed(2)
    x = torch.randn(5, torch_files.INPUTS, dtype=torch.float64)
    for module in (torch_files.Chain().double(), torch_files.Listed().double()):
        network = from_torch(module, tolerance=1e-10)
        assert network.depth == 2
        check_against(run(x.numpy(), network=network), module(x).detach().numpy(), 1e-10)
    layer = from_torch(torch.nn.GRU(3, 4, num_layers=3), part=":2", tolerance=1e-10)
    assert (layer.depth, layer.inputs) == (1, 4)


@pytest.mark.parametrize("seed", range(150))
def test_onnxruntime_agrees_on_any_attributes(seed: int, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    op = str(random.choice(list(onnx_models.GATES)))
    direction = str(random.choice(list(onnx_models.WAYS)))
    attributes = onnx_models.random_attributes(op, direction, random)
    inputs, units, ticks = (int(n) for n in random.integers(1, 8, 3))
    stored = onnx_models.weights(
        op,
        inputs,
        units,
        direction,
        random,
        bias=bool(random.random() < 0.8),
        states=bool(random.random() < 0.8),
        peepholes=bool(random.random() < 0.5),
    )
    # Some of the functions have no bounds: large weights would soon grow beyond float32.
    stored = {name: array * np.float32(0.5) for name, array in stored.items()}
    model = onnx_models.model(op, stored, attributes)
    onnx.save(model, tmp_path / "m.onnx")
    x = random.normal(size=(ticks, 1, inputs)).astype(np.float32)
    Y, *_ = onnx_models.outputs_of(model, x)
    trace = run(x[:, 0], network=tmp_path / "m.onnx", dtype="float32")
    # A threshold turns the last digit into a jump, which then grows.
    steep = "ThresholdedRelu" in attributes.get("activations", [])
    check_against(trace, Y, 1e-3 if steep else 1e-5)


def test_keras_layers_and_files_agree(tmp_path: Path) -> None:
    import keras
    import keras_models

    cases = chain(keras_models.cases(keras), keras_models.masked_cases(keras))
    for seed, (name, model, inputs) in enumerate(cases):
        keras_models.outputs_of(model, inputs)  # which makes the weights
        keras_models.fill(model, seed)
        if not name.endswith("states"):
            from_keras(model, tolerance=1e-5 if name != "functions" else 1e-4)
        path = tmp_path / f"{name}.keras"
        model.save(path)
        x = inputs["x"][0].astype(np.float64)
        states = {key: value[0] for key, value in inputs.items() if key != "x"} or None
        trace = run(x, network=load_network(path), initial=states)
        y = keras_models.outputs_of(model, inputs)
        check_against(trace, y, 1e-5 if name != "functions" else 1e-4)
    layer = keras.layers.LSTM(3)
    with pytest.raises(UsageError, match="call it once on an input"):
        from_keras(layer)
    with pytest.raises(UsageError, match="takes a Keras layer or model, not int"):
        from_keras(3)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_answers_agree(tmp_path: Path, ending: str) -> None:
    import keras
    import keras_models

    for seed, (name, model, inputs, pooling) in enumerate(keras_models.answer_cases(keras)):
        y = keras_models.outputs_of(model, inputs)
        keras_models.fill(model, seed)
        y = keras_models.outputs_of(model, inputs)
        path = tmp_path / f"{name}{ending}"
        model.save(path)
        for network in (load_network(path), from_keras(model, tolerance=1e-5)):
            assert network.readout is not None, (name, network.notes)
            assert network.readout.pooling == pooling, name
            trace = run(inputs["x"][0], network=network)
            assert trace.output is not None
            given = trace.output[-1] if y.ndim == 1 else trace.output
            np.testing.assert_allclose(given, y, rtol=0, atol=2e-5, err_msg=name)


def test_keras_outputs_agree(tmp_path: Path) -> None:
    """Each of several outputs, chosen by its layer, and poolings side by side."""
    import keras
    import keras_models

    for seed, (name, model, inputs, pooled) in enumerate(keras_models.output_cases(keras)):
        keras_models.fill(model, seed)
        parts = keras_models.parts_of(model, inputs)
        path = tmp_path / f"{name}.keras"
        model.save(path)
        for number, (layer, pooling) in enumerate(pooled.items()):
            networks = [load_network(path, head=layer), from_keras(model, head=layer)]
            for network in networks + ([load_network(path)] if number == 0 else []):
                assert network.readout is not None, (name, layer)
                assert network.readout.pooling == pooling, (name, layer)
                check_against(run(inputs["x"][0], network=network), parts[layer], 1e-5)


def test_keras_answers_that_are_not_understood_are_named(tmp_path: Path) -> None:
    import keras
    import keras_models

    for name, model, layer in keras_models.unread_cases(keras):
        path = tmp_path / f"{name}.keras"
        model.save(path)
        stacks = read_file(path).stacks
        assert not any(stack.answers for stack in stacks), name
        assert any(f"'{layer}" in stack.unread for stack in stacks), (name, stacks)


def test_no_framework_is_imported_to_read_its_files(tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(2, 3).state_dict(), tmp_path / "m.pt")
    random = np.random.default_rng(0)
    stored = onnx_models.weights("GRU", 2, 3, "forward", random)
    onnx.save(onnx_models.model("GRU", stored, {}), tmp_path / "m.onnx")
    script = (
        "import sys, lstmviz\n"
        "for path in sys.argv[1:]: lstmviz.run([[1, 2]], network=path)\n"
        "print({'torch', 'keras', 'tensorflow', 'onnxruntime', 'safetensors'} & {*sys.modules})"
    )
    paths = [str(tmp_path / name) for name in ("m.pt", "m.onnx")]
    ran = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True)
    assert (ran.stdout, ran.returncode) == ("set()\n", 0), ran.stderr
