"""Draws the pictures of a story again whenever its files are saved, in one process that stays."""

from __future__ import annotations

import importlib
import io
import linecache
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.cli.films import as_told
from lstmviz.cli.watch_page import Board, Picture
from lstmviz.errors import LstmvizError
from lstmviz.system.python_files import split_name
from lstmviz.system.suggest import nearest

if TYPE_CHECKING:
    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.reel import Step
    from lstmviz.stage.story.story import Story

_GRAIN = 20_000_000  # nanoseconds by which the clock of files may be behind
_OFTEN = 0.05  # seconds between two looks, where nothing tells of a save
_AROUND = 2  # lines of the file that are shown before and after one that fails
_LINE = re.compile(r"\bline (\d+)")

Stamps = Mapping[Path, tuple[int, int]]


def file_of(name: str) -> str:
    """Give the file of a story, with its class, whether it is named by it or as in the list.

    Raises:
        UsageError: there is no such story in a file.
    """
    from lstmviz.errors import UsageError
    from lstmviz.stage.story.discovery import name_in_list, stories

    if split_name(name)[0] is not None:
        return name
    known = {each.name: each for each in stories() if isinstance(each.source, Path)}
    found = known.get(name_in_list(name) or "")
    if found is None:
        raise UsageError(
            f"There is no story '{name}'{nearest(name, known)}; name a file, as in "
            "lstmviz watch my_story.py:MyStory."
        )
    return f"{found.source}:{found.class_name}"


@dataclass
class Studio:
    """Draws one story onto a board, as often as it changes; `given` are the command's options."""

    name: str
    given: Mapping[str, Any]
    board: Board
    told: Any = None  # the trace, of which story's settings, and of which files
    seen: set[Path] = field(default_factory=set)  # whatever it has imported from its folder
    parts: dict[str, str] = field(default_factory=dict)  # the steps as they were written

    @property
    def path(self) -> Path:
        """Give the file of the story."""
        path = split_name(self.name)[0]
        assert path is not None
        return path

    def draw(self) -> str:
        """Draw everything anew, put it on the board, and say what became of it."""
        begun = time.perf_counter()
        forget_modules(self.path.resolve().parent)
        linecache.checkcache()
        try:
            count, soon = self._draw(begun)
        except Exception as error:
            said = str(error) if isinstance(error, LstmvizError) else _sentence(error)
            self.board.fail(said, lines_at(self.path, said))
            return f"Error: {said}"
        took = time.perf_counter() - begun
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        return f"{pictures} in {took:.2f} s, the first in {soon:.2f} s."

    def _draw(self, begun: float) -> tuple[int, float]:
        from lstmviz.stage.drawing.step_pictures import step_pictures
        from lstmviz.stage.story.discovery import find_story
        from lstmviz.stage.story.steps_written import steps_written

        parts = steps_written(self.path)
        changed = {name for name, text in parts.items() if self.parts.get(name) != text}
        story = find_story(self.name)
        trace, telling, look = self._of(story)
        times: list[float] = []

        def first(outline: tuple[Step, ...]) -> set[int]:
            self.board.begin(
                story.summary(), [Picture(each.name, each.caption) for each in outline]
            )
            places = {place for place, step in enumerate(outline) if step.name in changed}
            return set() if len(places) == len(outline) else places

        def tell(place: int, pixels: Pixels) -> None:
            self.board.show(place, as_png(pixels))
            times.append(time.perf_counter() - begun)

        steps = step_pictures(story, trace, telling, look, first=first, tell=tell)
        self.board.end()
        self.parts = parts
        return len(steps), min(times, default=0.0)

    def _of(self, story: type[Story]) -> Any:
        """Give what is told; the network runs again only where something else is asked for."""
        asked = (story.input, story.cell, story.network, story.needs, stamps(self._named()))
        if self.told is None or self.told[0] != asked:
            self.told = asked, as_told(story, self.given)
        return self.told[1]

    def files(self) -> list[Path]:
        """Give the files of which the pictures are made."""
        folder = self.path.resolve().parent
        self.seen.update(Path(str(module.__file__)) for module in modules_in(folder))
        return [*self.seen.union(folder.glob("*.py")), *self._named()]

    def _named(self) -> list[Path]:
        """Give the files that the options name."""
        texts = [value for value in self.given.values() if isinstance(value, str)]
        paths = [split_name(text)[0] or Path(text) for text in texts if len(text) < 1000]
        return [path for path in paths if os.path.isfile(path)]


def saves(files: Callable[[], Sequence[Path]]) -> Iterator[None]:
    """Give a turn at once, and one whenever one of the files has been saved since the last."""
    wakes: Iterator[object] | None = None
    while True:
        begun, before = time.time_ns() - _GRAIN, stamps(files())
        yield
        wakes = wakes or _wakes({path.resolve().parent for path in files()})
        while not _saved(stamps(files()), before, begun):
            next(wakes)


def _saved(now: Stamps, before: Stamps, begun: int) -> bool:
    """Tell whether a file is another than it was, or there now; some editors empty it first."""
    fresh = (stamp != before.get(path, (begun, 0)) for path, stamp in now.items())
    new = (path in before or stamp[0] > begun for path, stamp in now.items())
    return all(size for _, size in now.values()) and any(map(all, zip(fresh, new, strict=True)))


def stamps(files: Sequence[Path]) -> Stamps:
    """Give when each file was saved, and its size; one that is away for a moment has none."""
    found = {}
    for path in dict.fromkeys(files):
        try:
            stat = path.stat()
        except OSError:
            continue
        found[path] = stat.st_mtime_ns, stat.st_size
    return found


def _wakes(folders: set[Path]) -> Iterator[object]:
    """Give a turn when something happened in the folders, or every now and then."""
    try:
        from watchfiles import watch

        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it says each save, too
    except ModuleNotFoundError:
        while True:
            time.sleep(_OFTEN)
            yield None
    yield from watch(
        *folders,
        watch_filter=None,
        recursive=False,
        step=10,
        debounce=60,
        rust_timeout=500,
        yield_on_timeout=True,
    )


def modules_in(folder: Path) -> list[Any]:
    """Give the modules that were imported from a folder; neither ours nor what is installed."""
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        ours = name.partition(".")[0] == "lstmviz" and not name.startswith("lstmviz.opened.")
        if not file or ours or name == "__main__":
            continue
        path = Path(file)
        inside = path.is_relative_to(folder) and not {"site-packages", "lib"} & set(
            path.relative_to(folder).parts
        )
        if inside and not path.is_relative_to(sys.prefix):
            found.append(module)
    return found


def forget_modules(folder: Path) -> None:
    """Let what was imported from a folder be read again when it is imported next."""
    ours = {id(module) for module in modules_in(folder)}
    for name, module in list(sys.modules.items()):
        if id(module) in ours:
            del sys.modules[name]
    importlib.invalidate_caches()


def lines_at(path: Path, said: str) -> list[tuple[int, str, bool]]:
    """Give the lines of a file around the one that a sentence names: number, text, whether it."""
    found = _LINE.findall(said)
    if not found:
        return []
    number = int(found[-1])
    lines = linecache.getlines(str(path))
    first, last = max(1, number - _AROUND), min(len(lines), number + _AROUND)
    return [(each, lines[each - 1].rstrip("\n"), each == number) for each in range(first, last + 1)]


def as_png(pixels: Pixels) -> bytes:
    """Make a picture for the page, quickly rather than small."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels[..., :3].copy()).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(".: ") + "."
