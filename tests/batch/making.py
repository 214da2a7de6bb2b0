"""Small stories that do as they are told, and jobs of them."""

from __future__ import annotations

from typing import Any

from filming import values

from lstmviz.batch import Job
from lstmviz.batch.job import Output
from lstmviz.films.render import trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.story.discovery import find_story

QUICK = {"quality": "draft", "fps": 2, "pace": 2.0}
SCENE = '''"""A scene file with a helper beside it."""

import helper
from lstmviz.stage import Story


class Mini(Story):
    """A small story."""

    def construct(self) -> None:
        with self.step("read", "It reads {word}, so that h is {h[0]}."):
            self.add(self.column("h"))
            helper.act(self.trace.tokens[0].text)
'''
HELPER = '''"""Acts as the folder says in which a process runs, and as the first word says."""

import os
import signal
import time
from pathlib import Path


def act(word):
    if Path("linger").exists():
        Path("at-work").write_text(str(os.getpid()))
        time.sleep(120)
    if word == "wrong":
        raise KeyError("what is wrong")
    if word == "fatal" or (word == "once" and not Path("once").exists()):
        Path(word).touch()
        os.kill(os.getpid(), signal.SIGKILL)
'''


def job(
    story: str, text: str, *names: str, theme: str = "dark", lang: str = "en", **drawn: Any
) -> Job:
    """Give a job that tells a text, and writes these files."""
    teller = find_story(story)
    trace = trace_for(teller, TraceRequest(input=text))
    telling, look = values({**QUICK, **drawn, "theme": theme, "lang": lang})
    outputs = tuple(Output(name) for name in names)
    return Job(f"the job {names[0]}", story, teller, trace, outputs, telling, look)
