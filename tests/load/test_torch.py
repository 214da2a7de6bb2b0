"""PyTorch's files, against what PyTorch computed."""

from __future__ import annotations

import pickle
import time
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import agrees, names

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.common.contents import Contents, Tensor
from lstmviz.load.torch import state_dict as named
from lstmviz.load.torch.legacy import LEGACY

Unpacked = Callable[[str], Path]
NAMES = names("torch")


@pytest.mark.parametrize("name", NAMES)
def test_pytorch_agrees(unpacked: Unpacked, name: str) -> None:
    options: dict[str, Any] = {"nonlinearity": "relu"} if "relu" in name else {}
    paths = sorted(unpacked("torch").glob(f"{name}.[ps]*"))
    assert paths
    for path in paths:
        agrees(path, 1e-10, 1e-5, **options)


def test_what_was_recorded_covers_the_modules() -> None:
    kinds = {name.split("-")[0] for name in NAMES}
    assert {"LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"} <= kinds
    assert {"legacy", "shared", "shared-legacy", "half", "bfloat16", "LSTM-projected"} <= {*NAMES}


def test_the_cells_are_those_of_the_modules(unpacked: Unpacked) -> None:
    folder = unpacked("torch")
    cells = {
        "LSTM-stacked.pt": "lstm",
        "GRU-stacked.safetensors": "gru",
        "RNN-stacked.pt": "rnn",
        "LSTM-projected.pt": "lstm-projected",
        "GRUCell.pth": "gru",
    }
    for name, cell in cells.items():
        network = load_network(folder / name)
        assert {layer.cell.name for _, layer in network.each_layer()} == {cell}
    assert load_network(folder / "RNN-relu.pt", nonlinearity="relu").cell.name == "rnn-relu"


def test_an_unknown_nonlinearity_is_assumed_aloud(unpacked: Unpacked) -> None:
    path = unpacked("torch") / "RNN-relu.pt"
    assert any("tanh is assumed" in note for note in load_network(path).notes)
    assert load_network(path, nonlinearity="relu").notes == ()
    with pytest.raises(UsageError, match="choose tanh or relu"):
        load_network(path, nonlinearity="sin")


def test_an_embedding_is_found_and_named(unpacked: Unpacked) -> None:
    for name in ("checkpoint.pt", "legacy.pt"):
        network = load_network(unpacked("torch") / name)
        assert network.embedding is not None
        assert network.embedding.shape == (6, 3)
        assert any("model.module.emb.weight" in note for note in network.notes)
        assert network.origin == f"{name}: PyTorch state dict, model.module.rnn"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("torchscript.pt", "nothing in this TorchScript program can be run: it has no RNN"),
    ],
)
def test_what_cannot_be_run_is_refused(unpacked: Unpacked, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load_network(unpacked("torch") / name)


@pytest.mark.parametrize("name", ["whole-module.pt", "whole-module-legacy.pt"])
def test_a_whole_module_has_the_weights_of_its_state_dict(unpacked: Unpacked, name: str) -> None:
    network, same = (load_network(unpacked("torch") / one) for one in (name, "checkpoint.pt"))
    assert network.cell.name == "lstm"
    np.testing.assert_array_equal(network.layers[0][0].weights.W, same.layers[0][0].weights.W)
    np.testing.assert_array_equal(network.layers[0][0].weights.rb, same.layers[0][0].weights.rb)


class Evil:
    """What a pickle of an attacker may hold."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.parts = (call, arguments)

    def __reduce__(self) -> Any:
        return self.parts


def archive(path: Path, value: Any, **storages: bytes) -> Path:
    """A file like those of torch.save."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", value if isinstance(value, bytes) else pickle.dumps(value))
        for key, content in storages.items():
            file.writestr(f"model/data/{key.strip('_')}", content)
    return path


@pytest.mark.parametrize("protocol", range(2, 6))
def test_nothing_of_a_file_is_executed(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "executed"
    import os

    for call in (os.system, exec, eval, print):
        evil = pickle.dumps({"w": Evil(call, f"open({str(mark)!r}, 'w')")}, protocol=protocol)
        for path in (archive(tmp_path / "evil.pt", evil), tmp_path / "legacy.pt"):
            if path.name == "legacy.pt":
                path.write_bytes(LEGACY + pickle.dumps(1001, 2) + pickle.dumps({}, 2) + evil)
            with pytest.raises(UsageError, match="runs nothing of a file"):
                load_network(path)
            with pytest.raises(UsageError, match="runs nothing of a file"):
                inspect_file(path)
    assert not mark.exists()
    plain = tmp_path / "plain.pt"
    plain.write_bytes(pickle.dumps({"w": [1.0]}, protocol=protocol))
    with pytest.raises(UsageError, match="no tensors by name"):
        load_network(plain)


def state_dict(shapes: dict[str, tuple[int, ...]], numel: int = 100) -> bytes:
    """The pickle of a state dict whose tensors lie in one storage of so many numbers."""

    def opcode(text: str) -> bytes:
        return text.encode()

    def whole(numbers: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(opcode(f"I{n}\n") for n in numbers) + b"t"

    out = b"\x80\x02}"
    for name, shape in shapes.items():
        strides = tuple(int(np.prod(shape[k + 1 :])) for k in range(len(shape)))
        out += b"(" + opcode(f"V{name}\n") + b"ctorch._utils\n_rebuild_tensor_v2\n("
        out += b"(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\n" + opcode(f"I{numel}\n") + b"tQ"
        out += b"I0\n" + whole(shape) + whole(strides) + b"I00\nccollections\nOrderedDict\n)RtRu"
    return out + b"."


def test_a_small_file_by_hand_runs(tmp_path: Path) -> None:
    shapes = {"weight_ih_l0": (4, 3), "weight_hh_l0": (4, 1)}
    content = np.arange(12, dtype="<f4").tobytes()
    network = load_network(archive(tmp_path / "m.pt", state_dict(shapes, 12), _0=content))
    assert (network.cell.name, network.inputs, network.hidden) == ("lstm", 3, 1)
    np.testing.assert_array_equal(network.layers[0][0].gate("o").W, [[9, 10, 11]])


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ({"weight_ih_l0": (4, 10**9), "weight_hh_l0": (4, 1)}, "does not fit its 12 values"),
        ({"weight_ih_l0": (4 * 10**12, 3), "weight_hh_l0": (4 * 10**12, 10**12)}, "impossible"),
        ({"weight_ih_l0": (4, 3), "weight_hh_l0": (5, 1)}, "belong to no recurrent layer"),
        ({"weight_ih_l0": (5, 3), "weight_hh_l0": (5, 1)}, "4 rows per column, a GRU 3"),
        ({"weight_ih_l0": (4, 3)}, "it has .weight_ih_l0. but not .weight_hh_l0.; save the whole"),
        ({"weight_ih_l1": (4, 3), "weight_hh_l1": (4, 1)}, "lacks the weights of the layers"),
        ({"weight_ih_l0": (4, 0), "weight_hh_l0": (4, 1)}, "belong to no recurrent layer"),
        (
            {
                "weight_ih_l0": (4, 3),
                "weight_hh_l0": (4, 1),
                "bias_ih_l0": (3,),
                "bias_hh_l0": (4,),
            },
            r"has the shape \(3,\); \(4,\) fits",
        ),
        (
            {"weight_ih_l0": (8, 3), "weight_hh_l0": (8, 1), "weight_hr_l0": (1, 3)},
            "no projection fits",
        ),
        ({"fc.weight": (4, 3)}, "it has no RNN, LSTM or GRU in it"),
        ({}, "no tensors by name"),
    ],
)
def test_shapes_are_checked_before_anything_is_made(
    tmp_path: Path, shapes: dict[str, tuple[int, ...]], sentence: str
) -> None:
    path = archive(tmp_path / "m.pt", state_dict(shapes, 12), _0=bytes(48))
    with pytest.raises(UsageError, match=sentence):
        load_network(path)


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    shapes = {"weight_ih_l0": (4, 3), "weight_hh_l0": (4, 1)}
    content = np.array([1.0, np.nan] * 6, "<f4").tobytes()
    path = archive(tmp_path / "m.pt", state_dict(shapes, 12), _0=content)
    with pytest.raises(UsageError, match="6 weights that are not finite, such as NaN in W"):
        load_network(path)
    assert "CANNOT BE USED" in str(inspect_file(path))


@pytest.mark.slow
def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    shapes = {"weight_ih_l0": (4, 6_000_000), "weight_hh_l0": (4, 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("model/data.pkl", state_dict(shapes, 24_000_000))
        file.writestr("model/data/0", bytes(96_000_000))
    assert path.stat().st_size < 200_000
    with pytest.raises(UsageError, match="claims 96000000 bytes, which it cannot hold"):
        load_network(path)


def test_missing_and_encrypted_parts_are_told(tmp_path: Path) -> None:
    shapes = {"weight_ih_l0": (4, 3), "weight_hh_l0": (4, 1)}
    with pytest.raises(UsageError, match="'model/data/0' is missing"):
        load_network(archive(tmp_path / "m.pt", state_dict(shapes, 12)))


def nested(times: int, opcode: bytes) -> bytes:
    """A value of two to the power of so many parts: each is a pair of the one before, twice."""
    return b"K\1" + times * (b"q\0h\0" + opcode)


TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
HOSTILE = {
    "a module and a name that are endless": nested(40, b"\x86") + b"h\0\x93",
    "endless keys": b"}" + nested(40, b"\x86") + b"K\1s",
    "an endless storage": b"}X\1\0\0\0w"
    + TENSOR
    + b"((Vstorage\nctorch\nFloatStorage\n"
    + nested(40, b"\x86")
    + b"Vcpu\nK\1tQK\0K\1\x85K\1\x85tRs",
    "an endless shape": b"}X\1\0\0\0w" + TENSOR + b"((Vstorage\nctorch\nFloatStorage\nV0\n"
    b"Vcpu\nK\1tQK\0" + nested(40, b"\x86") + b"h\0tRs",
    "an endless state": TENSOR + b")R" + nested(40, b"\x86") + b"b",
    "the same pairs again and again": b"(" + b"K\1K\1\x86" * 50_000 + b"lq\0\x85q\1"
    b"ccollections\nOrderedDict\nq\2" + b"h\2h\1R0" * 50_000,
    "dicts in dicts": b"}" + b"X\1\0\0\0a}" * 100_000 + b"s" * 100_000,
    "parameters in parameters": b"}X\1\0\0\0w"
    + b"ctorch._utils\n_rebuild_parameter\n" * 5000
    + TENSOR
    + b")R"
    + b"\x85R" * 5000
    + b"s",
    "numbers of many digits": b"}\x8b\0\0\1\0" + b"\x7f" * 65536 + b"K\1s",
    "numbers that collide": b"}("
    + b"".join(b"\x8a\x0b" + (k * (2**61 - 1)).to_bytes(11, "little") + b"N" for k in range(50_000))
    + b"u",
    "long names, often": b"}X\0\0\1\0"
    + b"k" * 65536
    + b"(cargparse\nNamespace\n)Rq\0"
    + b"h\0" * 100_000
    + b"ls",
    "one state of many things": b"("
    + b"N" * 100_000
    + b"tq\0cm\nC\nq\1("
    + b"h\1)\x81h\0b" * 15_000
    + b"l",
    "one module's state, of many": b"}q\0(X\x0b\0\0\0_parameters}X\x08\0\0\0_modules}"
    + b"".join(b"K%cN" % k for k in range(100)) * 300
    + b"ucm\nC\nq\1("
    + b"h\1)\x81h\0b" * 15_000
    + b"l",
    "one text that is a storage, by many": b"X\0\0\x10\0"
    + b"x" * (1 << 20)
    + b"q\0c_codecs\nencode\nq\1ctorch.storage\n_load_from_bytes\nq\2"
    + b"ctorch._utils\n_rebuild_tensor_v2\nq\3K\1\x85q\4("
    + b"h\3(h\2h\1h\0\x85R\x85RK\0h\4h\4tR" * 10_000
    + b"l",
    "words below a long name": b"}X\x84\3\0\0"
    + b"k" * 900
    + b"("
    + b"}(X\1\0\0\0aK\0X\1\0\0\0bK\1u" * 15_000
    + b"ls",
    "very many parts": b"(" + b"N" * 2_000_000 + b"t",
    "a text that claims gigabytes": b"\x8d" + (1 << 40).to_bytes(8, "little"),
    "escapes of which Python warns": b"S'\\l'\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.few(6)
@pytest.mark.slow
def test_a_hostile_pickle_is_refused_soon(tmp_path: Path, kind: str) -> None:
    content = b"\x80\2" + HOSTILE[kind] + b"."
    legacy = tmp_path / "legacy.pt"
    legacy.write_bytes(LEGACY + pickle.dumps(1001, 2) + pickle.dumps({}, 2) + content)
    paths = [archive(tmp_path / "m.pt", content), legacy]
    for path in paths[: 2 if len(content) < 1000 else 1]:  # large ones take seconds
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UsageError, match=f"{path.name}"):
                inspect_file(path)
        assert time.process_time() - start < 5


def test_tensors_that_share_a_storage_do_not_read_it_for_ever(tmp_path: Path) -> None:
    shapes = {f"rnn{k}.weight_{kind}": (4, 1) for k in range(300) for kind in ("ih", "hh")}
    content = bytes(4 << 20)
    path = archive(tmp_path / "m.pt", state_dict(shapes, 1 << 20), _0=content)
    start = time.process_time()
    assert len(inspect_file(path).parts) == 300
    assert time.process_time() - start < 5


@pytest.mark.verify
def test_a_long_identity_is_not_gone_through_for_each_tensor(tmp_path: Path) -> None:
    content = (
        b"\x80\2"
        + b"(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\n"
        + b"N" * 100_000
        + b"tq\0ctorch._utils\n_rebuild_tensor_v2\nq\1K\0\x85q\2("
        + b"h\1(h\0QK\0h\2h\2tR" * 10_000
        + b"l"
        + b"."
    )
    start = time.process_time()
    assert inspect_file(archive(tmp_path / "m.pt", content)).parts == ()
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", ["LSTMCell.pth", "shared-legacy.pt", "GRU-stacked.safetensors"])
def test_a_file_that_is_cut_off_is_refused(unpacked: Unpacked, tmp_path: Path, name: str) -> None:
    content = (unpacked("torch") / name).read_bytes()
    path = tmp_path / name
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        with pytest.raises(UsageError, match=path.name):
            load_network(path)


ARRAYS = {"weight_ih": (8, 2), "weight_hh": (8, 2), "bias_ih": (8,), "bias_hh": (8,)}


def lacking(levels: tuple[str, ...], names: tuple[str, ...]) -> Contents:
    """What is found in a model of these layers, all of 2 inputs and units, without some arrays."""
    sizes = {f"rnn.{kind}{level}": size for level in levels for kind, size in ARRAYS.items()}
    sizes |= {
        f"rnn.weight_ih{level}": (8, 4) for level in levels if "_l1" in level and len(levels) > 2
    }
    assert {*names} <= {*sizes}
    tensors = {
        name: Tensor(size, partial(np.ones, size))
        for name, size in sizes.items()
        if name not in names
    }
    return named.contents("state dict", tensors)


BOTH_WAYS = ("_l0", "_l0_reverse", "_l1", "_l1_reverse")


@pytest.mark.parametrize("levels", [("",), ("_l0",), ("_l0", "_l1"), BOTH_WAYS])
@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_that_is_missing_is_no_zero(levels: tuple[str, ...], kind: str) -> None:
    for level in levels:
        name = f"rnn.{kind}{level}"
        found = lacking(levels, (name,))
        assert not found.stacks
        assert f"but not '{name}'; save the whole state_dict() again" in found.unusable[0]
        assert ("add zeros in its place" in found.unusable[0]) == kind.startswith("bias")


def test_biases_are_missing_in_all_layers_or_in_none() -> None:
    all_of_them = tuple(f"rnn.{bias}{k}" for bias in ("bias_ih", "bias_hh") for k in BOTH_WAYS)
    assert len(lacking(BOTH_WAYS, all_of_them).stacks) == 1
    assert len(lacking(BOTH_WAYS, ()).stacks) == 1
    found = lacking(BOTH_WAYS, ("rnn.bias_ih_l1", "rnn.bias_hh_l1"))
    assert "but not 'rnn.bias_ih_l1', 'rnn.bias_hh_l1'" in found.unusable[0]


def test_a_projection_is_missing_in_all_layers_or_in_none(tmp_path: Path) -> None:
    shapes = {"weight_ih_l0": (8, 3), "weight_hh_l0": (8, 1), "weight_hr_l0": (1, 2)}
    shapes |= {f"{name}_reverse": shape for name, shape in shapes.items() if "hr" not in name}
    path = archive(tmp_path / "m.pt", state_dict(shapes, 64), _0=bytes(256))
    with pytest.raises(UsageError, match="but not 'weight_hr_l0_reverse'"):
        load_network(path)
