"""Headers of .npy files are read as data, and say no more than the file has."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest

from lstmviz.npz.npy import read_header, read_npy


def npy(header: str, values: bytes = bytes(96), version: int = 1) -> bytes:
    text = header.encode()
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + values


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(4, 3),
        np.asfortranarray(np.arange(12, dtype=">f4").reshape(4, 3)),
        np.array([1, 2, 3], np.int8),
        np.array([True, False]),
        np.array(5.0),
        np.array([1 + 2j]),
        np.array(["wörds", ""]),
        np.zeros((0, 3)),
    ],
    ids=lambda array: str(array.dtype),
)
def test_what_numpy_writes_is_read(
    tmp_path: Path, array: np.ndarray, version: tuple[int, int]
) -> None:
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array(file, array, version)
    for mapped_from in (0, 1 << 20):
        found = read_npy(path, mapped_from)
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
        assert not found.flags.writeable


@pytest.mark.parametrize(
    "header",
    [
        "{'shape': (2, 3), 'descr': '<f8', 'fortran_order': False}",
        '{"descr": "<f8", "fortran_order": False, "shape": (2L, 3L,), }\n',
        "  {'descr':'<f8','fortran_order':False,'shape':(2,3)}  ",
    ],
)
def test_other_writers_and_python_2_write_it_otherwise(header: str) -> None:
    content = npy(header)
    assert read_header(io.BytesIO(content), len(content)).shape == (2, 3)


SHAPE = "{{'descr': '<f8', 'fortran_order': False, 'shape': {}, }}"
DESCR = "{{'descr': {}, 'fortran_order': False, 'shape': (1,), }}"


@pytest.mark.parametrize(
    "header",
    [
        SHAPE.format("(13,)"),
        SHAPE.format("(4000000000, 4000000000, 4000000000)"),
        SHAPE.format("(0, 9999999999999999999999)"),
        SHAPE.format(f"({'9' * 5000},)"),
        SHAPE.format(f"({'1,' * 40})"),
        SHAPE.format("(-1,)"),
        SHAPE.format("(,)"),
        SHAPE.format("(1 1,)"),
        SHAPE.format("[1]"),
        SHAPE.format("(1.0,)"),
        SHAPE.format("(True,)"),
        SHAPE.format("(" * 9000),
        SHAPE.format("-" * 9000 + "1"),
        SHAPE.format("(1,)") + "}",
        DESCR.format("'|O'"),
        DESCR.format("'<f3'"),
        DESCR.format("'<M8[ns]'"),
        DESCR.format("'<U99999999'"),
        DESCR.format("[('a', '<f8')]"),
        DESCR.format("'\\d'"),
        DESCR.format("False"),
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': 'x', 'shape': (1,)}",
        "[" * 9000,
        " " * 20_000,
        "",
        "{",
        "{}",
    ],
)
def test_a_hostile_header_is_refused_whatever_python_makes_of_it(header: str) -> None:
    content = npy(header)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"\w"):
            read_header(io.BytesIO(content), len(content))


def test_a_header_in_no_letters_or_cut_off_is_refused() -> None:
    whole = npy(SHAPE.format("(12,)"))
    for content in (
        npy("").replace(b"\0\0", b"\2\0\xff\xff", 1),
        whole[:-1],
        b"",
        b"\x93NUMPY",
        whole[:9],
        whole[:40],
        whole.replace(b"\1", b"\4", 1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            read_header(io.BytesIO(content), len(content))
