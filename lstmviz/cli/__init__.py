"""The command line: parses, calls and prints; each command imports what it needs when it runs.

Imports everything. Begin with `options`, which several commands share, then `films`.
"""

from __future__ import annotations

import click

from lstmviz.cli.article import article
from lstmviz.cli.batch import batch
from lstmviz.cli.errors import Commands
from lstmviz.cli.films import check, export, render, storyboard
from lstmviz.cli.help import help_
from lstmviz.cli.inspect import inspect
from lstmviz.cli.maintenance import cache, doctor, language, theme
from lstmviz.cli.slides import slides, still
from lstmviz.cli.trace import list_, trace
from lstmviz.cli.watch import watch
from lstmviz.stage.manim.lazy_import import manim_imported_lazily

# An option may also be set for good, as in LSTMVIZ_RENDER_QUALITY=1080p.
SETTINGS = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "LSTMVIZ"}


@click.group("lstmviz", cls=Commands, context_settings=SETTINGS)
@click.version_option(package_name="lstmviz", message="lstmviz %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Films of recurrent networks at work: every gate on screen, every number true.

    \b
    Examples:
      lstmviz render forget-gate -o forget-gate.mp4 -o forget-gate.gif
      lstmviz trace --cell gru --input "I will never buy it again"
      lstmviz list
    """
    context.with_resource(manim_imported_lazily())  # the process is the command's own


for _command in (
    render,
    article,
    batch,
    slides,
    still,
    storyboard,
    watch,
    trace,
    list_,
    export,
    check,
    inspect,
    theme,
    language,
    cache,
    doctor,
    help_,
):
    # Not only from the group: click remembers how a command is asked for help the first time.
    _command.context_settings["help_option_names"] = SETTINGS["help_option_names"]
    main.add_command(_command)
