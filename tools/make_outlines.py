"""Note how long the film of each shipped story is, and its steps, for `lstmviz list` and shells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lstmviz.films.render import trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.drawing.forked_workers import dry_run
from lstmviz.stage.drawing.slices import Teller
from lstmviz.stage.manim.renderers import canvas
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook

TABLE = Path(__file__).parents[1] / "lstmviz/stage/story/outlines.json"


def outline(name: str) -> dict[str, Any]:
    """Play a story with what it tells by itself, without drawing it."""
    story, look = find_story(name), FilmLook(quality="720p")
    trace = trace_for(story, TraceRequest())
    with canvas(look.theme, *look.picture, look.layout):
        teller = Teller(story, trace, Telling().of(trace, look).options(look))
        steps = dry_run(teller, look.picture, None).outline
    return {"seconds": round(steps[-1].end), "steps": [step.name for step in steps]}


def main() -> None:
    """Write the table."""
    shipped = [story.name for story in stories() if isinstance(story.source, Path)]
    table = {name: outline(name) for name in shipped}
    lines = (f'  "{name}": {json.dumps(told)}' for name, told in table.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    TABLE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
