"""What to say when a story fails while it is played: which one, in which step and line."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lstmviz.errors import LstmvizError


class _Named(Protocol):
    @classmethod
    def story_name(cls) -> str: ...


class ToldEnough(Exception):
    """The step after which a story was to stop has ended."""


@contextmanager
def failing(story: type[_Named], step: str | None = None) -> Iterator[None]:
    """Turn what fails in this block into one sentence; our own sentences stay as they are.

    Raises:
        LstmvizError: the story, the step, and the last line of its file that was at work.
    """
    try:
        yield
    except (LstmvizError, MemoryError, ToldEnough):
        raise
    except Exception as error:
        within = f" in the step {step}" if step else ""
        what = f"{type(error).__name__}: {error}".strip().rstrip(".:")
        raise LstmvizError(
            f"The story {story.story_name()} fails{within}{_line(story, error)}: {what}."
        ) from error


def _line(story: type[_Named], error: Exception) -> str:
    try:
        own = inspect.getfile(story)
    except (TypeError, OSError):  # a class that was typed into a session
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == own]
    return f", line {lines[-1]} of {Path(own).name}" if lines else ""
