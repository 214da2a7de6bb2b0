"""The files of a story: those it is written in, and those it reads while it is played."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.stage.story.discovery import scenes_folder

if TYPE_CHECKING:
    from lstmviz.stage.story.story import Story


@contextmanager
def watched(story: object) -> Iterator[list[Path]]:
    """Find out which files a story of the user's own reads while it is played.

    The list is complete at the end. What comes with lstmviz reads nothing but the package.
    """
    found: list[Path] = []
    if shipped(story):
        yield found
        return
    _Watch.begin()
    try:
        yield found
    finally:
        found += _Watch.end()


class _Watch:
    """An audit hook that notes every file that this process opens; Python keeps it for good."""

    listening = False
    heard: list[str] | None = None

    @classmethod
    def begin(cls) -> None:
        if not cls.listening:
            sys.addaudithook(cls.hear)
            cls.listening = True
        cls.heard = []

    @classmethod
    def end(cls) -> list[Path]:
        heard, cls.heard = cls.heard or [], None
        paths = {Path(name).absolute() for name in heard}
        return sorted(path for path in paths if path.is_file() and not _of_python(path))

    @classmethod
    def hear(cls, event: str, given: tuple[Any, ...]) -> None:
        if cls.heard is None or event != "open":
            return
        path, _, flags = given
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        if not writes and isinstance(path, str | bytes | os.PathLike):
            cls.heard.append(os.fsdecode(path))


def sources_of(story: type[Story]) -> tuple[Path, ...] | None:
    """Give the files that a story's class is written in; what the package has is left out."""
    paths: list[Path] = []
    for each in story.__mro__:
        if each.__module__ == "builtins" or each.__module__.startswith("manim."):
            continue
        try:
            path = Path(inspect.getfile(each)).resolve()
        except (TypeError, OSError):
            return None
        if "<locals>" in each.__qualname__ or each.__module__ == "__main__" or not path.is_file():
            return None
        if path.parent == scenes_folder() or _package_folder() not in path.parents:
            paths.append(path)
    return tuple(paths)


def shipped(story: object) -> bool:
    """Tell whether a story comes with lstmviz; it reads no file but the package's own."""
    if not isinstance(story, type):
        return True
    try:
        return Path(inspect.getfile(story)).resolve().parent == scenes_folder()
    except (TypeError, OSError):
        return False


def _neighbours(paths: Sequence[Path]) -> list[Path]:
    """The modules that were imported from the folders of some files, but no libraries."""
    found = set()
    modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    known = [Path(name).resolve() for name in modules if name]
    for folder in {path.parent for path in paths} - set(_homes()):
        libraries = [home for home in _homes() if folder in home.parents]
        found |= {
            path
            for path in known
            if folder in path.parents and not any(home in path.parents for home in libraries)
        }
    return sorted(found.difference(paths))


@cache
def _homes() -> tuple[Path, ...]:
    """Where Python, its libraries and this package are: what versions and `package` speak for."""
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found = {Path(place).resolve() for place in places if place}
    return (*sorted(found), _package_folder(), scenes_folder())


def _package_folder() -> Path:
    return Path(__file__).resolve().parents[1]


def _of_python(path: Path) -> bool:
    path = path.resolve()
    inside = any(home in path.parents for home in _homes())
    return inside or path.suffix == ".pyc" or path.parts[1:2] in (("dev",), ("proc",), ("sys",))
