"""Progress of the writers of files, and the metadata of a film."""

from __future__ import annotations

from collections.abc import Callable

from lstmviz.reel.reel import Reel

Progress = Callable[[float], None]  # told how much is done, from 0 to 1


Tell = Callable[[str], None]  # told, in words, what was chosen


def part_of(progress: Progress | None, begun: float, share: float) -> Progress | None:
    """Give what a part of the work tells its progress to, which begins and is a share of all."""
    return None if progress is None else lambda done: progress(begun + share * done)


def metadata(reel: Reel) -> dict[str, str]:
    """Give what a film says of itself: its title, and what is seen in it."""
    known = {"title": reel.title, "comment": reel.alt}
    return {name: value for name, value in known.items() if value}
