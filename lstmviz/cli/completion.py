"""What the shell offers when somebody presses Tab: names, files, steps, and words of the input.

It must be quick and silent: nothing here imports Manim, and what fails offers nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_LONGEST = 100_000  # bytes of a text whose words are offered

Words = Callable[[click.Context], Iterable[str]]
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completer(words: Words, *, file: bool = False) -> Completer:
    """Make what a parameter completes itself with: some words, and files where these may stand."""

    def complete(
        context: click.Context, parameter: click.Parameter, begun: str
    ) -> list[CompletionItem]:
        try:
            offered = list(dict.fromkeys(words(context)))
        except Exception:  # whatever it is, nobody asked for it
            offered = []
        low = begun.casefold()
        found = [CompletionItem(each) for each in offered if each.casefold().startswith(low)]
        return found or ([CompletionItem(begun, type="file")] if file else [])

    return complete


def _stories(context: click.Context) -> Iterable[str]:
    from importlib.metadata import entry_points

    from lstmviz.stage.story.discovery import GROUP
    from lstmviz.stage.story.outlines import outlines

    return [*outlines(), *(point.name for point in entry_points(group=GROUP))]


def _cells(context: click.Context) -> Iterable[str]:
    from lstmviz.engine.model.cells import CELLS

    return [cell.name for cell in CELLS]


def _themes(context: click.Context) -> Iterable[str]:
    from lstmviz.style.theme import THEMES

    return THEMES


def _languages(context: click.Context) -> Iterable[str]:
    from lstmviz.style.language import languages

    return languages()


def _networks(context: click.Context) -> Iterable[str]:
    from lstmviz.demo.networks import NAMES

    return NAMES


def _topics(context: click.Context) -> Iterable[str]:
    group = context.parent and context.parent.command
    return [*(group.commands if isinstance(group, click.Group) else ()), "completion"]


def _figures(context: click.Context) -> Iterable[str]:
    from lstmviz.article.figures import FIGURES

    return FIGURES


def _words(context: click.Context) -> Iterable[str]:
    """Give the words of the input that was typed before, or of its file."""
    from lstmviz.engine.inputs.tokenise import tokenise

    text = context.params.get("input") or ""
    if text.endswith(".txt") and os.path.isfile(text):
        if os.path.getsize(text) > _LONGEST:
            return []
        text = Path(text).read_text("utf-8", "replace")
    return tokenise(text, set())


def _steps(context: click.Context) -> Iterable[str]:
    """Give the steps of the story, or of the reel, that was typed before."""
    from lstmviz.stage.story.discovery import name_in_list
    from lstmviz.stage.story.outlines import outlines
    from lstmviz.stage.story.steps_written import steps_written
    from lstmviz.system.python_files import split_name

    if reel := context.params.get("reel"):
        from lstmviz.reel.reel import Reel

        return [step.name for step in Reel.load(reel).steps]
    story = context.params.get("story") or ""
    path, _, _ = split_name(story)
    if path is not None:
        return steps_written(path)
    return outlines()[name_in_list(story) or ""].steps


cells = _completer(_cells, file=True)
figures = _completer(_figures)
languages = _completer(_languages, file=True)
networks = _completer(_networks, file=True)
steps = _completer(_steps)
stories = _completer(_stories, file=True)
topics = _completer(_topics)
themes = _completer(_themes, file=True)
words = _completer(_words)
