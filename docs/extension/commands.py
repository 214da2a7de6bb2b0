"""Lays out what sphinx-click reads from the commands: examples as code, defaults as typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import click
from sphinx.application import Sphinx

EXAMPLES = re.compile(r"\| Examples?:")


def description(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show what stands below `Examples:` as lines to copy."""
    lines[:] = _with_code(lines)


def options(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show a default as it is typed, not as Python writes it."""
    lines[:] = [re.sub(r":default: ``'(.*)'``", r":default: ``\1``", line) for line in lines]


def _with_code(lines: Sequence[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if EXAMPLES.fullmatch(line):
            inside = True
            yield from ("", ".. code-block:: sh", "")
        elif inside and line.startswith("| "):
            yield f"   {line[1:].strip()}"
        else:
            inside = False
            yield line


def setup(app: Sphinx) -> dict[str, Any]:
    """Listen to sphinx-click."""
    app.connect("sphinx-click-process-description", description)
    app.connect("sphinx-click-process-options", options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
