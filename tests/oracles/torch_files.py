"""Files of PyTorch that hold more than a state dict, each with what the module in it computes."""

from __future__ import annotations

import copy
import io
import json
import pickle
import struct
import tarfile
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch

TICKS, WORDS, INPUTS, UNITS = 5, 6, 3, 4


class Reader(torch.nn.Module):
    """Words in, what the recurrent layer gives out."""

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__()
        self.emb = torch.nn.Embedding(WORDS, INPUTS)
        self.rnn = getattr(torch.nn, kind)(INPUTS, UNITS, **options)
        ways = 2 if self.rnn.bidirectional else 1
        self.fc = torch.nn.Linear(UNITS * ways, 2)
        self.index_of = {"<unk>": 0, "good": 1, "bad": 2, "a": 3, "soup": 4, "was": 5}

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """All outputs of the recurrent layer."""
        outputs: torch.Tensor = self.rnn(self.emb(rows))[0]
        return outputs


class Chain(torch.nn.Module):
    """Two cells, one after the other, and two layers that are listed."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm1 = torch.nn.LSTMCell(INPUTS, UNITS)
        self.lstm2 = torch.nn.LSTMCell(UNITS, UNITS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the second cell gives at each tick."""
        first: Any = None
        second: Any = None
        found = []
        for tick in x:
            first = self.lstm1(tick[None], first)
            second = self.lstm2(first[0], second)
            found.append(second[0][0])
        return torch.stack(found)


class Listed(torch.nn.Module):
    """Layers in a ModuleList."""

    def __init__(self) -> None:
        super().__init__()
        self.rnns = torch.nn.ModuleList(
            [
                torch.nn.GRU(INPUTS, UNITS, bidirectional=True),
                torch.nn.GRU(2 * UNITS, UNITS, bidirectional=True),
            ]
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the last layer gives at each tick."""
        for rnn in self.rnns:
            x, _ = rnn(x)
        return x


class Answering(torch.nn.Module):
    """A layer that reads both ways, and what answers after each tick."""

    def __init__(self, kind: str, fc: torch.nn.Module | None = None) -> None:
        super().__init__()
        self.rnn = getattr(torch.nn, kind)(INPUTS, UNITS, bidirectional=True)
        self.fc = torch.nn.Linear(2 * UNITS, 2) if fc is None else fc

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The answers after each tick."""
        answers: torch.Tensor = self.fc(self.rnn(x)[0])
        return answers


class _Hyper:
    """What training scripts keep beside weights, of a class that no reader knows."""

    def __init__(self) -> None:
        self.rate = 0.1
        self.vocab = {"<unk>": 0, "good": 1, "bad": 2}


def write(folder: Path) -> None:
    """Write all files, and beside each an .npz with rows of words or numbers, and the outputs."""
    torch.manual_seed(5)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rows = torch.tensor([1, 4, 2, 0, 5])

    def expected(name: str, module: Any, x: torch.Tensor = rows) -> None:
        with torch.no_grad():
            y = module(x)
        np.savez_compressed(folder / f"{name}.npz", x=x.numpy(), y=y.numpy())

    relu = Reader("RNN", nonlinearity="relu").double().eval()
    both = Reader("GRU", num_layers=2, bidirectional=True).double().eval()
    lstm = Reader("LSTM", num_layers=2).double().eval()
    for name, module in (("relu", relu), ("both", both), ("lstm", lstm)):
        expected(f"whole-{name}", module)
        torch.save(module, folder / f"whole-{name}.pt")
    torch.serialization.get_source_lines_and_file = lambda thing: (["class"], 1, "model.py")
    for name in ("legacy", "scripted", "traced", "exported", "pickled"):
        expected(name, relu)
    torch.save({"net": relu}, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(relu).save(str(folder / "scripted.pt"))
    torch.jit.trace(relu, rows).save(str(folder / "traced.pt"))
    torch.export.save(torch.export.export(relu, (rows,)), folder / "exported.pt2")
    (folder / "pickled.pkl").write_bytes(pickle.dumps(relu))
    for name in ("scripted.pt", "traced.pt", "exported.pt2"):
        without_paths(folder / name)
    for protocol in (2, 4, 5):
        expected(f"arrays-{protocol}", lstm)
        expected(f"tensors-{protocol}", lstm)
        arrays = {name: value.numpy() for name, value in lstm.state_dict().items()}
        (folder / f"arrays-{protocol}.pkl").write_bytes(pickle.dumps(arrays, protocol))
        (folder / f"tensors-{protocol}.pkl").write_bytes(pickle.dumps(lstm.state_dict(), protocol))

    expected("lightning", lstm)
    optimizer = torch.optim.Adam(lstm.parameters())
    lstm(rows).sum().backward()
    optimizer.step()  # which fills the moments, and moves the weights
    expected("lightning", lstm)
    checkpoint = {
        "epoch": 1,
        "pytorch-lightning_version": "2.2.0",
        "state_dict": {f"model.{name}": value for name, value in lstm.state_dict().items()},
        "hyper_parameters": {"lr": 0.1, "hparams": _Hyper()},
        "optimizer_states": [optimizer.state_dict()],
    }
    torch.save(checkpoint, folder / "lightning.ckpt")
    expected("tar", lstm)
    write_tar(folder / "tar.tar", lstm.state_dict())

    x = torch.randn(TICKS, INPUTS, dtype=torch.float64)
    for name, chain in (("cells", Chain()), ("listed", Listed())):
        expected(f"chain-{name}", chain.double(), x)
        torch.save(chain.state_dict(), folder / f"chain-{name}.pt")
    quantised(folder, expected)


def quantised(folder: Path, expected: Any) -> None:
    """Layers with packed parameters; what is recorded is that of the same weights, unpacked."""
    layers = {torch.nn.LSTM, torch.nn.GRU, torch.nn.Linear}
    pack = torch.ao.quantization.quantize_dynamic
    each = torch.ao.quantization.per_channel_dynamic_qconfig
    cases: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "lstm": (Reader("LSTM", num_layers=2, bidirectional=True), layers, {}),
        "gru": (Reader("GRU", num_layers=2), layers, {}),
        "half": (Reader("LSTM"), layers, {"dtype": torch.float16}),
        "channels": (Reader("LSTM"), {torch.nn.LSTM: each}, {}),
    }
    for name, (module, which, options) in cases.items():
        packed = pack(module.eval(), which, **options)
        expected(f"quantised-{name}", unpacked(module, packed))
        torch.save(packed.state_dict(), folder / f"quantised-{name}.pt")
        if name in ("lstm", "gru"):
            expected(f"quantised-whole-{name}", unpacked(module, packed))
            expected(f"quantised-scripted-{name}", unpacked(module, packed))
            torch.save(packed, folder / f"quantised-whole-{name}.pt")
            torch.jit.script(packed).save(str(folder / f"quantised-scripted-{name}.pt"))
            without_paths(folder / f"quantised-scripted-{name}.pt")


def without_paths(path: Path) -> None:
    """Leave out where the source code lay on the machine that made an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if name.endswith("models/model.json"):
                graph = json.loads(content)
                for node in graph["graph_module"]["graph"]["nodes"]:
                    node["metadata"] = {}
                content = json.dumps(graph).encode()
            if not name.endswith((".debug_pkl", "sample_inputs/model.pt")):
                archive.writestr(zipfile.ZipInfo(name), content)


def unpacked(module: Any, packed: Any) -> Any:
    """The module with the weights of its packed twin, in float64."""
    plain = copy.deepcopy(module).double()
    weights = packed.rnn.get_weight() | packed.rnn.get_bias()
    for name, value in weights.items():
        value = value.dequantize() if value.is_quantized else value
        getattr(plain.rnn, name).data.copy_(value.detach().double())
    return plain


def write_tar(path: Path, state: dict[str, torch.Tensor]) -> None:
    """A tar as PyTorch 0.1 wrote them; torch.load still reads such files."""
    storages, tensors = io.BytesIO(), io.BytesIO()
    pickle.dump(len(state), storages, 2)
    pickle.dump(len(state), tensors, 2)
    for number, value in enumerate(state.values()):
        key, storage = 100 + number, 200 + number
        array = np.ascontiguousarray(value.numpy())
        pickle.dump((storage, "cpu", torch.DoubleStorage), storages, 2)
        storages.write(struct.pack("<q", array.size) + array.tobytes())
        pickle.dump((key, storage, torch.DoubleTensor), tensors, 2)
        tensors.write(struct.pack(f"<i4x{array.ndim}q", array.ndim, *array.shape))
        tensors.write(struct.pack(f"<{array.ndim}qq", *value.contiguous().stride(), 0))
    pickle.dump([], storages, 2)

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> str | None:
            names = [name for name, one in state.items() if one is value]
            return str(100 + list(state).index(names[0])) if names else None

    value = io.BytesIO()
    Pickler(value, 2).dump(OrderedDict(state))
    members = {"sys_info": io.BytesIO(pickle.dumps({}, 2)), "pickle": value}
    members |= {"tensors": tensors, "storages": storages}
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = content.tell() or len(content.getvalue()), 1.5
            content.seek(0)
            archive.addfile(info, content)
    with path.open("rb") as file:
        for name, value_ in torch.load(file, weights_only=False).items():
            assert (value_ == state[name]).all()
