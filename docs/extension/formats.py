"""Shows the formats as their writers declare them: a table of all endings."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lstmviz.export.common.format import Format, formats

HEAD = ("ending", "what it is", "good for", "background", "needs")
GROUNDS = {None: "always", False: "unless --transparent", True: "only with --opaque"}


class Formats(SphinxDirective):
    """`{formats}`: a row for each format, kind by kind."""

    def run(self) -> list[nodes.Node]:
        """Make the table; the page is made again when a writer says something else."""
        self.env.note_reread()
        group = nodes.tgroup(cols=len(HEAD))
        group += [nodes.colspec(colwidth=width) for width in (8, 40, 32, 20, 20)]
        group += nodes.thead("", _row([nodes.Text(text) for text in HEAD]))
        group += nodes.tbody("", *(_row(_cells(each)) for each in formats().values()))
        return [nodes.table("", group)]


def _cells(each: Format) -> list[nodes.Node]:
    extra = f"pip install 'lstmviz[{each.extra}]'" if each.extra else ""
    return [
        nodes.literal("", each.ending),
        nodes.Text(each.description),
        nodes.Text(each.purpose),
        nodes.Text(GROUNDS[each.alpha]),
        nodes.literal("", extra) if extra else nodes.Text(""),
    ]


def _row(cells: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("formats", Formats)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
