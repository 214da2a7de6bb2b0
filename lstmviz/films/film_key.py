"""What decides how a film looks, as a key: equal keys mean equal pictures.

Into the key go the scene's source and what it imports from beside it, the package that draws it,
the trace, the words, the theme with its fonts and logo, the settings, and the versions of the
libraries that draw. What else a story of the user's own reads while it is played is found out
by watching it, and goes into the key of the next time.
"""

from __future__ import annotations

import dataclasses
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
from lstmviz.system.hashing import files_key, key_of, package, versions

if TYPE_CHECKING:
    from lstmviz.films.story_summary import StandIn
    from lstmviz.stage.story.story import Story
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace


def film_key(
    story: type[Story] | StandIn, trace: Trace, words: Language, theme: Theme, **settings: object
) -> str | None:
    """Give the key of a film, or None where a story cannot be known by its source.

    That is one whose class was made inside a function, or typed into a session.
    """
    sources = _sources(story)
    if sources is None:
        return None
    name = story.__qualname__ if isinstance(story, type) else story.qualname
    return key_of(
        versions(), package(), name, *sources, trace.digest(),
        words_key(words, story), theme_key(theme), sorted(settings.items()),
    )  # fmt: skip


def words_key(words: Language, story: type[Story] | StandIn) -> str:
    """Give a key of the words of a film: the captions of its own story alone."""
    name = story.story_name()
    sections = sorted(words.captions) if _tells_others(story) else [name]
    captions = [sorted(words.captions.get(section, {}).items()) for section in sections]
    return key_of(words.code, sorted(words.terms.items()), captions, words.letters_per_second)


def theme_key(theme: Theme) -> str:
    """Give a key of a theme: its colours, and the content of its fonts and its logo."""
    values = [getattr(theme, each.name) for each in dataclasses.fields(theme)]
    named = [sorted(value.items()) if hasattr(value, "items") else value for value in values]
    paths: list[str | Path] = [*theme.fonts.values()]
    if theme.logo is not None:
        paths.append(theme.logo.path)
    return key_of(named, *files_key(paths))


@contextmanager
def watched(story: type[Story] | StandIn) -> Iterator[list[Path]]:
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
    """Hears of every file that this process opens; Python keeps such a listener for good."""

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


def _sources(story: type[Story] | StandIn) -> list[object] | None:
    """The content of the files that a story is written in, and of what they import beside them."""
    paths = sources_of(story) if isinstance(story, type) else story.paths
    if paths is None:
        return None
    if _tells_others(story):
        paths = (*paths, *sorted(scenes_folder().glob("*.py")))
    if shipped(story):
        return [path.read_bytes() for path in paths]
    # The same source elsewhere may read other files: where it is belongs to what it is.
    return [str(Path.cwd()), *files_key([*paths, *_neighbours(paths)])]


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


def shipped(story: type[Story] | StandIn) -> bool:
    """Tell whether a story comes with lstmviz; it reads no file but the package's own."""
    if not isinstance(story, type):
        return True
    try:
        return Path(inspect.getfile(story)).resolve().parent == scenes_folder()
    except (TypeError, OSError):
        return False


def _tells_others(story: type[Story] | StandIn) -> bool:
    """Whether a story is made of others."""
    if not isinstance(story, type):
        return story.of_others
    from lstmviz.stage.stories.film import FilmStory

    return issubclass(story, FilmStory)


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
    return Path(__file__).resolve().parent


def _of_python(path: Path) -> bool:
    path = path.resolve()
    inside = any(home in path.parents for home in _homes())
    return inside or path.suffix == ".pyc" or path.parts[1:2] in (("dev",), ("proc",), ("sys",))


