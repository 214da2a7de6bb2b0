"""Whatever is in a file, it gives a network or one sentence of ours: never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmviz.engine.load import inspect_file, load_network
from lstmviz.errors import LstmvizError

Unpacked = Callable[[str], Path]
FILES = {
    "LSTMCell.pth": ("torch", 150),
    "checkpoint.pt": ("torch", 150),
    "shared-legacy.pt": ("torch", 150),
    "GRU-no-bias.pt": ("torch", 100),
    "RNN-stacked.safetensors": ("torch", 150),
    "LSTM.onnx": ("onnx", 150),
    "exported-LSTM.onnx": ("onnx", 100),
    "external.onnx": ("onnx", 50),
    # Each of these starts a process.
    "last-output.keras": ("keras3", 8),
    "last-output.h5": ("keras2", 8),
}

Change = tuple[str, float, bytes]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "delete", "cut", "copy"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=6,
)


def changed(content: bytes, changes: list[Change]) -> bytes:
    """The content with bytes set, inserted, removed, cut off or copied from elsewhere."""
    data = bytearray(content)
    for what, place, new in changes:
        at = int(place * len(data))
        match what:
            case "set":
                data[at : at + len(new)] = new
            case "insert":
                data[at:at] = new
            case "delete":
                del data[at : at + len(new)]
            case "cut":
                data = data[: max(at, len(data) // 2)]
            case "copy":
                length = 4 * len(new)
                data[at : at + length] = data[at // 3 : at // 3 + length]
    return bytes(data)


def load(path: Path) -> None:
    for act in (load_network, inspect_file):
        try:
            act(path)
        except LstmvizError as error:
            text = str(error)
            assert path.name in text
            assert text.endswith(".")
            assert "\n" not in text


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_told_in_a_sentence(
    unpacked: Unpacked, tmp_path: Path, name: str
) -> None:
    kind, examples = FILES[name]
    content = (unpacked(kind) / name).read_bytes()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(CHANGES)
    def damage(changes: list[Change]) -> None:
        path = tmp_path / name
        path.write_bytes(changed(content, changes))
        load(path)

    damage()


@settings(max_examples=150, deadline=None, database=None, derandomize=True,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"\x80\x02", b"\x08\x07", b"\x08\x00\x00\x00\0\0\0\0{"]),
    st.binary(max_size=200),
    st.sampled_from([".pt", ".safetensors", ".onnx", ".keras", ".bin", ""]),
)
def test_a_foreign_file_is_told_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes, ending: str
) -> None:
    path = tmp_path_factory.mktemp("foreign", numbered=True) / f"file{ending}"
    path.write_bytes(start + rest)
    load(path)
