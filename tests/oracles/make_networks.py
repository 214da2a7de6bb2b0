"""Write files of networks as the frameworks save them, and what they compute, for `make test`.

    .oracles/bin/python tests/oracles/make_networks.py torch torch_objects onnx
    KERAS_BACKEND=torch .oracles/bin/python tests/oracles/make_networks.py outputs
    python tests/oracles/make_networks.py keras3 keras2 masked3 masked2 answers3 answers2

The last needs tensorflow and tf_keras. Each word makes one archive in tests/load/fixtures; it
has files as users have them, and beside each an .npz with an input, initial states and the
framework's own outputs. The Keras files of the last line are made in float64 on TensorFlow: its
other backends multiply in float32.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import tarfile
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "load" / "fixtures"


def main(kinds: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True, parents=True)
    makers = {"torch": make_torch, "torch_objects": make_torch_objects, "onnx": make_onnx}
    makers["outputs"] = make_outputs
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            if kind in makers:
                makers[kind](Path(folder))
            else:
                module = {"3": "keras", "2": "tf_keras"}[kind[-1]]
                make_keras(module, Path(folder), kind[:-1])
            pack(Path(folder), FOLDER / f"{kind}.tar.xz")


def pack(folder: Path, target: Path) -> None:
    """All files in one archive that is the same whoever makes it."""
    with tarfile.open(target, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(folder.iterdir()):
            info = tarfile.TarInfo(path.name)
            content = path.read_bytes()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def make_torch(folder: Path) -> None:
    """State dicts in both formats, in checkpoints, with shared storages, in other precisions."""
    import safetensors.torch
    import torch

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(3)

    def module(kind: str, **options: Any) -> Any:
        made = getattr(torch.nn, kind)(3, 4, **options, dtype=torch.float64)
        with torch.no_grad():
            for parameter in made.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.7)
        return made

    def expected(name: str, made: Any) -> None:
        x = torch.randn(5, 3, generator=random, dtype=torch.float64)
        outputs = getattr(made, "proj_size", 0) or 4
        rows = getattr(made, "num_layers", 1) * (1 + getattr(made, "bidirectional", False))
        h = torch.randn(rows, outputs, generator=random, dtype=torch.float64)
        c = torch.randn(rows, 4, generator=random, dtype=torch.float64)
        lstm = "LSTM" in type(made).__name__
        kept = {"x": x, "h": h, **({"c": c} if lstm else {})}
        with torch.no_grad():
            if isinstance(made, torch.nn.RNNCellBase):
                state: Any = (h, c) if lstm else h
                rows_ = []
                for tick in x:
                    state = made(tick[None], state)
                    rows_.append((state[0] if lstm else state)[0])
                kept["y"] = torch.stack(rows_)
            else:
                kept["y"], last = made(x, (h, c) if lstm else h)
                kept["last_h"] = last[0] if lstm else last
                if lstm:
                    kept["last_c"] = last[1]
        np.savez_compressed(folder / f"{name}.npz", **{k: v.numpy() for k, v in kept.items()})

    for kind in ("LSTM", "GRU", "RNN"):
        stacked = module(kind, num_layers=2, bidirectional=True)
        expected(f"{kind}-stacked", stacked)
        torch.save(stacked.state_dict(), folder / f"{kind}-stacked.pt")
        safetensors.torch.save_file(
            stacked.state_dict(), folder / f"{kind}-stacked.safetensors", {"format": "pt"}
        )
        cell = module(f"{kind}Cell")
        expected(f"{kind}Cell", cell)
        torch.save(cell.state_dict(), folder / f"{kind}Cell.pth")
    bare = module("GRU", bias=False)
    expected("GRU-no-bias", bare)
    torch.save(bare.state_dict(), folder / "GRU-no-bias.pt")
    relu = module("RNN", nonlinearity="relu")
    expected("RNN-relu", relu)
    torch.save(relu.state_dict(), folder / "RNN-relu.pt")
    projected = module("LSTM", num_layers=2, bidirectional=True, proj_size=2)
    expected("LSTM-projected", projected)
    torch.save(projected.state_dict(), folder / "LSTM-projected.pt")

    lstm = module("LSTM")
    table = torch.randn(6, 3, generator=random, dtype=torch.float64)
    state = {
        "module.emb.weight": table,
        **{f"module.rnn.{k}": torch.nn.Parameter(v) for k, v in lstm.state_dict().items()},
        "module.fc.weight": torch.zeros(2, 4),
    }
    expected("checkpoint", lstm)
    expected("legacy", lstm)
    checkpoint = {"epoch": 3, "args": Namespace(lr=0.1), "model": state, "loss": [0.5, 0.4]}
    torch.save(checkpoint, folder / "checkpoint.pt")
    torch.save(checkpoint, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    # Views of one storage: an offset, and the strides of a transposed matrix.
    expected("shared", lstm)
    shared, at = {}, 1
    parts = list(lstm.state_dict().items())
    storage = torch.zeros(1 + sum(v.numel() for _, v in parts), dtype=torch.float64)
    for name, value in parts:
        view = storage[at : at + value.numel()]
        turned = view.view(value.shape[::-1]).T if value.ndim == 2 else view
        turned.copy_(value)
        shared[name], at = turned, at + value.numel()
    torch.save(shared, folder / "shared.pt")
    torch.save(shared, folder / "shared-legacy.pt", _use_new_zipfile_serialization=False)
    expected("shared-legacy", lstm)
    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16)):
        small = module("GRU")
        for parameter in small.parameters():
            parameter.data = parameter.data.to(dtype).double()
        expected(name, small)
        weights = {k: v.to(dtype) for k, v in small.state_dict().items()}
        torch.save(weights, folder / f"{name}.pt")
        safetensors.torch.save_file(weights, folder / f"{name}.safetensors")
    torch.save(lstm, folder / "whole-module.pt")
    torch.save(lstm, folder / "whole-module-legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(folder / "torchscript.pt"))
    torch.save(
        torch.nn.utils.parametrizations.weight_norm(module("LSTM"), "weight_hh_l0").state_dict(),
        folder / "weight-norm.pt",
    )


def make_torch_objects(folder: Path) -> None:
    """Modules saved whole, programs, quantised layers, and pickles that torch.save did not write.

    The classes are made here and in no file that a reader of them could import.
    """
    from torch_files import write

    write(folder)


def make_onnx(folder: Path) -> None:
    """One node with its attributes, and the models that PyTorch's exporters write."""
    import onnx
    import onnx_models as made
    import torch

    random = np.random.default_rng(8)
    cases: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "LSTM": ("LSTM", {"direction": "forward"}, {"peepholes": True}),
        "LSTM-reverse": ("LSTM", {"direction": "reverse"}, {}),
        "LSTM-both-ways": ("LSTM", {"direction": "bidirectional"}, {"peepholes": True}),
        "LSTM-coupled": ("LSTM", {"input_forget": 1}, {"peepholes": True}),
        "LSTM-clip": ("LSTM", {"clip": 0.4}, {}),
        "LSTM-functions": (
            "LSTM",
            {
                "direction": "bidirectional",
                "activations": [
                    "HardSigmoid",
                    "Softsign",
                    "Elu",
                    "Sigmoid",
                    "LeakyRelu",
                    "ScaledTanh",
                ],
                "activation_alpha": [0.3, 0.8, 0.05, 0.9],
                "activation_beta": [0.4, 0.7],
            },
            {},
        ),
        "GRU": ("GRU", {"linear_before_reset": 0}, {}),
        "GRU-after": ("GRU", {"linear_before_reset": 1, "direction": "bidirectional"}, {}),
        "GRU-functions": (
            "GRU",
            {
                "activations": ["HardSigmoid", "Affine"],
                "activation_alpha": [0.25, 0.6],
                "activation_beta": [0.45, 0.1],
                "clip": 0.9,
                "linear_before_reset": 1,
            },
            {},
        ),
        "RNN": ("RNN", {"direction": "reverse"}, {}),
        "RNN-relu": ("RNN", {"activations": ["Relu"], "clip": 0.8}, {}),
        "GRU-bare": ("GRU", {}, {"bias": False, "states": False}),
    }
    for name, (op, attributes, options) in cases.items():
        direction = attributes.get("direction", "forward")
        stored = made.weights(op, 3, 4, direction, random, **options)
        model = made.model(op, stored, attributes)
        onnx.save(model, folder / f"{name}.onnx")
        x = random.normal(size=(5, 1, 3)).astype(np.float32)
        Y, Y_h, *more = made.outputs_of(model, x)
        np.savez_compressed(
            folder / f"{name}.npz",
            x=x[:, 0],
            y=Y,
            last_h=Y_h,
            **({"last_c": more[0]} if more else {}),
        )
    # onnxruntime refuses layout=1: the same weights with layout=0 say what comes out.
    stored = made.weights("LSTM", 3, 4, "bidirectional", random)
    attributes = {"direction": "bidirectional"}
    x = random.normal(size=(5, 1, 3)).astype(np.float32)
    Y = made.outputs_of(made.model("LSTM", stored, attributes), x)[0]
    onnx.save(made.model("LSTM", stored, {**attributes, "layout": 1}), folder / "layout.onnx")
    np.savez_compressed(folder / "layout.npz", x=x[:, 0], y=Y)
    stored = made.weights("GRU", 3, 4, "bidirectional", random)
    model = made.model("GRU", stored, {**attributes, "linear_before_reset": 1}, lengths=[3])
    onnx.save(model, folder / "lengths.onnx")
    np.savez_compressed(folder / "lengths.npz", x=x[:, 0], y=made.outputs_of(model, x)[0][:3])
    external = made.model("LSTM", made.weights("LSTM", 3, 4, "forward", random), {})
    onnx.save(
        external,
        folder / "external.onnx",
        save_as_external_data=True,
        location="external.data",
        size_threshold=0,
    )
    np.savez_compressed(
        folder / "external.npz", x=x[:, 0], y=made.outputs_of(folder / "external.onnx", x)[0]
    )

    class Reader(torch.nn.Module):
        def __init__(self, kind: str, learnt: bool) -> None:
            super().__init__()
            self.emb = torch.nn.Embedding(6, 3)
            self.rnn = getattr(torch.nn, kind)(3, 4, 2, bidirectional=True, batch_first=True)
            self.start = torch.nn.Parameter(torch.randn(4, 1, 4)) if learnt else None

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            x = self.emb(rows)
            if self.start is None:
                return self.rnn(x)[0]
            h = self.start.expand(-1, rows.shape[0], -1).contiguous()
            return self.rnn(x, (h, h) if isinstance(self.rnn, torch.nn.LSTM) else h)[0]

    torch.manual_seed(0)
    for kind, learnt in (("LSTM", True), ("GRU", False), ("RNN", False)):
        for dynamo in (True, False):
            name = f"exported-{kind}{'-dynamo' if dynamo else ''}"
            reader = Reader(kind, learnt).eval()
            rows = torch.randint(0, 6, (1, 5))
            axes = {} if dynamo else {"dynamic_axes": {"rows": {0: "batch", 1: "time"}}}
            torch.onnx.export(
                reader,
                (rows,),
                str(folder / f"{name}.onnx"),
                dynamo=dynamo,
                verbose=False,
                input_names=["rows"],
                do_constant_folding=learnt,
                **axes,
            )
            with torch.no_grad():
                np.savez_compressed(
                    folder / f"{name}.npz", x=rows[0].numpy(), y=reader(rows)[0].numpy()
                )


def make_outputs(folder: Path) -> None:
    """Models of Keras 3 with several outputs, or with several poolings side by side."""
    import keras
    import keras_models as made

    for seed, (name, model, inputs, pooled) in enumerate(made.output_cases(keras)):
        made.fill(model, seed)
        model.save(folder / f"{name}.keras")
        parts = made.parts_of(model, inputs)
        read = {f"{number} {pooled[one]} {one}": parts[one] for number, one in enumerate(pooled)}
        np.savez_compressed(folder / f"{name}.npz", x=inputs["x"][0], **read)


def make_keras(module: str, folder: Path, kind: str) -> None:
    """The models of keras_models.py of a kind, in some of its formats."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras_models as made

    K = importlib.import_module(module)
    K.backend.set_floatx("float64")
    cases: Any = {"keras": made.cases, "masked": made.masked_cases, "answers": made.answer_cases}
    endings = made.ENDINGS if kind == "keras" else made.ENDINGS[:2]
    for seed, (name, model, inputs, *_) in enumerate(cases[kind](K)):
        made.outputs_of(model, inputs)  # which makes the weights
        made.fill(model, seed)
        made.write(folder, name, model, inputs, endings)
    if kind == "answers":
        made.write_text(K, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
