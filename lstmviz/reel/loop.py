"""Loops: what some steps of a film show in 6 to 12 seconds, as a film that goes round.

A loop begins on the picture that it ends with, so that whoever sees its first one sees something.
Then come the moves, at their speed or a little faster, under one caption or none; reading times
are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from lstmviz.errors import UsageError
from lstmviz.reel.reel import Reel, ReelWriter, Step
from lstmviz.system.suggest import nearest

CHAPTERS = "chapters"
SHORTEST, LONGEST = 6.0, 12.0  # seconds
BEGIN = 0.5  # seconds that the last picture stands at the beginning
BEFORE = 0.8  # that the first picture of the moves stands
PAUSE = 0.7, 0.3  # that a still between moves stands at most, and where the time is short
MORE = 2.0  # times as long, where the moves are short
REST = 2.0  # that the last picture stands at the end
FASTER = 4 / 3  # how much faster than by themselves moves go at most, where the time is short
EACH = 1.0  # that the picture of a chapter stands at most


@dataclass(frozen=True)
class Shot:
    """A frame of a film, and how many frames it stands in the loop."""

    frame: int
    repeat: int


def is_of_one(asked: str) -> bool:
    """Tell whether the steps asked for are a single one, whose caption can stand throughout."""
    return asked != CHAPTERS and ":" not in asked


def chosen(steps: Sequence[Step], asked: str) -> tuple[Step, ...]:
    """Find the steps that a loop is of: `erase` or `3`, `weigh:squash`, all (`:`), or `chapters`.

    Of chapters, these are their last ones.

    Raises:
        UsageError: there are no such steps; lists those that there are.
    """
    if asked == CHAPTERS:
        ends = tuple(a for a, b in pairwise([*steps, None]) if a and (not b or b.chapter))
        if len(ends) < 2:
            raise UsageError(
                "This story has no chapters; name a step in their place, as in "
                f"loop='{steps[0].name}'; there are: {_names(steps)}."
            )
        return ends
    first, many, last = asked.partition(":")
    begin = _place(steps, first) if first or not many else 0
    end = begin if not many else _place(steps, last) if last else len(steps) - 1
    if begin > end:
        raise UsageError(f"The step {first} comes after {last}; write loop='{last}:{first}'.")
    return tuple(steps[begin : end + 1])


def usual(reel: Reel, thought: str) -> str:
    """Give the steps that a story thinks fit, or the liveliest where these do not do here."""
    try:
        steps = chosen(reel.steps, thought)
        if thought != CHAPTERS:
            of_moves(reel, steps)
    except UsageError:
        return liveliest(reel)
    return thought


def liveliest(reel: Reel) -> str:
    """Name the step in which most moves, of those that are short enough for a loop.

    Raises:
        UsageError: there is none; it says why.
    """
    moving = {step.name: sum(1 for _ in _pictures(reel, [step])) for step in reel.steps}
    for name in sorted(moving, key=lambda name: -moving[name]):
        try:
            of_moves(reel, chosen(reel.steps, name))
            return name
        except UsageError:
            continue
    raise UsageError(
        "No step of this story makes a loop by itself: too little moves, or too much; name several "
        f"with loop='first:last', or tell it faster, as in pace=2; there are: {_names(reel.steps)}."
    )


def looped(reel: Reel, asked: str, path: Path) -> Reel:
    """Make a loop of some steps of a reel, and write it as a reel to `path`.

    Raises:
        UsageError: there are no such steps, nothing moves in them, or they are too long.
    """
    steps = chosen(reel.steps, asked)
    shots = of_chapters(reel, steps) if asked == CHAPTERS else of_moves(reel, steps)
    last, count = steps[-1], _length(shots)
    caption = last.caption if len(steps) == 1 else ""
    end = reel.frame(shots[-1].frame)
    with ReelWriter(
        path,
        width=reel.width,
        height=reel.height,
        fps=reel.fps,
        background=reel.background,
        title=reel.title,
        alt=" ".join(filter(None, [reel.title, *(step.caption for step in steps)])),
        language=reel.language,
        words=reel.words,
        captions=reel.captions,
        loops=True,
    ) as writer:
        first, *others = shots
        writer.write(end, first.repeat)
        for picture in reel.views(others[0].frame, others[-1].frame + 1):
            while others and others[0].frame < picture.number + picture.repeat:
                writer.write(picture.pixels, others.pop(0).repeat)
        name = last.name if len(steps) == 1 else asked
        beat = Step(name, caption, 0.0, count / reel.fps, 0, count - 1, None, last.alt, last.notes)
        return writer.close([beat])


def of_moves(reel: Reel, steps: Sequence[Step]) -> list[Shot]:
    """Plan the loop of some steps: the last picture, the moves, the last picture.

    Raises:
        UsageError: nothing moves, or the moves are too long.
    """
    pictures = list(_pictures(reel, steps))
    if len(pictures) < 2:
        others = _names(reel.steps)
        raise UsageError(f"Nothing moves in the step {steps[-1].name}; choose of {others}.")
    (first, _), *moves, (last, _) = pictures
    begin, before, rest = (max(1, round(time * reel.fps)) for time in (BEGIN, BEFORE, REST))
    room = int(LONGEST * reel.fps) - begin - before - rest
    inner = _moves(moves, reel.fps, PAUSE[0])
    if _length(inner) > room:
        inner = _moves(moves, reel.fps, PAUSE[1])
    if _length(inner) > room * FASTER:
        raise UsageError(_too_long(steps, (_length(inner) - room * FASTER) / reel.fps))
    if _length(inner) > room:
        inner = _hurried(inner, room)
    frames = begin + before + _length(inner) + rest
    spare = max(0, round(SHORTEST * reel.fps) - frames)
    early = min(spare // 3, round(before * (MORE - 1)))
    return [
        Shot(last, begin),
        Shot(first, before + early),
        *inner,
        Shot(last, rest + spare - early),
    ]


def _moves(pictures: Iterable[tuple[int, int]], fps: int, pause: float) -> list[Shot]:
    """The moves, with stills of so many seconds at most between them."""
    most = max(1, round(pause * fps))
    return [Shot(frame, min(repeat, most)) for frame, repeat in pictures]


def _hurried(shots: list[Shot], room: int) -> list[Shot]:
    """The same in fewer frames, `room` of them, evenly chosen."""
    frames = [shot.frame for shot in shots for _ in range(shot.repeat)]
    kept = [frames[k * len(frames) // room] for k in range(room)]
    return [Shot(frame, len(list(same))) for frame, same in groupby(kept)]


def _length(shots: Iterable[Shot]) -> int:
    return sum(shot.repeat for shot in shots)


def of_chapters(reel: Reel, ends: Sequence[Step]) -> list[Shot]:
    """Plan a loop of the pictures that chapters end with, each as long as there is time for.

    Raises:
        UsageError: there are so many of them that nobody could see one.
    """
    *others, last = (step.last_frame for step in ends)
    each = min(EACH, (LONGEST - BEGIN - REST) / len(others))
    if each < PAUSE[1]:
        raise UsageError(f"The story has {len(ends)} chapters; choose a step for its loop.")
    rest = max(REST, SHORTEST - BEGIN - each * len(others))
    begin, end = (max(1, round(time * reel.fps)) for time in (BEGIN, rest))
    stands = max(1, int(each * reel.fps))
    end += max(0, round(SHORTEST * reel.fps) - begin - stands * len(others) - end)
    return [Shot(last, begin), *(Shot(frame, stands) for frame in others), Shot(last, end)]


def _pictures(reel: Reel, steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """The frame and length of each different picture of some steps, once their caption stands."""
    first, last = steps[0], steps[-1]
    begin = first.first_frame if first.moves_from is None else first.moves_from
    for frame in reel.views(begin, last.last_frame + 1):
        yield frame.number, frame.repeat


def _place(steps: Sequence[Step], which: str) -> int:
    for place, step in enumerate(steps):
        if which in (step.name, str(place + 1)):
            return place
    raise UsageError(
        f"There is no step {which} to make a loop of"
        f"{nearest(which, [step.name for step in steps])}; there are: {_names(steps)}. Two with : "
        "between them are all from one to the other."
    )


def _names(steps: Sequence[Step]) -> str:
    return ", ".join(step.name for step in steps) or "none"


def _too_long(steps: Sequence[Step], over: float) -> str:
    what = (
        f"The step {steps[0].name} moves"
        if len(steps) == 1
        else f"The steps from {steps[0].name} to {steps[-1].name} move"
    )
    return (
        f"{what} for {math.ceil(10 * over) / 10:g} s more than a loop of {LONGEST:.0f} s has room "
        "for; choose fewer steps, or tell it faster, as in pace=2."
    )
