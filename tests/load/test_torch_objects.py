"""Files of PyTorch that hold more than a state dict, against what PyTorch computed."""

from __future__ import annotations

import pickle
import pickletools
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import agrees, names

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.torch.files import read_file_tree

Unpacked = Callable[[str], Path]
NAMES = names("torch_objects")


def files(folder: Path, name: str) -> list[Path]:
    return [path for path in folder.glob(f"{name}.*") if path.suffix != ".npz"]


@pytest.mark.parametrize("name", NAMES)
def test_pytorch_agrees(unpacked: Unpacked, name: str) -> None:
    paths = files(unpacked("torch_objects"), name)
    assert paths
    for path in paths:
        agrees(path, 1e-9, 1e-5)


def test_what_was_recorded_covers_the_ways_to_save() -> None:
    assert {"whole-relu", "legacy", "scripted", "traced", "exported", "pickled", "tar"} <= {*NAMES}
    assert {"arrays-2", "arrays-5", "tensors-2", "quantised-whole-gru", "lightning"} <= {*NAMES}


WAYS = {
    "whole-relu": "whole PyTorch module",
    "legacy": "PyTorch state dict",
    "scripted": "TorchScript program",
    "traced": "TorchScript program",
    "exported": "exported PyTorch program",
    "pickled": "whole PyTorch module",
}


@pytest.mark.parametrize("name", WAYS)
def test_the_nonlinearity_that_a_file_tells_is_used_without_asking(
    unpacked: Unpacked, name: str
) -> None:
    (path,) = files(unpacked("torch_objects"), name)
    network = load_network(path)
    assert network.cell.name == "rnn-relu"
    assert not any("tanh is assumed" in note for note in network.notes)
    assert network.embedding is not None
    assert WAYS[name] in network.origin
    assert load_network(path, nonlinearity="relu").cell.name == "rnn-relu"
    with pytest.raises(UsageError, match="the file itself says that its nonlinearity is relu"):
        load_network(path, nonlinearity="tanh")


def test_plain_attributes_are_read_and_nothing_is_looked_up(unpacked: Unpacked) -> None:
    _, tree = read_file_tree(unpacked("torch_objects") / "whole-both.pt")
    module = tree.modules["rnn"]
    assert module.kind == "torch.nn.modules.rnn.GRU"
    told = {"mode": "GRU", "bidirectional": True, "batch_first": False, "num_layers": 2}
    assert told.items() <= module.options.items()
    assert module.options["proj_size"] == 0
    assert tree.modules[""].own
    assert not module.own
    _, tree = read_file_tree(unpacked("torch_objects") / "scripted.pt")
    told = {"mode": "RNN_RELU", "bidirectional": False, "batch_first": False}
    assert told.items() <= tree.modules["rnn"].options.items()


def test_quantised_weights_are_said_to_be_so(unpacked: Unpacked) -> None:
    for name in ("quantised-lstm", "quantised-whole-gru", "quantised-scripted-lstm"):
        (path,) = files(unpacked("torch_objects"), name)
        assert "quantised and are dequantised here" in load_network(path).notes[0]
        assert "quantised and are dequantised here" in str(inspect_file(path))


@pytest.mark.parametrize("name", ["lightning.ckpt"])
def test_what_an_optimizer_keeps_is_no_embedding(unpacked: Unpacked, name: str) -> None:
    found = inspect_file(unpacked("torch_objects") / name)
    assert {name for name, _, _ in found.embeddings} == {"state_dict.model.emb.weight"}
    assert "exp_avg" not in str(found)


def test_a_vocabulary_among_foreign_hyper_parameters_is_found(unpacked: Unpacked) -> None:
    path = unpacked("torch_objects") / "lightning.ckpt"
    network = load_network(path)
    assert network.vocabulary == ("<unk>", "good", "bad", "", "", "")
    assert "Lightning checkpoint" in str(inspect_file(path))
    assert load_network(path, vocabulary=list("abcdef")).vocabulary == tuple("abcdef")


class Evil:
    """What a pickle of an attacker may hold."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.parts = (call, arguments)

    def __reduce__(self) -> Any:
        return self.parts


def calling(name: str) -> bytes:
    """A pickle that calls what it names, in the way of other versions of Python and machines."""
    module, _, function = name.rpartition(".")
    return (
        b"\x80\4\x8c"
        + bytes([len(module)])
        + module.encode()
        + b"\x8c"
        + bytes([len(function)])
        + function.encode()
        + b"\x93\x8c\1x\x85R."
    )


HARMFUL = (
    "os.system",
    "posix.system",
    "nt.system",
    "builtins.exec",
    "builtins.eval",
    "builtins.open",
    "__builtin__.apply",
    "subprocess.Popen",
    "torch.serialization.os.system",
    "torch.hub.load",
    "importlib.import_module",
    "runpy._run_code",
    "pickle.loads",
    "types.FunctionType",
)


@pytest.mark.parametrize("name", HARMFUL)
def test_a_hostile_file_is_told_truly(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("m/data.pkl", calling(name))
    plain = tmp_path / "m.pkl"
    plain.write_bytes(calling(name))
    for one in (path, plain):
        with pytest.raises(UsageError, match=f"run '{name}'.*hostile.*do not open it with") as told:
            load_network(one)
        assert "save the weights" not in str(told.value)


@pytest.mark.parametrize("opcodes", [b"(X\1\0\0\0xios\nsystem\n.", b"(cos\nsystem\nX\1\0\0\0xo."])
def test_old_ways_to_call_are_no_way_out(tmp_path: Path, opcodes: bytes) -> None:
    (tmp_path / "m.pkl").write_bytes(b"\x80\2" + opcodes)
    with pytest.raises(UsageError, match="hostile"):
        load_network(tmp_path / "m.pkl")


def test_names_that_are_not_known_stay_what_they_are(tmp_path: Path) -> None:
    arrays = {"rnn.weight_ih_l0": np.ones((8, 3)), "rnn.weight_hh_l0": np.ones((8, 2))}
    content = pickle.dumps({"who": Evil(int, "7"), **arrays}, 4)
    content = content.replace(b"\x8c\3int", b"\x8c\3own").replace(
        b"\x8c\x08builtins", b"\x8c\x08no_where"
    )
    assert any(argument == "no_where" for _, argument, _ in pickletools.genops(content))
    (tmp_path / "m.pkl").write_bytes(content)
    network = load_network(tmp_path / "m.pkl")
    assert (network.cell.name, network.inputs, network.hidden) == ("lstm", 3, 2)
    assert "pickle of arrays" in network.origin


def test_a_class_of_the_users_own_is_said_to_be_assumed(unpacked: Unpacked, tmp_path: Path) -> None:
    content = (unpacked("torch_objects") / "pickled.pkl").read_bytes()
    old, new = b"torch.nn.modules.rnn", b"models.recurrent.mod"
    (tmp_path / "m.pkl").write_bytes(content.replace(old, new))
    assert any(
        "'rnn' is of a class of its own, models.recurrent.mod.RNN; it is assumed" in note
        for note in load_network(tmp_path / "m.pkl").notes
    )


def test_a_tar_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.tar"
    (tmp_path / "a.txt").write_text("words")
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "a.txt", "a.txt")
    with pytest.raises(UsageError, match="a .tar, but not of PyTorch's: unpack it"):
        load_network(path)


@pytest.mark.parametrize("name", ["tar.tar", "exported.pt2", "quantised-lstm.pt", "tensors-2.pkl"])
def test_a_file_that_is_cut_off_is_refused(unpacked: Unpacked, tmp_path: Path, name: str) -> None:
    content = (unpacked("torch_objects") / name).read_bytes()
    path = tmp_path / name
    size = len(content.rstrip(b"\0"))
    for length in range(0, size - 8, size // 40):
        path.write_bytes(content[:length])
        with pytest.raises(UsageError, match=path.name):
            load_network(path)


def test_quantised_scales_that_nest_are_not_followed(tmp_path: Path) -> None:
    tensor = b"ctorch._utils\n_rebuild_qtensor\n"
    storage = b"(Vstorage\nctorch\nQInt8Storage\nV0\nVcpu\nK\1tQ"
    way = b"ctorch\nper_channel_affine\n"
    # Each has the one before as its scales and as its zeros.
    content = b"\x80\2N" + b"".join(
        b"q%c" % 0 + tensor + b"(" + storage + b"K\0K\1\x85K\1\x85(" + way + b"h\0h\0K\0tI00\nNtR"
        for _ in range(60)
    )
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("m/data.pkl", content + b".")
        file.writestr("m/data/0", b"\1")
    with pytest.raises(UsageError, match="nested more deeply"):
        load_network(path)
