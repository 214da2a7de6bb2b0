"""Finds stories and networks by the names that users type.

Listing reads the scene files without running them, so that it needs no Manim.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.stage.manim.lazy_import import import_manim
from lstmviz.system.python_files import opened, parsed, split_name
from lstmviz.system.suggest import nearest

if TYPE_CHECKING:
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
    package = Path(__file__).resolve().parents[2]
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
    for node in parsed(path).body:
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
    path, _, _ = split_name(str(name))
    return None if path is not None else name_of(str(name)).replace("_", "-")


def find_story(name: str | Path) -> type[Story]:
    """Find a story by its name, as `file.py:ClassName`, or as `file.py` that holds one story.

    Raises:
        UsageError: there is none; lists those that there are.
        LstmvizError: its file fails when it is opened.
    """
    path, _, class_name = split_name(str(name))
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


def _from_file(path: Path, class_name: str, *, shipped: bool = False) -> type[Story]:
    listed = {story.class_name: story for story in stories_in(path)}
    module = opened(path, shipped=shipped, before=import_manim)
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
