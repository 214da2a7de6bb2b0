"""The command that draws a story again whenever it is saved, and shows it in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Any

import click

from lstmviz.cli import completion, options
from lstmviz.cli.errors import Ended, Failure

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")  # without these only browsers of terminals


@click.command(short_help="Draw a story of yours again at each save, in the browser.")
@click.argument("story", metavar="FILE.py[:STORY]", shell_complete=completion.stories)
@options.told
@options.look
@options.pace
@options.quality("720p")
@options.aspect
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="The port of the page on this machine (default: a free one).",
)
@options.quiet
def watch(story: str, no_browser: bool, port: int, quiet: bool, **given: Any) -> None:
    """Show the picture that each step of a story ends with, drawn again at each save.

    The step that was changed comes first. Files that the story imports from its own folder are
    read again, too; what fails is told on the page and here, until it is mended. The page is for
    this machine alone. Ctrl-C ends it.

    \b
    Examples:
      lstmviz watch my_story.py
      lstmviz watch my_story.py:MyStory --aspect 9:16 --lang zh --theme light
    """
    from lstmviz.cli.watch_page import Board, serving
    from lstmviz.cli.watching import Studio, file_of, saves
    from lstmviz.system.python_files import parsed, split_name

    name = file_of(story)
    path = split_name(name)[0]
    assert path is not None
    if not path.is_file():
        parsed(path)
    sys.dont_write_bytecode = True  # two saves in a second would be one to what Python keeps
    studio = Studio(name, given, Board())

    def say(text: str) -> None:
        if not quiet or text.startswith("Error"):
            click.echo(text, err=True)

    try:
        with serving(studio.board, port) as address:
            say(f"Watching {path}: {address} (Ctrl-C ends it)")
            if not no_browser:
                _open(address)
            for _ in saves(studio.files):
                say(studio.draw())
    except (KeyboardInterrupt, Ended):
        say("Ended.")
    except OSError as error:
        if port == 0:
            raise
        raise Failure(
            f"The port {port} cannot be used; leave out --port for a free one."
        ) from error


def _open(address: str) -> None:
    """Open the page, where there is a screen."""
    if sys.platform in ("win32", "darwin") or any(map(os.environ.get, _SCREENS)):
        webbrowser.open(address)
