"""Arrays that stay in their file."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from lstmviz.errors import UsageError
from lstmviz.npz.mapped import Place, is_mapped, mapping, packed, unpacked, view

NUMBERS = np.arange(12.0).reshape(4, 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "numbers"
    path.write_bytes(bytes(64) + NUMBERS.tobytes())
    return path


def test_a_view_reads_from_the_file_and_writes_nothing(file: Path) -> None:
    array = view(mapping(file), 64, np.float64, (4, 3))
    np.testing.assert_array_equal(array, NUMBERS)
    assert type(array) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.setflags(write=True)
    assert is_mapped(array)
    assert is_mapped(array[1:, ::2])
    assert not is_mapped(NUMBERS)
    assert not is_mapped(array + 1)


def test_another_process_gets_the_place_instead_of_the_numbers(file: Path) -> None:
    array = view(mapping(file), 64, np.float64, (4, 3))
    for part, expected in ((array, NUMBERS), (array[1:3], NUMBERS[1:3])):
        sent = packed(part)
        assert isinstance(sent, Place)
        found = unpacked(pickle.loads(pickle.dumps(sent)))
        np.testing.assert_array_equal(found, expected)
        assert is_mapped(found)
    assert packed(NUMBERS) is NUMBERS
    np.testing.assert_array_equal(unpacked(packed(array[:, 1])), NUMBERS[:, 1])


@pytest.mark.parametrize("change", ["replaced", "removed"])
def test_a_file_that_changed_is_refused(file: Path, change: str) -> None:
    sent = packed(view(mapping(file), 64, np.float64, (4, 3)))
    if change == "replaced":
        other = file.with_name("other")
        other.write_bytes(bytes(64) + (2 * NUMBERS).tobytes() + b"more")
        os.replace(other, file)
    else:
        file.unlink()
    with pytest.raises(UsageError, match="numbers has changed while it was in use"):
        unpacked(sent)
