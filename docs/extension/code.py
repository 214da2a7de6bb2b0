"""Finds what docstrings and annotations name, and shows the cells as the equations that run."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import make_refnode

import lstmviz.stage
from lstmviz.engine.model.cells import CELLS

# What annotations name that is described elsewhere, or is plain enough to need no description.
ELSEWHERE = frozenset(lstmviz.stage.__all__) | frozenset(
    "Activation Any Array ArrayLike Callable Columns DataFrame Dataset Direction Drawing "
    "GapMarks OtherInput dtype DTypeLike Equation FigureListener floating Function GrowingNpz "
    "History Initial int64 Iterator Kind Layout Listener Made MadeBy Mapping Mask Matrix Merge "
    "Mobject Motion NDArray ndarray Notation Padding Parts Path Paths Pixels Pooling Rect Room "
    "Scale Sequence Source SpokenNumber Tell Tokenizer VMobject Vocabulary Weighed".split()
)


class Cells(SphinxDirective):
    """`{cells}`: a section with the equations of each of `lstmviz.engine.model.cells.CELLS`."""

    def run(self) -> list[nodes.Node]:
        """Make the sections; the page is made again when an equation changes."""
        for each in CELLS:
            self.env.note_dependency(inspect.getfile(inspect.unwrap(each.equations)))
        return [self._section(cell) for cell in CELLS]

    def _section(self, cell: Any) -> nodes.section:
        section = nodes.section(ids=[f"cell-{cell.name}"], names=[f"cell {cell.name}"])
        section += nodes.title("", cell.name)
        section += nodes.paragraph("", cell.title)
        text = equations(cell)
        section += nodes.literal_block(text, text, language="python")
        return section


def equations(cell: Any) -> str:
    """Give the equations of a cell as they stand in its source, below the docstring."""
    source = textwrap.dedent(inspect.getsource(cell.equations))
    return textwrap.dedent(source.partition('"""\n')[2]).rstrip()


def signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, text: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """Give a signature with its annotations as they are written, not what they stand for."""
    if what not in ("class", "function", "method"):
        return None
    try:
        plain = inspect.signature(obj)
    except (TypeError, ValueError):
        return None
    parameters = list(plain.parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        plain = plain.replace(parameters=parameters[1:])
    made = stringify_signature(plain, show_return_annotation=False).replace("<factory>", "...")
    gives = plain.return_annotation
    return made, gives if isinstance(gives, str) and what != "class" else None


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Lead a name to where it is described, whatever module its annotation found it in."""
    if node.get("refdomain") != "py":
        return None
    name = node["reftarget"].partition("[")[0].rpartition(".")[2]
    found = [
        (full, entry)
        for full, entry in env.domains.python_domain.objects.items()
        if full.rpartition(".")[2] == name and entry.objtype in ("class", "exception", "function")
    ]
    if len(found) == 1 and app.builder is not None:
        full, entry = found[0]
        where, here = entry.docname, node.get("refdoc", "python")
        return make_refnode(app.builder, here, where, entry.node_id, content, full)
    return content if name in ELSEWHERE else None


def trim(app: Sphinx, tree: nodes.document) -> None:
    """Take away the empty line that ends an example, where doctest needs it and readers do not."""
    for block in tree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource = text
        block[:] = [nodes.Text(text)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive, and answer to names."""
    app.add_directive("cells", Cells)
    app.connect("autodoc-process-signature", signature)
    app.connect("doctree-read", trim)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
