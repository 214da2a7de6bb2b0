"""The summary of a story that comes with lstmviz, used in place of its class until it is drawn.

To know a film in the cache one must know what the story's class says of itself, and to have the
class Manim must be imported, which takes longer than making most files of the film. So what it
says is noted in the cache, under a key of all that it depends on: the scenes, the package and
the versions of the libraries. The class itself is opened when there is something to draw.

A story of the user's own may say another thing each time, and has no stand-in.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.films.story_files import shipped, sources_of
from lstmviz.stage.story.discovery import find_story, name_in_list, scenes_folder
from lstmviz.system.hashing import contents, key_of, package, versions

if TYPE_CHECKING:
    from lstmviz.stage.story.story import Story
    from lstmviz.system.disk_cache import Cache
    from lstmviz.trace.trace import Trace

_NOT_READ = frozenset({"__pycache__"})


@dataclass(frozen=True)
class StorySummary:
    """What the class of a story says of itself; `files` are those in the scenes' folder."""

    name: str
    qualname: str
    said: str
    input: str
    cell: str
    network: str
    needs: tuple[str, ...]
    refuses: tuple[str, ...]
    files: tuple[str, ...]
    of_others: bool  # a film that tells other stories
    needs_weights: bool
    loop_of: str

    @classmethod
    def of(cls, story: type[Story]) -> StorySummary | None:
        """Give what stands in for a class; None for one that cannot be written down."""
        from lstmviz.stage.stories.film import FilmStory

        paths = sources_of(story)
        plain = isinstance(story.cell, str) and isinstance(story.input, str)
        if not plain or not paths or any(path.parent != scenes_folder() for path in paths):
            return None
        return cls(
            name=story.story_name(),
            qualname=story.__qualname__,
            said=story.summary(),
            input=story.input,
            cell=str(story.cell),
            network=story.network,
            needs=tuple(story.needs),
            refuses=tuple(story.refuses),
            files=tuple(path.name for path in paths),
            of_others=issubclass(story, FilmStory),
            needs_weights=story.needs_weights,
            loop_of=story.loop_of,
        )

    def story(self) -> type[Story]:
        """Open the class."""
        return find_story(self.name)

    def story_name(self) -> str:
        """Give the name by which users call the story."""
        return self.name

    def summary(self) -> str:
        """Give the line that says what it shows."""
        return self.said

    def check_needs(self, trace: Trace) -> None:
        """Refuse a trace that no story with these needs could show; the class says why.

        A class may refuse more. It is asked before it draws, and what was drawn it has taken.
        """
        if trace.cell in self.refuses or any(name not in trace for name in self.needs):
            self.story().check_needs(trace)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where it is written."""
        return tuple(scenes_folder() / name for name in self.files)


def known_story(name: str | Path, cache: Cache | None) -> type[Story] | StorySummary:
    """Find a story as `find_story` does, or what a cache knows of it.

    Raises:
        UsageError: there is none; lists those that there are.
        LstmvizError: its file fails when it is opened.
    """
    wanted = name_in_list(name)
    if cache is None or wanted is None:
        return find_story(name)
    key = key_of("story", wanted, versions(), package(), *contents(scenes_folder(), _NOT_READ))
    noted = _read(cache.noted(key))
    if noted is not None:
        return noted
    story = find_story(name)
    made = StorySummary.of(story) if shipped(story) else None
    if made is not None:
        told = dataclasses.asdict(made)
        cache.note(key, [_sum(told), told])
    return story


def opened(story: type[Story] | StorySummary) -> type[Story]:
    """Give the class of a story, which draws it."""
    return story.story() if isinstance(story, StorySummary) else story


def _read(noted: Any) -> StorySummary | None:
    """Read a note; None where there is none, or the disk has lost something of it."""
    try:
        check, told = noted
        if check != _sum(told):
            return None
        lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
        return StorySummary(**{**told, **lists})
    except (TypeError, ValueError, AttributeError):
        return None


def _sum(told: dict[str, Any]) -> str:
    return key_of(*((name, list(v) if isinstance(v, tuple) else v) for name, v in told.items()))
