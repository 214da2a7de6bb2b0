"""The command that helps: of all commands, of one, or of how the shell completes words."""

from __future__ import annotations

import click

from lstmviz.cli import completion
from lstmviz.errors import UsageError
from lstmviz.system.suggest import named, nearest

COMPLETION = """\
The shell can complete commands, options, stories, cells, themes, languages, networks, steps and
the words of an input (lstmviz render tanh --input "good but dull" --at <Tab>). Type once:

bash (4.4 or newer):
  echo 'eval "$(_LSTMVIZ_COMPLETE=bash_source lstmviz)"' >> ~/.bashrc
zsh:
  echo 'eval "$(_LSTMVIZ_COMPLETE=zsh_source lstmviz)"' >> ~/.zshrc
fish:
  _LSTMVIZ_COMPLETE=fish_source lstmviz > ~/.config/fish/completions/lstmviz.fish

A new shell has it. Where lstmviz is in an environment, as of `make demo`, that must be active then.
"""


@click.command("help", short_help="Help with a command, or with completion in the shell.")
@click.argument("command", required=False, shell_complete=completion.topics)
@click.pass_context
def help_(context: click.Context, command: str | None) -> None:
    """Say what lstmviz does, or what COMMAND does; `completion` tells how to set up the shell.

    \b
    Examples:
      lstmviz help render
      lstmviz help completion
    """
    above = context.parent
    assert above is not None
    group = above.command
    assert isinstance(group, click.Group)
    if command is None:
        click.echo(group.get_help(above))
        return
    topics = [*group.commands, "completion"]
    name = named(command, topics)
    if name is None:
        raise UsageError(
            f"There is no help about '{command}'{nearest(command, topics)}; there is about: "
            f"{', '.join(topics)}."
        )
    if name == "completion":
        click.echo(COMPLETION, nl=False)
        return
    wanted = group.commands[name]
    click.echo(wanted.get_help(click.Context(wanted, info_name=name, parent=above)))
