"""Importing Manim without the libraries that few scenes need, until one of them does.

Of the time that importing Manim takes, more than half goes to SciPy, for the matrix of a turn in
space, NetworkX, for the layouts of graphs, Beautiful Soup, for listings of code, and IPython, for
magic words in notebooks. While Manim is imported names stand in for theirs, and the library is
imported when one of these is used.

This changes, for a moment, what others would import: so it is for the command, whose process is
its own, and switched on there (`manim_imported_lazily`). Whoever imports lstmviz in Python gets
Manim as it is.

What it relies on: that `manim` (0.22), where it is imported, takes from these libraries only
things to call or to compare types with later, and does without IPython where that is missing.
If that does not hold it is imported as usual.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from lstmviz.stage.manim.reliance import Reliance

_LATER = ("bs4", "networkx", "scipy.spatial.transform")
_MISSING = "IPython"  # whose terminal or notebook, where there is one, was here before Manim


_ON: ContextVar[bool] = ContextVar("manim imported lazily", default=False)
_failures: list[str] = []  # why Manim could not be imported so


@contextmanager
def manim_imported_lazily() -> Iterator[None]:
    """Let `import_manim` leave out those libraries in this block."""
    before = _ON.set(True)
    try:
        yield
    finally:
        _ON.reset(before)


def import_manim() -> None:
    """Import Manim without those libraries where that is switched on, unless it is here already.

    Where it cannot be imported so, or that is not switched on, who needs it imports it as usual.
    """
    if "manim" in sys.modules or not _ON.get():
        return
    before = set(sys.modules)
    try:
        with standing_in():
            importlib.import_module("manim")
    except Exception as error:
        _failures.append(f"{type(error).__name__}: {error}")
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "manim":
                del sys.modules[name]


def reliance() -> Reliance:
    """Tell whether Manim could be imported without those libraries, where that was tried."""
    lacking = f"import without SciPy and others ({_failures[0]})" if _failures else None
    otherwise = "it is imported with all of them, which takes 0.3 seconds longer"
    return Reliance("a quick start", lacking, otherwise, slower=True)


@contextmanager
def standing_in() -> Iterator[None]:
    """Let names stand in for the libraries that are not here yet."""
    ours: dict[str, ModuleType | None] = {name: _Module(name) for name in _LATER}
    ours[_MISSING] = None  # to Python, a module that cannot be imported
    ours = {name: module for name, module in ours.items() if name not in sys.modules}
    sys.modules.update(ours)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, module in ours.items():
            if sys.modules.get(name) is module:
                sys.modules.pop(name, None)


class _Module(ModuleType):
    """A lazy module: whatever one takes from it is lazy, too."""

    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(self.__name__, name)


class _Later:
    """A lazy attribute of a module, looked up when it is used."""

    def __init__(self, module: str, path: str) -> None:
        self._module = module
        self._path = path

    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(self._module, f"{self._path}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._found()(*args, **kwargs)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._found())

    def _found(self) -> Any:
        if isinstance(sys.modules.get(self._module), _Module):  # used while Manim is imported
            del sys.modules[self._module]
        found: Any = importlib.import_module(self._module)
        for name in self._path.split("."):
            found = getattr(found, name)
        return found
