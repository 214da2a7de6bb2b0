"""The palette of a film: its colours, and the few that stand for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph

from lstmviz.reel.frame_store import Pixels

Colours = npt.NDArray[np.int32]  # 0xBBGGRR each
Indices = npt.NDArray[np.uint8]
Seen = tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]  # colours, and how much each is seen

_ALL = 1 << 24
_SAMPLES = 1 << 20  # pixels, in which the colours stand as often as they count
_BLOCK = 1 << 4  # colours that are looked at together
_AT_ONCE = 1 << 14  # colours whose nearest ones are looked for together


def colours_of(pixels: Pixels) -> Colours:
    """Give the colours of (height, width, 4) pixels as single numbers, without their alpha."""
    return pixels.view("<i4")[..., 0] & (_ALL - 1)


def _runs(colours: Colours) -> tuple[Colours, npt.NDArray[np.intp]]:
    """The colours of runs of equal pixels, and how long each is: drawings have few runs."""
    row = colours.ravel()
    starts = np.concatenate(([0], np.flatnonzero(row[1:] != row[:-1]) + 1))
    return row[starts], np.diff(starts, append=len(row))


class Histogram:
    """How much each colour is seen, by the time that it stands."""

    def __init__(self) -> None:
        self._seen = np.zeros((_ALL // _BLOCK, _BLOCK), np.int64)  # memory is taken as it is used
        self._used = np.zeros(_ALL // _BLOCK, bool)

    def add(self, colours: Colours, time: int) -> None:
        """Count colours that are seen for a time; a negative one takes them back."""
        runs, lengths = _runs(colours)
        self._count(runs, lengths * time)

    def take(self, other: Seen) -> None:
        """Count what another histogram has seen, too."""
        self._count(*other)

    def seen(self) -> Seen:
        """Give the colours that are seen, and how much each is."""
        blocks = np.flatnonzero(self._used)
        colours = (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        seen = self._seen[blocks].ravel()
        return colours[seen > 0], seen[seen > 0]

    def sample(self) -> Pixels:
        """Make a picture (height, width, 4) in which every colour stands as often as it counts."""
        present, seen = self.seen()
        often = np.maximum(np.rint(seen * (_SAMPLES / seen.sum())).astype(np.int64), 1)
        row = np.repeat(present, often)
        width = 1 << 10
        row = np.append(row, np.full(-len(row) % width, row[-1]))
        picture = np.empty((len(row) // width, width, 4), np.uint8)
        for channel, shift in enumerate((0, 8, 16)):
            picture[..., channel] = (row >> shift & 255).reshape(-1, width)
        picture[..., 3] = 255
        return picture

    def _count(self, colours: npt.NDArray[Any], seen: npt.NDArray[np.int64]) -> None:
        np.add.at(self._seen.reshape(-1), colours, seen)
        self._used[colours // _BLOCK] = True


@dataclass(frozen=True)
class Palette:
    """A few colours, as GIF encoders take them (BGRA), and for each of a film the nearest."""

    plane: Pixels
    colours: npt.NDArray[np.intp]
    nearest: Indices

    @classmethod
    def of(cls, histogram: Histogram, count: int) -> Palette:
        """Choose the colours that fit best what is seen."""
        plane = _chosen(histogram.sample(), count)
        colours, _ = histogram.seen()
        parts = [colours[at : at + _AT_ONCE] for at in range(0, len(colours), _AT_ONCE)]
        return cls(plane, colours, np.concatenate([_nearest(plane, part) for part in parts]))

    def indices(self, colours: Colours) -> Indices:
        """Give for each colour of the film the place of the nearest one in the palette."""
        runs, lengths = _runs(colours)
        return np.repeat(self._table[runs], lengths).reshape(colours.shape)

    @cached_property
    def _table(self) -> Indices:
        table = np.zeros(_ALL, np.uint8)
        table[self.colours] = self.nearest
        return table


def _nearest(plane: Pixels, colours: npt.NDArray[np.intp]) -> Indices:
    usable = np.flatnonzero(plane.reshape(-1, 4)[:, 3] == 255)
    known = plane.reshape(-1, 4)[usable, 2::-1].astype(np.float32)
    parts = np.stack([colours >> shift & 255 for shift in (0, 8, 16)], axis=1)
    # Of (a − b)² = a² − 2ab + b² the first part is the same for all.
    far = (known**2).sum(axis=1) - 2 * (parts.astype(np.float32) @ known.T)
    nearest: Indices = usable[far.argmin(axis=1)].astype(np.uint8)
    return nearest


def _chosen(picture: Pixels, count: int) -> Pixels:
    """Choose the colours that fit a picture best; (16, 16, 4), blue first."""
    frame = av.VideoFrame.from_numpy_buffer(picture, format="rgba").reformat(format="bgra")
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
    )
    maker, sink = graph.add("palettegen", f"max_colors={count}"), graph.add("buffersink")
    source.link_to(maker)
    maker.link_to(sink)
    graph.configure()
    source.push(frame)
    source.push(None)
    return np.asarray(next(_pulled(sink)).to_ndarray(format="bgra"), np.uint8)


def _pulled(sink: av.filter.context.FilterContext) -> Iterator[av.VideoFrame]:
    while True:
        try:
            picture = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(picture, av.VideoFrame)
        yield picture
