"""Things are drawn in the same order in every process: no order comes from that of a set."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.verify

# What stands on the stage, from the lowest to the topmost, whenever something begins to move.
SCRIPT = """
import hashlib, json
import lstmviz
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.style.theme import DARK


class Noting(Walker):
    def move(self, scene, times):
        for each in scene.mobjects:
            place = f"{type(each).__name__} {each.get_center().round(6).tolist()}"
            self.noted.update(place.encode())
        return super().move(scene, times)


orders = {}
for name in [story.name for story in stories() if story.name != "film"]:
    story = find_story(name)
    with canvas(DARK, 160, 90, 5):
        noting = Noting()
        noting.noted = hashlib.sha256()
        story(lstmviz.run(story.input, cell=story.cell), renderer=noting, outline=()).render()
    orders[name] = noting.noted.hexdigest()
print(json.dumps(orders))
"""


def test_the_order_of_drawing_is_that_of_the_story() -> None:
    walks = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    first, second = (json.loads(walk.communicate()[0]) for walk in walks)
    assert len(first) > 15
    assert first == second
