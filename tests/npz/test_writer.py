"""An .npz that grows piece by piece is one that NumPy and zip programs read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstmviz.npz.writer import GrowingNpz

RANDOM = np.random.default_rng(0)
A = RANDOM.normal(size=(1000, 7))
B = RANDOM.normal(size=(1000, 3)).astype(np.float32)


def grown(path: Path, order: list[int]) -> None:
    with path.open("w+b") as file:
        npz = GrowingNpz(file)
        a, b = npz.room("a", A.shape, A.dtype), npz.room("ĉ.b", B.shape, B.dtype)
        for start in order:
            a.put(start, A[start : start + 100])
            b.put(start, B[start : start + 100])
        np.testing.assert_array_equal(a.get(250, 260), A[250:260])
        npz.add("meta", np.array("ein Wörtchen"))
        npz.finish()


@pytest.mark.parametrize("step", [1, -1, 3])
def test_pieces_in_any_order_make_an_ordinary_archive(tmp_path: Path, step: int) -> None:
    path = tmp_path / "grown.npz"
    grown(path, [100 * (k * step % 10) for k in range(10)])
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None  # all checksums are right
        assert archive.namelist() == ["a.npy", "ĉ.b.npy", "meta.npy"]
    with np.load(path) as stored:
        np.testing.assert_array_equal(stored["a"], A)
        np.testing.assert_array_equal(stored["ĉ.b"], B)
        assert str(stored["meta"]) == "ein Wörtchen"


def test_the_same_numbers_give_the_same_file(tmp_path: Path) -> None:
    forward = list(range(0, 1000, 100))
    grown(tmp_path / "one.npz", forward)
    grown(tmp_path / "other.npz", forward[::-1])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_values_begin_where_a_cache_line_does(tmp_path: Path) -> None:
    with (tmp_path / "grown.npz").open("w+b") as file:
        npz = GrowingNpz(file)
        places = [npz.room("n" * length, (5, 3), "f4").values_at for length in range(1, 70)]
    assert {place % 64 for place in places} == {0}


def test_what_is_not_finished_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "half.npz"
    with path.open("w+b") as file:
        GrowingNpz(file).add("a", A)
    with pytest.raises(ValueError, match="pickled"):  # NumPy does not take it for an archive
        np.load(path)
    assert not zipfile.is_zipfile(path)


@pytest.mark.parametrize("missing", [0, 400, 900])
def test_a_missing_piece_is_noticed(tmp_path: Path, missing: int) -> None:
    with (tmp_path / "gap.npz").open("w+b") as file:
        npz = GrowingNpz(file)
        member = npz.room("a", A.shape, A.dtype)
        for start in range(0, 1000, 100):
            if start != missing:
                member.put(start, A[start : start + 100])
        with pytest.raises(ValueError, match="a.npy (has a gap|ends) at byte"):
            npz.finish()
