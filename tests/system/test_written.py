"""What lstmviz wrote is known by its content, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.system import written


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"ours")
    assert not written.is_known(path)
    written.note(path)
    assert written.is_known(path)
    moved = path.rename(tmp_path / "talk.mp4")
    assert written.is_known(moved)
    moved.write_bytes(b"edited")
    assert not written.is_known(moved)


def test_clearing_the_cache_forgets_no_file(tmp_path: Path) -> None:
    from lstmviz.system.disk_cache import Cache

    path = tmp_path / "film.mp4"
    path.write_bytes(b"ours")
    written.note(path)
    Cache.usual().clear()
    assert written.is_known(path)


def test_a_line_that_was_torn_spoils_no_other(own_cache: Path, tmp_path: Path) -> None:
    (own_cache / "written").write_bytes(b"3f1a")
    path = tmp_path / "film.mp4"
    path.write_bytes(b"ours")
    written.note(path)
    assert written.is_known(path)


def test_the_list_does_not_grow_for_ever(own_cache: Path, tmp_path: Path) -> None:
    known, path = own_cache / "written", tmp_path / "film.mp4"
    known.write_bytes(b"0" * 3_000_000)
    path.write_bytes(b"ours")
    written.note(path)
    assert known.stat().st_size <= 1_000_000
    assert written.is_known(path)
    assert [each.name for each in own_cache.iterdir()] == ["written"]


def test_a_list_that_cannot_be_kept_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"ours")
    monkeypatch.setenv("LSTMVIZ_CACHE", str(path))
    written.note(path)
    assert not written.is_known(path)
