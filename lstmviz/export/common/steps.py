"""A reel cut at the ends of its steps."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from lstmviz.export.common.png_writer import png
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.reel import Frame, Reel, Step
from lstmviz.style.language import words_of_files
from lstmviz.system.processes import jobs_of


def cut(reel: Reel) -> Iterator[tuple[Step, Iterator[Frame]]]:
    """Give each step with its frames, counted from 0; what lies between steps opens the next.

    The frames are read as they are asked for, once: take those of a step before the next.
    A reel without steps is one step.
    """
    steps = parts(reel)
    pieces = groupby(_split(reel, steps), key=lambda piece: piece[0])
    for number, group in pieces:
        first = steps[number].first_frame
        yield (
            steps[number],
            (dataclasses.replace(frame, number=frame.number - first) for _, frame in group),
        )


def parts(reel: Reel) -> tuple[Step, ...]:
    """The steps of a reel, widened until they leave no frame out."""
    if not reel.steps:
        last = reel.frame_count - 1
        return (Step("film", reel.title, 0.0, reel.duration, 0, last, alt=reel.alt),)
    ends = [*(step.last_frame for step in reel.steps[:-1]), reel.frame_count - 1]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return tuple(
        dataclasses.replace(
            step,
            first_frame=start,
            last_frame=end,
            start=start / reel.fps,
            end=(end + 1) / reel.fps,
        )
        for step, start, end in zip(reel.steps, starts, ends, strict=True)
    )


def pictures(
    reel: Reel,
    frames: Iterable[int],
    jobs: int | None = None,
    coder: Callable[[Pixels], bytes] = png,
) -> list[bytes]:
    """Give some frames of a reel as PNG files, or what a coder makes, so many at once."""
    with ThreadPoolExecutor(jobs_of(jobs)) as threads:
        return [*threads.map(lambda number: coder(reel.frame(number)[..., :3]), frames)]


def title_of(reels: Sequence[Reel]) -> str:
    """Name the stories of a deck, each once, in their order; of several, what is before a colon."""
    titles = list(dict.fromkeys(reel.title for reel in reels if reel.title))
    if len(titles) > 1:
        titles = [re.split("[:：]", title)[0].strip() for title in titles]
    return " · ".join(dict.fromkeys(titles))


def words_of(reel: Reel) -> dict[str, str]:
    """The words of decks and notes in the language of a reel, which may have brought its own."""
    known = words_of_files(reel.language)
    return {name: reel.words.get(name, word) for name, word in known.items()}


def _split(reel: Reel, steps: tuple[Step, ...]) -> Iterator[tuple[int, Frame]]:
    """Each frame with the number of its step; one held beyond the end of a step comes twice."""
    number = 0
    for frame in reel.frames():
        begin, until = frame.number, frame.number + frame.repeat
        while begin < until:
            while begin > steps[number].last_frame:
                number += 1
            end = min(until, steps[number].last_frame + 1)
            yield number, dataclasses.replace(frame, number=begin, repeat=end - begin)
            begin = end
