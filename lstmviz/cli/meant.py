"""What people mean who type another word than the command's, said in one sentence.

`OPTIONS` and `COMMANDS` are the words that are typed, with what is to be typed in their place: the
first whose options the command has. Nothing is taken for something else in silence.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from pathlib import Path

import click

from lstmviz.errors import UsageError
from lstmviz.export.common.format import endings, successors
from lstmviz.system.suggest import nearest

_INPUT = ("a text is --input",)
_NETWORK = ("a trained network is --network FILE",)
_SIZE = (
    "the size of the picture is --quality, as in --quality 1080p, and its shape --aspect",
    "the shape of the picture is --aspect",
)
_RATE = ("frames a second are --fps",)
_ENDING = (
    "the kind of films is --format",
    "the ending of -o says the format, as in -o film.gif",
)
_AT = ("the word that is told is --at",)
_GROUND = (
    "the colours are --theme, as in --theme light, and --transparent leaves the background out",
    "the colours are --theme, as in --theme light",
    "--transparent leaves the background out",
)
_COLOURS = ("the colours are --theme, as in --theme light",)
_OUTPUT = ("where to write is -o",)
_LANGUAGE = ("the language is --lang, as in --lang es",)
_PACE = ("how fast it is told is --pace, as in --pace 0.5",)
_CAPTIONS = ("the sentences below the picture are left out by --captions off",)
_PROCESSES = ("the processes that share the work are --jobs",)
_LIMIT = ("the most that a GIF or an MP4 may have is --max-size, as in --max-size 5MB",)
_HIDDEN = ("the units of a network with random weights are --hidden, those to show --units",)
_LOOP = ("a loop is made by --loop",)
_STEP = (
    "the step is --step",
    "a loop of one step is --loop STEP, and its picture alone is `lstmviz still`",
)
_FORCE = ("a file that stays is replaced by --force",)

OPTIONS = {
    **dict.fromkeys(("--text", "--sentence", "--review", "--prompt", "--string"), _INPUT),
    **dict.fromkeys(("--data", "--file", "--csv", "--table"), ("a table is --input FILE",)),
    **dict.fromkeys(("--model", "--weights", "--checkpoint", "--net"), _NETWORK),
    **dict.fromkeys(("--size", "--resolution", "--width", "--height", "--res", "--scale"), _SIZE),
    **dict.fromkeys(("--framerate", "--frame-rate", "--frames", "--rate"), _RATE),
    **dict.fromkeys(("--format", "--type", "--ext", "--gif", "--mp4", "--to"), _ENDING),
    **dict.fromkeys(("--word", "--position", "--tick", "--token", "--timestep"), _AT),
    **dict.fromkeys(("--background", "--bg", "--alpha"), _GROUND),
    **dict.fromkeys(("--dark", "--light", "--color", "--colour", "--colors", "--style"), _COLOURS),
    **dict.fromkeys(("--out", "--outfile", "--output-file", "--dest", "--folder"), _OUTPUT),
    **dict.fromkeys(("--language", "--locale", "--langs"), _LANGUAGE),
    **dict.fromkeys(("--speed", "--slow", "--fast", "--duration", "--tempo"), _PACE),
    **dict.fromkeys(("--no-captions", "--caption", "--no-text"), _CAPTIONS),
    **dict.fromkeys(("--threads", "--workers", "--processes", "--parallel"), _PROCESSES),
    **dict.fromkeys(("--max-bytes", "--limit", "--filesize", "--file-size"), _LIMIT),
    **dict.fromkeys(("--neurons", "--units-count", "--hidden-size", "--dim"), _HIDDEN),
    **dict.fromkeys(("--repeat", "--boomerang"), _LOOP),
    **dict.fromkeys(("--step", "--scene", "--frame"), _STEP),
    **dict.fromkeys(("--overwrite", "--replace", "--yes", "-y", "-f"), _FORCE),
    **dict.fromkeys(("--shape", "--ratio", "--aspect-ratio"), ("the shape is --aspect",)),
    **dict.fromkeys(("--type-of-cell", "--kind", "--rnn", "--gru", "--lstm"), ("it is --cell",)),
    **dict.fromkeys(("--verbose", "--debug", "-v"), ("there is only --quiet",)),
    "--version": ("the version is `lstmviz --version`",),
}
COMMANDS = {
    **dict.fromkeys(("animate", "draw", "film", "make", "video", "gif"), "render STORY"),
    **dict.fromkeys(("deck", "ppt", "pptx", "powerpoint", "presentation"), "slides STORY"),
    **dict.fromkeys(("picture", "image", "svg", "figure"), "still STORY"),
    **dict.fromkeys(("preview", "sheet", "thumbnails"), "storyboard STORY"),
    **dict.fromkeys(("run", "print", "show", "table"), "trace --input TEXT"),
    **dict.fromkeys(("ls", "stories", "cells", "themes", "networks", "languages"), "list"),
    **dict.fromkeys(("convert", "save"), "export FILE.reel"),
    **dict.fromkeys(("lint", "validate", "verify"), "check STORY"),
    **dict.fromkeys(("describe", "info", "summary", "load"), "inspect FILE"),
    **dict.fromkeys(("live", "serve", "reload", "develop"), "watch my_story.py"),
    **dict.fromkeys(("clear", "clean"), "cache clear"),
    **dict.fromkeys(("install", "setup", "diagnose", "test"), "doctor"),
    "version": "--version",
}
_NAMED = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")  # an option in a sentence


def refuse_other_words(context: click.Context, typed: Sequence[str]) -> None:
    """Refuse, and say what is meant by, options that are not there and words that are too many."""
    command = context.command
    try:
        _, left, _ = command.make_parser(context).parse_args(list(typed))
    except click.NoSuchOption as error:
        name = error.option_name
        raise UsageError(f"No such option {name}{_option(command, name)}.") from None
    except click.UsageError:  # which the command itself says as well
        return
    if left and not command.allow_extra_args:
        raise UsageError(_too_many(context, typed, [str(each) for each in left]))


def other_command(group: click.Group, name: str, stories: Iterable[str]) -> str:
    """Say which command is meant by another word."""
    known = COMMANDS.get(name.casefold())
    if known is None and name.casefold().replace("_", "-") in stories:
        known = f"render {name}"
    if known is None and name.lower().endswith((".py", ".reel")):
        known = f"{'render' if name.lower().endswith('.py') else 'export'} {name}"
    commands = [each for each in group.commands if not group.commands[each].hidden]
    meant = f"; type lstmviz {known}" if known else nearest(name, commands)
    return f"No such command '{name}'{meant or '; `lstmviz help` lists them'}."


def meant_option(name: str, have: Set[str]) -> str:
    """Say which of the options that are there is meant by another; empty where nobody knows."""
    for said in OPTIONS.get(name.casefold(), ()):
        if have >= set(_NAMED.findall(re.sub(r"`[^`]*`", "", said))):
            return f": {said}"
    return ""


def _option(command: click.Command, name: str) -> str:
    have = {each for option in command.params for each in (*option.opts, *option.secondary_opts)}
    long = sorted(each for each in have if each.startswith("--"))
    return (
        meant_option(name, have)
        or nearest(name, long)
        or f"; `{_path(command)} --help` lists those that there are"
    )


def _path(command: click.Command) -> str:
    return f"lstmviz {command.name}"


def _too_many(context: click.Context, typed: Sequence[str], left: Sequence[str]) -> str:
    """Say what to do about words that belong to no option."""
    several = ", ".join(left)
    command = context.command
    if (option := _takes_text(command, typed)) and not _are_files(left):
        text = _text_after(command, typed, option)
        return (
            f"A text of several words stands in quotes: {option} {_quoted(text)}; without them "
            f"{several} {'belongs' if len(left) == 1 else 'belong'} to nothing."
        )
    if _are_files(left) and {"-o", "--output"} & set(typed):
        files = " ".join(f"-o {shlex.quote(each)}" for each in left)
        return f"-o takes one file; write it again for each: … {files}."
    arguments = [each.name for each in command.params if isinstance(each, click.Argument)]
    if "story" in arguments and any(_is_story(each) for each in left):
        return (
            f"`{_path(command)}` takes one story, and {several} "
            f"{'is' if len(left) == 1 else 'are'} there, too: make each by itself, several films "
            "by `lstmviz batch`, or slides of all by `lstmviz slides`."
        )
    return (
        f"{several} {'is' if len(left) == 1 else 'are'} more than `{_path(command)}` takes; "
        f"`{_path(command)} --help` shows what it does, and a value with spaces stands in quotes."
    )


def _is_story(word: str) -> bool:
    from lstmviz.stage.story.discovery import name_in_list, stories

    return name_in_list(word) in {story.name for story in stories()} or ".py" in word


def _are_files(words: Sequence[str]) -> bool:
    known = {*endings(), *successors()}
    return all(Path(each).suffix.lower() in known for each in words)


def _text_options(command: click.Command) -> set[str]:
    wanted = ("input", "compare", "title", "at")
    return {opt for each in command.params if each.name in wanted for opt in each.opts}


def _takes_text(command: click.Command, typed: Sequence[str]) -> str:
    """Give the option after whose first word there are others that belong to no option."""
    known = _text_options(command)
    for place, word in enumerate(typed):
        rest = typed[place + 2 : place + 3]
        if word in known and rest and not rest[0].startswith("-") and not _is_story(rest[0]):
            return word
    return ""


def _text_after(command: click.Command, typed: Sequence[str], option: str) -> str:
    words = []
    for word in typed[list(typed).index(option) + 1 :]:
        if word.startswith("-"):
            break
        words.append(word)
    with suppress(IndexError):
        if _is_story(words[-1]) and len(words) > 2:
            words.pop()
    return " ".join(words)


def _quoted(text: str) -> str:
    return f'"{text}"' if not set('"$`\\!') & set(text) else shlex.quote(text)
