"""Draws the house: the rooms of the package, one above the other, as the contract orders them."""

from __future__ import annotations

import ast
import re
import tomllib
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "pyproject.toml"
DOORS = ("trace", "reel")  # all that goes from one wing of the house to another
WIDTH, MARGIN, HEIGHT, GAP = 920, 14, 34, 10


def floors() -> list[list[str]]:
    """Give the rooms, the highest first; those of one floor know nothing of each other."""
    project = tomllib.loads(CONTRACTS.read_text(encoding="utf-8"))
    (contract, *_) = project["tool"]["importlinter"]["contracts"]
    named = [re.split(r" [|:] ", floor) for floor in contract["layers"]]
    return [rooms for rooms in named if rooms != ["__main__"]]


def source(room: str) -> Path:
    """Give the file whose docstring says what a room is for."""
    folder = ROOT / "lstmviz" / room
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def purpose(room: str) -> str:
    """Say in a sentence what a room is for."""
    text = ast.get_docstring(ast.parse(source(room).read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].rstrip(".").replace("`", "")


def drawing() -> str:
    """Draw the house as SVG, in the colours of the page."""
    shapes, y = [], MARGIN
    for rooms in floors():
        height = HEIGHT * len(rooms)
        shapes.append(
            f'<rect x="{MARGIN}" y="{y}" width="{WIDTH - 5 * MARGIN}" height="{height}" rx="5" '
            'fill="var(--color-background-secondary)" stroke="var(--color-background-border)"/>'
        )
        for k, room in enumerate(rooms):
            line = y + k * HEIGHT + 22
            ink = "brand-primary" if room in DOORS else "foreground-primary"
            shapes.append(
                f'<text x="{2 * MARGIN}" y="{line}" fill="var(--color-{ink})">'
                f'<tspan font-weight="bold">{room}</tspan>'
                f'<tspan x="120">{escape(purpose(room))}</tspan></text>'
            )
        y += height + GAP
    x = WIDTH - 2 * MARGIN
    shapes.append(
        f'<path d="M{x} {MARGIN}V{y - 2 * GAP}m-6 -10l6 10l6 -10" fill="none" stroke-width="1.5" '
        'stroke="var(--color-foreground-muted)"/>'
    )
    label = "The rooms, the highest first: " + ", ".join(" and ".join(each) for each in floors())
    return (
        f'<svg class="house" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{label}" '
        f'font-size="14.5">{"".join(shapes)}</svg>'
    )


class House(SphinxDirective):
    """`{house}`: the rooms as a picture, with the first line of what each says of itself."""

    def run(self) -> list[nodes.Node]:
        """Draw it; the page is made again when a room or a contract changes."""
        for path in (CONTRACTS, *(source(room) for rooms in floors() for room in rooms)):
            self.env.note_dependency(str(path))
        return [nodes.raw("", drawing(), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("house", House)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
