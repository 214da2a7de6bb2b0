"""Archives that claim more than they hold."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import pytest

from lstmviz.errors import UsageError
from lstmviz.system.zip_members import open_archive, read_member


def archive(path: Path, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as file:
        file.writestr("a", content)
    return path


def test_what_is_honest_is_read_and_closed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", b"abc" * 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with open_archive(path) as file:
            assert read_member(file, "a") == b"abc" * 1000
        assert file.fp is None


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_no_such_file_has_is_refused(tmp_path: Path, how: int) -> None:
    with (
        open_archive(archive(tmp_path / "a.zip", bytes(99), how)) as file,
        pytest.raises(UsageError, match="compressed in a way that is not read"),
    ):
        read_member(file, "a")


def test_a_dense_member_is_refused_above_what_is_small(tmp_path: Path) -> None:
    with open_archive(archive(tmp_path / "a.zip", bytes(100_000))) as file:
        assert len(read_member(file, "a")) == 100_000
        with pytest.raises(UsageError, match="claims 100000 bytes, which it cannot hold"):
            read_member(file, "a", small=10_000)
        with pytest.raises(UsageError, match="more than is sensible"):
            read_member(file, "a", most=10_000)


def test_a_stored_member_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", bytes(100), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\1\2")
    content[entry + 20 : entry + 28] = 2 * (3 << 30).to_bytes(4, "little")
    path.write_bytes(content)
    with open_archive(path) as file, pytest.raises(UsageError, match="which it cannot hold"):
        read_member(file, "a")


def test_a_directory_of_very_many_members_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", b"")
    content = path.read_bytes()
    start, end = content.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    entries = content[start:end] * 200_000
    tail = bytearray(content[end:])
    tail[12:16] = len(entries).to_bytes(4, "little")
    path.write_bytes(content[:start] + entries + tail)
    with pytest.raises(UsageError, match="list of parts is longer than is sensible"):
        open_archive(path)
