"""The key of a film, made of all that decides how it looks: equal keys mean equal pictures.

Into the key go the scene's source and what it imports from beside it, the package that draws it,
the trace, the words, the theme with its fonts and logo, the settings, and the versions of the
libraries that draw. What else a story of the user's own reads while it is played is found out
by watching it, and goes into the key of the next time.
"""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.engine.model.cells import circuit_of
from lstmviz.films.story_files import _neighbours, _package_folder, shipped, sources_of
from lstmviz.stage.story.discovery import scenes_folder
from lstmviz.system.hashing import files_key, key_of, package, versions

if TYPE_CHECKING:
    from lstmviz.films.story_summary import StorySummary
    from lstmviz.stage.story.story import Story
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.language import Language
    from lstmviz.style.look import FilmLook
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace


def film_key(
    story: type[Story] | StorySummary,
    trace: Trace,
    telling: Telling,
    look: FilmLook,
    *,
    stills: bool = False,
) -> str | None:
    """Give the key of a film, or of its `stills`; None where no source tells of the story.

    That is one whose class was made inside a function, or typed into a session; and one in whose
    cell there is a circuit of that kind.
    """
    sources, circuit = _sources(story), _circuit(trace)
    if sources is None or circuit is None:
        return None
    name = story.__qualname__ if isinstance(story, type) else story.qualname
    settings = telling.options(look) | {"size": look.picture, "stills": stills}
    words, theme = settings.pop("lang"), settings.pop("theme")
    return key_of(
        versions(),
        package(),
        name,
        *sources,
        *circuit,
        trace.digest(),
        _weights_key(trace) if story.needs_weights else "",
        words_key(words, story),
        theme_key(theme),
        sorted(settings.items()),
    )


def _weights_key(trace: Trace) -> str:
    """Give a key of the network of a trace, or of what is told of where it comes from."""
    return str(trace.network.source) if trace.made_by is None else trace.made_by.digest()


def words_key(words: Language, story: type[Story] | StorySummary) -> str:
    """Give a key of the words of a film: the captions and the title of its own story alone."""
    name = story.story_name()
    sections = sorted(words.captions) if _tells_others(story) else [name]
    captions = [sorted(words.captions.get(section, {}).items()) for section in sections]
    return key_of(
        words.code,
        sorted(words.terms.items()),
        captions,
        words.letters_per_second,
        words.plural,
        sorted(words.words),
        words.title(name, ""),
        sorted(words.files.items()),
    )


def theme_key(theme: Theme) -> str:
    """Give a key of a theme: its colours, and the content of its fonts and its logo."""
    values = [getattr(theme, each.name) for each in dataclasses.fields(theme)]
    named = [sorted(value.items()) if hasattr(value, "items") else value for value in values]
    paths: list[str | Path] = [*theme.fonts.values()]
    if theme.logo is not None:
        paths.append(theme.logo.path)
    return key_of(named, *files_key(paths))


def _sources(story: type[Story] | StorySummary) -> list[object] | None:
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


def _circuit(trace: Trace) -> list[object] | None:
    """The content of the files that draw a cell which does not come along."""
    drawing = circuit_of(trace)
    while isinstance(drawing, partial):
        drawing = drawing.func
    if drawing is None:
        return []
    try:
        path = Path(inspect.getfile(inspect.unwrap(drawing))).resolve()
    except (TypeError, OSError):
        return None
    if not path.is_file():
        return None
    if _package_folder() in path.parents:
        return []
    return [str(Path.cwd()), *files_key([path, *_neighbours([path])])]


def _tells_others(story: type[Story] | StorySummary) -> bool:
    """Whether a story is made of others."""
    if not isinstance(story, type):
        return story.of_others
    from lstmviz.stage.stories.film import FilmStory

    return issubclass(story, FilmStory)
