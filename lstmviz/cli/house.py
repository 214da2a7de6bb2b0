"""The commands about lstmviz itself: is it in order here, and what may be changed."""

from __future__ import annotations

import click


@click.command(short_help="Print a theme file to start from.")
def theme() -> None:
    """Print a theme with every setting explained: colours, fonts, a logo.

    \b
    Example:
      lstmviz theme > my.toml
      lstmviz render forget-gate --theme my.toml
    """
    from lstmviz.stage.brand import template

    click.echo(template(), nl=False)


@click.command(short_help="Check that everything is there, and say how to mend what is not.")
def doctor() -> None:
    """Check fonts, libraries, encoders, versions and write access.

    For each fault it prints the command that mends it; with one, the exit code is 1.

    \b
    Example:
      lstmviz doctor
    """
    from lstmviz.doctor import examine

    failed = False
    for finding in examine():
        mark = "ok  " if finding.good else "--  " if finding.optional else "FAIL"
        click.echo(f"{mark}  {finding.what}: {finding.found}")
        if not finding.good:
            click.echo(f"      {'for that' if finding.optional else 'mend it'}: {finding.mend}")
            failed = failed or not finding.optional
    if failed:
        raise SystemExit(1)
