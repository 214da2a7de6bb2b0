"""Every reader of files, with small real files to start from: another one is a line of READERS."""

from __future__ import annotations

import json
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

import lstmviz
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.engine.model.tokenizers import Splitting
from lstmviz.trace.trace import Trace

_FIXTURES = Path(__file__).parents[1] / "load" / "fixtures"
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">
<defs><g id="a"><path d="M0 0 L10 0 C10 5 5 10 0 10 Z" fill="#FF00FF" stroke-width="2"/></g></defs>
<use href="#a" transform="translate(5 0) scale(0.5)"/><rect x="1" y="2" width="3" height="4"/>
</svg>"""


@dataclass(frozen=True)
class Reader:
    """What reads a file, and what makes real files in a folder to start from."""

    read: Callable[[Path], object]
    seeds: Callable[[Path], list[Path]]
    sentence: bool = False  # whether what it refuses is told in one sentence with the file's name


def _network(path: Path) -> object:
    from lstmviz.load import inspect_file, load_network

    str(inspect_file(path))
    return repr(load_network(path))


def _recorded(kind: str, *names: str) -> Callable[[Path], list[Path]]:
    """Files that the frameworks themselves wrote."""

    def seeds(folder: Path) -> list[Path]:
        with tarfile.open(_FIXTURES / f"{kind}.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        return [folder / name for name in names]

    return seeds


def _weights_lists(folder: Path) -> list[Path]:
    """What `model.get_weights()` gives, as users save it."""
    arrays = [np.ones((5, 3)), np.ones((3, 8)), np.ones((2, 8)), np.zeros(8)]
    np.savez(folder / "weights.npz", *arrays)
    (folder / "weights.pkl").write_bytes(pickle.dumps(arrays))
    return [folder / "weights.npz", folder / "weights.pkl"]


# A network in a branch, in a function and in a scan, with an answer and its words.
_ONNX = """<ir_version: 10, opset_import: ["": 17, "own": 1, "ai.onnx.ml": 3, "com.microsoft": 1],
    metadata_props: ["labels": "[\\"bad\\", \\"good\\"]", "author": "somebody"]>
g (string[t,1] texts, bool c) => (float[t,1,2] answer)
<float[1,1,1] W = {0.5}, float[1,1,1] R = {-0.5}, float[3,1] rows = {0.1, 0.2, 0.3},
 int8[1,1,4] Wq = {1, 2, 3, 4}, float scale = {0.01}, int8 zero = {1}, float[1,2] V = {1, -1}> {
    few = ai.onnx.ml.LabelEncoder <keys_strings = ["a", "b"], values_int64s = [1, 2]> (texts)
    x = Gather (rows, few)
    h = own.Layer <way = "forward"> (x, W, R)
    LAYER
    axis = Constant <value = int64[1] {1}> ()
    y3 = Squeeze (y, axis)
    v = MatMul (y3, V)
    answer = Softmax <axis = -1> (v)
}
<domain: "own", opset_import: ["": 17]>
Layer <way: string = "reverse"> (x, w, r) => (y) {
    y1 = RNN <hidden_size = 1, direction: string = @way> (x, w, r)
    axis = Constant <value = int64[1] {1}> ()
    y = Squeeze (y1, axis)
}"""


_BRANCH = """y = If (c) <
        then_branch = a () => (float[t,1,1,1] y1) {
            y1 = com.microsoft.DynamicQuantizeLSTM <hidden_size = 1>
                (h, Wq, Wq, , , , , , scale, zero, scale, zero)
        },
        else_branch = b () => (float[t,1,1,1] y2) { y2 = Identity (h) }
    >"""
_SCAN = """all = Shape (h)
    first = Constant <value = int64[1] {1}> ()
    two = Constant <value = int64[1] {2}> ()
    batch = Slice (all, first, two)
    size = Concat <axis = 0> (first, batch, first)
    start = Expand (scale, size)
    end, y = Scan <num_scan_inputs = 1, body = s (float[1,1,1] s1, float[1,1] x1)
        => (float[1,1,1] s2, float[1,1,1] z) {
        axis = Constant <value = int64[1] {0}> ()
        x2 = Unsqueeze (x1, axis)
        yy, s2 = RNN <hidden_size = 1> (x2, W, R, , , s1)
        z = Identity (s2)
    }> (start, h)"""


_TURNED = """size = Shape <start = 0, end = 1> (h)
    lengths = Cast <to = 7> (size)
    back = ReverseSequence <time_axis = 0, batch_axis = 1> (h, lengths)
    y = RNN <hidden_size = 1> (back, W, R)"""


def _graphs(folder: Path) -> list[Path]:
    import onnx.parser

    for name, layer in (("branch", _BRANCH), ("scan", _SCAN), ("turned", _TURNED)):
        model = onnx.parser.parse_model(_ONNX.replace("LAYER", layer))
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    return [folder / "branch.onnx", folder / "scan.onnx", folder / "turned.onnx"]


def _own_networks(folder: Path) -> list[Path]:
    words = seeded("lstm", 2, 3, vocabulary=("good", "bad"))
    replace(words, tokenizer=Splitting(split=None)).save(folder / "words.npz")
    both = seeded("gru", 1, 2, depth=2, bidirectional=True)
    readout = Readout.of((np.ones((2, 4)), np.zeros(2)))
    Network(both.layers, readout=readout, notes=("assumed",), length=9).save(folder / "both.npz")
    return [folder / "words.npz", folder / "both.npz"]


def _trace(path: Path) -> object:
    trace = Trace.load(path)
    repr(trace)
    next(iter(trace)).token.text.encode()
    return trace.digest()


def _traces(folder: Path) -> list[Path]:
    lstmviz.run("good but dull", cell="lstm", hidden=2).save(folder / "words.npz")
    lstmviz.run([0.1, 0.5], cell="gru", hidden=2, record_to=folder / "grown.npz")
    return [folder / "words.npz", folder / "grown.npz"]


def _reel(path: Path) -> object:
    from lstmviz.reel.reel import Reel

    return [frame.repeat for frame in Reel.load(path).frames()]


def _reels(folder: Path) -> list[Path]:
    from lstmviz.reel.reel import ReelWriter, Step

    with ReelWriter(folder / "film.reel", width=20, height=10, fps=10) as writer:
        for number in range(4):
            writer.write(np.full((10, 20, 4), 40 * number, np.uint8), number + 1)
        writer.close([Step("one", "A caption.", 0.0, 0.3, 0, 2), Step("two", "", 0.3, 1.0, 3, 9)])
    return [folder / "film.reel"]


def _input(path: Path) -> object:
    from lstmviz.engine.inputs.read import read_input

    return read_input(str(path))


def _arrays(folder: Path) -> list[Path]:
    for name, array in {
        "plain": np.arange(6.0).reshape(3, 2),
        "turned": np.asfortranarray(np.ones((3, 2), np.float32)),
        "whole": np.arange(4),
        "half": np.ones(3, np.float16),
    }.items():
        np.save(folder / f"{name}.npy", array)
    return sorted(folder.glob("*.npy"))


def _filled(path: Path) -> object:
    from lstmviz.engine.inputs.read import read_input

    return read_input(str(path), fill="linear")


def _tables(folder: Path) -> list[Path]:
    for name, text in {
        "plain.csv": "time,value\n0.1,2\n-3e2,4.5\n",
        "other.csv": "sep=;\nTag;Uhrzeit;Wert\n;;°C\n01.02.2024;10:00;1.234,5\n"
        '02.02.2024;10:05 PM;"-0,5%"\n',
        "blanks.tsv": "# a b\n2024-01-02T10:00:00Z 0.5\n2024-01-02T10:00:01Z n/a\n",
        "titled.csv": "Weather,,\n,temp,\nyear,month,day,hour,min,min\n2024,1,2,3,(1.5),-9999\n"
        "2024,1,2,5,,2\n2024,1,9,5,2,1.000\n",
        "long.csv": "Date,Time,Id,a\n1/2/2024,30,1,2\n1/2/2024,1830,1,\n2/2/2024,100,3,5\n",
        "words.txt": "temp hum\n0.1 0.5\n0.2 0.4\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "wide.csv").write_text("Zeit,Wärme\n1,2\n2,3\n", encoding="utf-16")
    for encoding in ("gbk", "shift_jis", "cp1251"):
        text = "Дата,Цена" if encoding == "cp1251" else "日期,温度"
        (folder / f"{encoding}.csv").write_text(f"{text}\n1,2.5\n2,3\n", encoding=encoding)
    return sorted([*folder.glob("*.?sv"), folder / "words.txt"])


def _json_tables(folder: Path) -> list[Path]:
    for name, text in {
        "rows.json": '[["t", "a"], [1, 0.5], [2, null]]',
        "objects.json": '[{"date": "2024-01-02", "a": 1}, {"date": "2024-01-03", "a": "2"}]',
        "columns.json": '{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}',
        "split.json": '{"columns": ["a"], "index": [5, 6], "data": [[1], [2]]}',
        "index.json": '{"2024-01-02": {"a": 1, "b": 2}, "2024-01-03": {"a": 1}}',
        "answer.json": '{"lat": 5, "hourly": {"t": [1, 2], "a": [0.5, null]}, "units": {"t": 1}}',
        "table.json": '{"schema": {}, "data": [{"index": 0, "a": 1}]}',
        "lines.jsonl": '{"a": 1}\n{"a": 2.5}\n',
    }.items():
        (folder / name).write_text(text)
    return sorted(folder.glob("*.json*"))


def _token_lists(folder: Path) -> list[Path]:
    (folder / "tokens.json").write_text('["good", " b\\u00e4d"]')
    return [folder / "tokens.json"]


def _sheets(folder: Path) -> list[Path]:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    day = datetime.datetime(2024, 1, 2)
    for row in (["date", "a"], [day, 1], ["2024-01-03", None], ["x", True]):
        book.active.append(row)
    more = book.create_sheet("more")
    for row in (["Title"], [], ["a", "b"], [1, "=A4"], [2, 3]):
        more.append(row)
    book.save(folder / "data.xlsx")
    return [folder / "data.xlsx"]


def _parquets(folder: Path) -> list[Path]:
    import pandas as pd

    frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": [3, 4, 5], "c": ["x", "y", "x"]})
    frame[["a", "b"]].to_parquet(folder / "plain.parquet")
    frame.set_index(pd.date_range("2024-01-01", periods=3)).to_parquet(folder / "dates.parquet")
    return [folder / "plain.parquet", folder / "dates.parquet"]


def _archives(folder: Path) -> list[Path]:
    np.savez(folder / "one.npz", a=np.arange(6.0).reshape(3, 2))
    np.savez_compressed(folder / "small.npz", a=np.zeros((1, 30, 2)))
    return [folder / "one.npz", folder / "small.npz"]


@cache
def _small_trace() -> Trace:
    return lstmviz.run([0.1, 0.5, 0.2], cell="lstm", hidden=2)


def _check(path: Path) -> object:
    from lstmviz.load.verify import check_against

    return check_against(_small_trace(), path)


def _outputs(folder: Path) -> list[Path]:
    np.save(folder / "outputs.npy", _small_trace()["h"])
    return [folder / "outputs.npy"]


def _theme(path: Path) -> object:
    from lstmviz.style.theme_file import read_theme

    return read_theme(path)


def _themes(folder: Path) -> list[Path]:
    from lstmviz.style.theme_file import template

    (folder / "logo.svg").write_text(_SVG)
    (folder / "whole.toml").write_text(template(), encoding="utf-8")
    (folder / "small.toml").write_text(
        'base = "light"\nink = "#102A43"\n[roles]\nforget = "#B3261E"\n[logo]\n'
        'file = "logo.svg"\ncorner = "bottom-left"\nheight = 0.3\n'
    )
    return [folder / "whole.toml", folder / "small.toml"]


def _logo(path: Path) -> object:
    from lstmviz.stage.mobjects.logo import logo_mobject
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Logo

    return logo_mobject(Logo(path, "bottom-left", 0.3), Box(-7, 7, -4, 4))


def _logos(folder: Path) -> list[Path]:
    (folder / "logo.svg").write_text(_SVG)
    return [folder / "logo.svg"]


def _language(path: Path) -> object:
    from lstmviz.style.language import language

    found = language(str(path))
    return found.word("forget"), found.caption("forget-gate", "read", "English")


def _languages(folder: Path) -> list[Path]:
    (folder / "own.toml").write_text(
        'letters_per_second = 12.5\n[terms]\nforget = "vergessen"\n"cell state" = "Zustand"\n'
        '[forget-gate]\nread = "Das Wort {word} kommt an."\n',
        encoding="utf-8",
    )
    return [folder / "own.toml"]


def _jobs(path: Path) -> object:
    from lstmviz.cli.jobs_file import read_jobs

    return read_jobs(path)


def _job_lists(folder: Path) -> list[Path]:
    (folder / "jobs.toml").write_text(
        '[defaults]\nquality = "draft"\ntheme = "dark"\n[[job]]\nstory = ["tanh", "sigmoid"]\n'
        'lang = ["en", "zh"]\noutput = "{lang}/{story}.mp4"\n[[job]]\nstory = "update-gate"\n'
        'cell = "gru"\ninput = "I will."\npace = [0.8, 1.0]\nseed = 3\n'
    )
    return [folder / "jobs.toml"]


def _vocabulary(path: Path) -> object:
    from lstmviz.load.common.vocabulary import rows_of
    from lstmviz.load.common.vocabulary_file import lexicon_of

    lexicon = lexicon_of(path)
    words = rows_of(lexicon, min(lexicon.rows or 3, 1000) if lexicon.tokenizer else 3)
    if lexicon.tokenizer is not None and lexicon.tokenizer.kind != "tokenizer.json":
        lexicon.tokenizer.cut("The good foods!", words)
    return words


def _vocabularies(folder: Path) -> list[Path]:
    (folder / "list.json").write_text('["<unk>", "good", "b\\u00e4d"]')
    (folder / "rows.json").write_text('{"<unk>": 0, "good": 2, "bad": 1}')
    (folder / "back.json").write_text('{"vocab": {"itos": {"0": "<unk>", "1": "good"}}}')
    (folder / "words.txt").write_text("<unk>\ngood\nbäd\n", encoding="utf-8")
    (folder / "pieces.txt").write_text("[UNK]\ngood\n##s\n")
    (folder / "table.csv").write_text("word,row\n<unk>,0\ngood,1\nbad,2\n")
    recorded = json.loads((_FIXTURES / "tokenizers.json").read_text(encoding="utf-8"))["made"]
    for name in ("keras words", "tokenizer bert", "tokenizer unigram"):
        (folder / f"{name}.json").write_text(recorded[name]["file"], encoding="utf-8")
    return sorted(folder.iterdir())


def _foreign_arrays(folder: Path) -> list[Path]:
    """Arrays by the names of PyTorch, as anybody may save them."""
    layer = {"rnn.weight_ih_l0": np.ones((8, 3)), "rnn.weight_hh_l0": np.ones((8, 2))}
    np.savez(folder / "arrays.npz", **layer)
    return [folder / "arrays.npz"]


def _shards(folder: Path) -> list[Path]:
    """A network in two files, and the index of them."""
    places = {}
    for number, (name, shape) in enumerate((("weight_ih_l0", (8, 3)), ("weight_hh_l0", (8, 2)))):
        places[name] = file = f"model-0000{number + 1}-of-00002.safetensors"
        told = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * int(np.prod(shape))]}
        header = json.dumps({name: told}).encode()
        content = np.ones(shape, "<f4").tobytes()
        (folder / file).write_bytes(len(header).to_bytes(8, "little") + header + content)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    return [folder / "model.safetensors.index.json"]


def _names(path: Path) -> object:
    from lstmviz.load import load_network

    ones = {"W": (8, 3), "R": (8, 2), "b": (8,), "H": (3, 8), "d": (3, 1)}
    arrays = {name: np.ones(shape) for name, shape in ones.items()}
    np.savez(path.parent / "arrays.npz", **arrays)  # type: ignore[arg-type]
    return repr(load_network(path.parent / "arrays.npz", names=path))


def _names_files(folder: Path) -> list[Path]:
    (folder / "stacked.toml").write_text(
        '[[layer]]\ncell = "lstm"\ngates = "i f g o"\nW = "W"\nR = "R"\nb = "b"\n'
        'direction = "forward"\nmerge = "concat"\nbackward = { W = "W", R = "R" }\n'
        "transposed = false\nforget_bias = 1.0\n"
        '[[head]]\nW = "H"\nb = "d"\nactivation = "relu"\npooling = "mean+max"\n'
        '[[head]]\nW = "H"\ntransposed = true\n'
    )
    return [folder / "stacked.toml"]


_told = partial(Reader, _network, sentence=True)
_objects = partial(_recorded, "torch_objects")
READERS: dict[str, Reader] = {
    "lstmviz-network": _told(_own_networks),
    "torch": _told(
        _recorded("torch", "LSTMCell.pth", "checkpoint.pt", "GRU-no-bias.pt", "weight-norm.pt")
    ),
    "torch-legacy": _told(_recorded("torch", "shared-legacy.pt", "legacy.pt")),
    "torch-modules": _told(_objects("whole-relu.pt", "legacy.pt", "lightning.ckpt")),
    "torch-programs": _told(_objects("scripted.pt", "traced.pt", "exported.pt2")),
    "torch-quantised": _told(_objects("quantised-lstm.pt", "quantised-channels.pt")),
    "torch-tar": _told(_objects("tar.tar")),
    "pickles": _told(_objects("arrays-2.pkl", "arrays-5.pkl", "tensors-4.pkl", "pickled.pkl")),
    "arrays": _told(_foreign_arrays),
    "shards": _told(_shards),
    "names": Reader(_names, _names_files),
    "safetensors": _told(_recorded("torch", "RNN-stacked.safetensors")),
    "onnx": _told(_recorded("onnx", "LSTM.onnx", "exported-LSTM.onnx", "external.onnx")),
    "onnx-nested": _told(_graphs),
    "keras outputs": _told(_recorded("outputs", "named.keras", "joined-last.keras")),
    "keras": _told(_recorded("keras3", "last-output.keras")),
    "hdf5": _told(_recorded("keras2", "last-output.h5")),
    "keras weights": _told(_recorded("keras3", "cells.weights.h5")),
    "keras text": _told(_recorded("answers3", "text.keras")),
    "keras list": _told(_weights_lists),
    "trace": Reader(_trace, _traces, sentence=True),
    "npy": Reader(_input, _arrays, sentence=True),
    "npz": Reader(_input, _archives, sentence=True),
    "csv": Reader(_filled, _tables, sentence=True),
    "json": Reader(_filled, _json_tables, sentence=True),
    "json-tokens": Reader(_input, _token_lists, sentence=True),
    "xlsx": Reader(_filled, _sheets, sentence=True),
    "parquet": Reader(_filled, _parquets, sentence=True),
    "check": Reader(_check, _outputs),
    "vocabulary": Reader(_vocabulary, _vocabularies),
    "reel": Reader(_reel, _reels),
    "theme": Reader(_theme, _themes),
    "logo": Reader(_logo, _logos),
    "language": Reader(_language, _languages),
    "jobs": Reader(_jobs, _job_lists),
}
