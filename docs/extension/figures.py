"""Shows every figure of the article: its film, its line, and the command that makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lstmviz.article.figures import FIGURES, as_sentence, heading
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "media" / "gallery"


def command(name: str) -> str:
    """Give the command that makes the film of a figure."""
    return f"lstmviz render {name} -o {name}.mp4"


class Figures(SphinxDirective):
    """`{figures}`: a section for each of `lstmviz.article.figures.FIGURES`, in their order."""

    option_spec: ClassVar[dict[str, Any]] = {"lang": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Make the sections; the page is made again when a film or a caption changes."""
        words = language(self.options.get("lang", "en"))
        record = GALLERY / "gallery.json"
        self.env.note_dependency(str(record))
        told = json.loads(record.read_text(encoding="utf-8"))
        return [self._section(name, told[name], words) for name in FIGURES]

    def _section(self, name: str, steps: list[dict[str, Any]], words: Any) -> nodes.section:
        number = FIGURES.index(name) + 1
        section = nodes.section(ids=[name], names=[name], classes=["figure"])
        story = find_story(name)
        title, _, more = heading(name, story, words).partition(": ")
        section += nodes.title("", f"{number}. {title}")
        if more:
            section += nodes.paragraph("", f"{as_sentence(more)}.")
        film = GALLERY / f"{name}.gif"
        uri = Path("..") / film.relative_to(ROOT)
        alt = " ".join(step["caption"] for step in steps)
        section += nodes.image(uri=uri.as_posix(), alt=f"{title}. {alt}", loading="lazy")
        section += nodes.literal_block(command(name), command(name), language="sh")
        return section


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("figures", Figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
