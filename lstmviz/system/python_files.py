"""Opens a user's own Python files, under names of their own."""

from __future__ import annotations

import ast
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.global_state import seldom_collected

if TYPE_CHECKING:
    from types import ModuleType


def split_name(name: str) -> tuple[Path | None, str, str]:
    """Part `file.py:Name`; a drive's colon (`C:\\scene.py`) parts nothing."""
    if name.lower().endswith(".py"):
        return Path(name), "", ""
    file, colon, class_name = name.rpartition(":")
    return (Path(file), colon, class_name) if file.lower().endswith(".py") else (None, "", name)


def parsed(path: Path) -> ast.Module:
    """Read a Python file without running it.

    Raises:
        UsageError: it is missing, cannot be read, or is no Python.
    """
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise UsageError(f"{path} is no valid Python: {error.msg}, line {error.lineno}.") from None
    except ValueError as error:
        raise UsageError(f"{path} is no Python file: {error}.") from None
    except FileNotFoundError:
        raise UsageError(f"There is no Python file {path}; check the path.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The Python file {path} cannot be read: {reason}.") from error


def opened(
    path: Path, *, shipped: bool = False, before: Callable[[], object] | None = None
) -> ModuleType:
    """Run a Python file under a name of its own, whatever its folder is called.

    `before` is called first, in the place where what fails is told as the file's own failure.
    """
    home = "lstmviz.scenes" if shipped else "lstmviz.opened"
    name = f"{home}.{path.stem}"
    opened = sys.modules.get(name)
    if shipped and opened is not None and opened.__file__ == str(path):
        return opened
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be opened as Python.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes look here for what their annotations mean
    try:
        with neighbours(path.parent), seldom_collected():
            if before is not None:
                before()
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, LstmvizError | MemoryError) or not isinstance(error, Exception):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == spec.origin]
        line = f" in line {lines[-1]}" if lines else ""
        raise LstmvizError(
            f"The Python file {path} fails{line}: {type(error).__name__}: {error}."
        ) from error
    return module


@contextmanager
def neighbours(folder: Path) -> Iterator[None]:
    """Let a file import the files beside it, as Manim does; what is installed goes first."""
    place = str(folder.resolve())
    sys.path.append(place)
    try:
        yield
    finally:
        if place in sys.path:
            sys.path.remove(place)
