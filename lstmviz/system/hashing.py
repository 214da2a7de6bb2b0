"""Keys of values and of files: equal keys mean equal content."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


# The parts of the package that pictures do not come from.
NO_PICTURES = frozenset(
    {
        "cli",
        "export",
        "scenes",
        "languages",
        "article",
        "batch",
        "film_cache.py",
        "trace_request.py",
        "story_summary.py",
        "api.py",
        "__main__.py",
        "__pycache__",
    }
)


_FONTS = (".otf", ".ttf")
_TABLES = 1024  # bytes: where the list of a font's tables has ended

_LIBRARIES = ("manim", "numpy", "pycairo", "uharfbuzz", "typst", "svgelements", "mapbox-earcut")


def key_of(*parts: object) -> str:
    """Give a key of some values: bytes as they are, all others as they are written."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


@cache
def versions() -> tuple[str, ...]:
    """Name Python and the libraries that draw, with their versions."""
    import cairo

    told = [platform.python_version(), cairo.cairo_version_string()]
    for name in _LIBRARIES:
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            told.append(name)
    return tuple(told)


@cache
def package() -> str:
    """Give a key of the parts of this package that pictures come from, its fonts included."""
    return key_of(*contents(files("lstmviz"), NO_PICTURES))


@cache
def exporters() -> str:
    """Give a key of the part of this package that makes files of films."""
    return key_of(version("av"), *contents(files("lstmviz") / "export", NO_PICTURES))


def files_key(paths: Iterable[str | Path]) -> list[object]:
    """Give the content of files as keys, by their paths; one that is not there has none."""
    return [(str(path), file_key(Path(path))) for path in paths]


def file_key(path: Path) -> str:
    """Give a key of the content of a file, empty if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def contents(folder: Any, without: frozenset[str]) -> Iterator[bytes]:
    """Give the names and contents of all files below a folder, but those of some names."""
    for entry in sorted(folder.iterdir(), key=lambda entry: str(entry.name)):
        if entry.name in without or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from contents(entry, without)
        else:
            yield entry.name.encode()
            if entry.name.endswith(_FONTS):
                # A font begins with the checksums of its tables.
                with entry.open("rb") as font:
                    yield font.read(_TABLES)
            else:
                yield entry.read_bytes()
