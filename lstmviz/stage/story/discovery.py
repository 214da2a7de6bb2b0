"""Finds stories and networks by the names that users type.

Listing reads the scene files without running them, so that it needs no Manim.
"""

from __future__ import annotations

import ast
import difflib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.stage.manim.lazy_import import import_manim
from lstmviz.system.global_state import seldom_collected

if TYPE_CHECKING:
    from types import ModuleType

    from lstmviz.engine.model.cell import Cell
    from lstmviz.engine.model.network import Network
    from lstmviz.stage.story.story import Story

GROUP = "lstmviz.stories"  # the entry points of other packages


@dataclass(frozen=True)
class Listed:
    """A story that can be told: its name, a line about it, and where it is written."""

    name: str
    summary: str
    source: Path | EntryPoint
    class_name: str = ""


def scenes_folder() -> Path:
    """Say where the shipped scenes are: in the installed package, or beside it in the source."""
    package = Path(__file__).resolve().parent
    inside = package / "scenes"
    return inside if inside.is_dir() else package.parent / "scenes"


def stories() -> tuple[Listed, ...]:
    """List the shipped stories and those that other packages offer, by name."""
    shipped = [story for path in sorted(scenes_folder().glob("*.py")) for story in stories_in(path)]
    offered = [
        Listed(point.name, f"from {point.dist.name if point.dist else point.value}", point)
        for point in entry_points(group=GROUP)
    ]
    known = {story.name: story for story in (*offered, *shipped)}
    return tuple(sorted(known.values(), key=lambda story: story.name))


def stories_in(path: Path) -> tuple[Listed, ...]:
    """List the stories in a file without running it: the public classes made from a Story.

    Raises:
        UsageError: the file is missing, or is no Python.
    """
    found: list[Listed] = []
    bases_known: set[str] = set()
    for node in _parsed(path).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        if bases & bases_known or any(base.endswith("Story") for base in bases):
            bases_known.add(node.name)
            if not node.name.startswith("_"):
                summary = (ast.get_docstring(node) or "").strip().partition("\n")[0]
                found.append(Listed(name_of(node.name), summary, path, node.name))
    return tuple(found)


def name_of(class_name: str) -> str:
    """Give the name by which users call a story: `ForgetGate` is `forget-gate`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


def name_in_list(name: str | Path) -> str | None:
    """Give the name of a story as the list has it; None for one that names a file."""
    path, _, _ = _split(str(name))
    return None if path is not None else name_of(str(name)).replace("_", "-")


def find_story(name: str | Path) -> type[Story]:
    """Find a story by its name, as `file.py:ClassName`, or as `file.py` that holds one story.

    Raises:
        UsageError: there is none; lists those that there are.
        LstmvizError: its file fails when it is opened.
    """
    path, _, class_name = _split(str(name))
    if path is not None:
        return _from_file(path, class_name)
    known = stories()
    wanted = name_in_list(name) or ""
    for story in known:
        if wanted == story.name:
            if isinstance(story.source, EntryPoint):
                return _from_entry_point(story.source)
            return _from_file(story.source, story.class_name, shipped=True)
    names = [story.name for story in known]
    raise UsageError(
        f"There is no story '{name}'{nearest(wanted, names)}; "
        f"choose one of: {', '.join(names)}, or give file.py:ClassName."
    )


def find_cell_in_file(name: str) -> Cell:
    """Find a cell of one's own as `file.py:name`, or as `file.py` that holds one cell.

    Raises:
        UsageError: there is none; lists those that there are.
        LstmvizError: the file fails when it is opened.
    """
    from lstmviz.engine.model.cell import Cell

    path, _, wanted = _split(name)
    if path is None:
        raise UsageError(f"{name} names no cell in a file; write file.py:name.")
    _parsed(path)
    module = _opened(path, shipped=False)
    cells = {key: value for key, value in vars(module).items() if isinstance(value, Cell)}
    own = {key: value for key, value in cells.items() if not key.startswith("_")}
    if not wanted and len(own) == 1:
        return next(iter(own.values()))
    if wanted in own:
        return own[wanted]
    have = f"its cells are: {', '.join(own)}" if own else "decorate its function with @cell"
    raise UsageError(f"{path} has no cell {wanted or 'that is its only one'}; {have}.")


def find_network(name: str | Path) -> Network:
    """Load a network from its file, or one of those that come with lstmviz by its name.

    Raises:
        UsageError: there is no such network, or the file holds none.
    """
    from lstmviz.demo.networks import NAMES, demo_network
    from lstmviz.load import load_network

    if str(name) in NAMES:
        return demo_network(str(name))
    if not Path(name).exists():
        raise UsageError(
            f"There is no network file {name}{nearest(str(name), NAMES)}; check the path, or "
            f"name one that comes with lstmviz: {', '.join(NAMES)}."
        )
    return load_network(name)


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the most similar name was meant; empty when none is similar."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _split(name: str) -> tuple[Path | None, str, str]:
    """Part `file.py:Name`; a drive's colon (`C:\\scene.py`) parts nothing."""
    if name.lower().endswith(".py"):
        return Path(name), "", ""
    file, colon, class_name = name.rpartition(":")
    return (Path(file), colon, class_name) if file.lower().endswith(".py") else (None, "", name)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise UsageError(f"{path} is no valid Python: {error.msg}, line {error.lineno}.") from None
    except ValueError as error:
        raise UsageError(f"{path} is no Python file: {error}.") from None
    except FileNotFoundError:
        raise UsageError(f"There is no scene file {path}; check the path.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The scene file {path} cannot be read: {reason}.") from error


def _from_file(path: Path, class_name: str, *, shipped: bool = False) -> type[Story]:
    listed = {story.class_name: story for story in stories_in(path)}
    module = _opened(path, shipped)
    if not class_name:
        if len(listed) != 1:
            choices = ", ".join(f"{path}:{name}" for name in listed)
            what = f"several stories; choose one: {choices}" if listed else _NO_STORY
            raise UsageError(f"{path} holds {what}.")
        (class_name,) = listed
    found = getattr(module, class_name, None)
    if found is None:
        names = list(listed)
        have = f"it has: {', '.join(names)}" if names else f"it holds {_NO_STORY}"
        raise UsageError(f"{path} has no story {class_name}{nearest(class_name, names)}; {have}.")
    return _checked(found, f"{path}:{class_name}")


_NO_STORY = "no story: write a class made from lstmviz.stage.Story"


def _opened(path: Path, shipped: bool) -> ModuleType:
    """Run a scene file under a name of its own, whatever its folder is called."""
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
        with _neighbours(path.parent), seldom_collected():
            import_manim()
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, LstmvizError | MemoryError) or not isinstance(error, Exception):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == spec.origin]
        line = f" in line {lines[-1]}" if lines else ""
        raise LstmvizError(
            f"The scene file {path} fails{line}: {type(error).__name__}: {error}."
        ) from error
    return module


@contextmanager
def _neighbours(folder: Path) -> Iterator[None]:
    """Let a scene import the files beside it, as Manim does; what is installed goes first."""
    place = str(folder.resolve())
    sys.path.append(place)
    try:
        yield
    finally:
        if place in sys.path:
            sys.path.remove(place)


def _from_entry_point(point: EntryPoint) -> type[Story]:
    where = f"The entry point '{point.name}' ({point.value})"
    try:
        found = point.load()
    except Exception as error:
        raise LstmvizError(f"{where} fails: {type(error).__name__}: {error}.") from error
    return _checked(found, where)


def _checked(found: object, where: str) -> type[Story]:
    from lstmviz.stage.story.story import Story

    if not (isinstance(found, type) and issubclass(found, Story)):
        raise UsageError(f"{where} is no story; make the class from lstmviz.stage.Story.")
    return found
