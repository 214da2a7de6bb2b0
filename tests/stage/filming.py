"""Draws and looks at stories as films and commands do, but told and looking as keywords say."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from lstmviz.films import render
from lstmviz.reel.reel import Reel
from lstmviz.stage.check import check
from lstmviz.stage.check.check import Finding
from lstmviz.stage.drawing.vector_still import draw_still as draw
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook


def record(story: Any, trace: Any, **given: Any) -> Reel:
    telling, look = values(given)
    return render.record(story, trace, telling, look, **given)


def check_story(story: Any, trace: Any, **given: Any) -> list[Finding]:
    return check.check_story(story, trace, *values(given), **given)


def draw_still(story: Any, trace: Any, paths: list[Path], **given: Any) -> None:
    telling, look = values(given)
    draw(story, trace, telling, look, paths, **given)


def values(given: dict[str, Any]) -> tuple[Telling, FilmLook]:
    """How a story is told, and how that looks: what says so is taken out of `given`."""
    kinds = (Telling, FilmLook)
    names = [[each.name for each in fields(kind) if each.name in given] for kind in kinds]
    telling, look = ({name: given.pop(name) for name in some} for some in names)
    return Telling(**telling), FilmLook(**look)
