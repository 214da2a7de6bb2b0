"""How long the films of the shipped stories are, and which steps they have, when nothing is asked.

To know it a story must be played, so it is noted: `tools/make_outlines.py` writes the table, and a
test holds it to the stories.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Outline:
    """The seconds of a story's film, and the names of its steps."""

    seconds: int
    steps: tuple[str, ...]


@cache
def outlines() -> Mapping[str, Outline]:
    """Give the outline of each shipped story by its name."""
    table = files("lstmviz.stage.story") / "outlines.json"
    read = json.loads(table.read_text(encoding="utf-8"))
    return {name: Outline(told["seconds"], tuple(told["steps"])) for name, told in read.items()}
