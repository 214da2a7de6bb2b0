"""The commands about lstmviz itself: is it in order here, and what may be changed."""

from __future__ import annotations

from pathlib import Path

import click

from lstmviz.cli import options
from lstmviz.cli.choice import Choice
from lstmviz.cli.progress import size, wrote


@click.command(short_help="Print a theme file to start from.")
def theme() -> None:
    """Print a theme with every setting explained: colours, fonts, a logo.

    \b
    Example:
      lstmviz theme > my.toml
      lstmviz render forget-gate --theme my.toml
    """
    from lstmviz.style.theme_file import template

    click.echo(template(), nl=False)


@click.command(short_help="Print a language file to fill in.")
@click.option(
    "--template",
    "name",
    required=True,
    metavar="CODE",
    help="The code of the language, such as es; or a language file, of which is kept what it has.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write it (default: it is printed).")
@options.force
def language(name: str, output: str | None, force: bool) -> None:
    """Print a language file with every text that there is, each below its English.

    \b
    Example:
      lstmviz language --template de -o de.toml
      lstmviz check --lang de.toml
      lstmviz render forget-gate --lang de.toml
    """
    from lstmviz.style import language as words
    from lstmviz.style.language_file import template
    from lstmviz.system.atomic_files import check_target, refuse_inputs, whole_file

    known = name in words.languages() or name.endswith(".toml")
    filled = words.language(name) if known else None
    text = template(name if filled is None else filled.code, filled)
    if output is None:
        click.echo(text, nl=False)
        return
    refuse_inputs([Path(output)], [name])
    check_target(output, force=force)
    with whole_file(output, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    wrote(Path(output), False)


@click.command(short_help="Check that everything is there, and say how to mend what is not.")
def doctor() -> None:
    """Check fonts, libraries, encoders, versions and write access.

    For each fault it prints the command that mends it; with one, the exit code is 1.

    \b
    Example:
      lstmviz doctor
    """
    from lstmviz.cli.diagnostics import examine

    failed = False
    for finding in examine():
        mark = "ok  " if finding.good else "--  " if finding.optional else "FAIL"
        click.echo(f"{mark}  {finding.what}: {finding.found}")
        if not finding.good:
            click.echo(f"      {'for that' if finding.optional else 'mend it'}: {finding.mend}")
            failed = failed or not finding.optional
    if failed:
        raise SystemExit(1)


@click.command(short_help="Show, limit or clear the cache of films.")
@click.argument("action", metavar="[clear]", type=Choice(["clear"]), required=False)
@click.option("--clear", is_flag=True, help="Remove all films from it, as `cache clear` does.")
@click.option(
    "--limit",
    callback=options.as_bytes,
    metavar="SIZE",
    help="Let it hold so much from now on, say 2GB.",
)
def cache(action: str | None, clear: bool, limit: int | None) -> None:
    """Show where drawn films are kept, so that none is drawn twice, and how much they take.

    What has not been used for longest goes when the limit is reached. The variable LSTMVIZ_CACHE
    names another folder.

    \b
    Examples:
      lstmviz cache
      lstmviz cache clear
      lstmviz cache --limit 2GB
    """
    from lstmviz.system.disk_cache import Cache

    kept = Cache.usual()
    if clear or action == "clear":
        click.echo(f"Freed {size(kept.clear())}.")
    if limit is not None:
        kept.set_limit(limit)
    films, used = kept.usage()
    click.echo(f"{kept.folder}: {films} films, {size(used)} of at most {size(kept.limit)}.")
