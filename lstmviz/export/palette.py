"""The colours of a film, and the few that stand for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph

from lstmviz.lossless import Pixels

Colours = npt.NDArray[np.int32]  # 0xBBGGRR each
Indices = npt.NDArray[np.uint8]

_ALL = 1 << 24
_SAMPLES = 1 << 20  # pixels, in which the colours stand as often as they count
_AT_ONCE = 1 << 14  # colours whose nearest ones are looked for together


def colours_of(pixels: Pixels) -> Colours:
    """Give the colours of (height, width, 4) pixels as single numbers, without their alpha."""
    return pixels.view("<i4")[..., 0] & (_ALL - 1)


class Histogram:
    """How much each colour is seen, by the time that it stands."""

    def __init__(self) -> None:
        self._seen = np.zeros(_ALL, np.int64)  # memory is taken only where colours are

    def add(self, colours: Colours, time: int) -> None:
        """Count colours that are seen for a time; a negative one takes them back."""
        np.add.at(self._seen, colours.ravel(), time)

    def sample(self) -> Pixels:
        """Make a picture (height, width, 4) in which every colour stands as often as it counts."""
        present = np.flatnonzero(self._seen > 0)
        seen = self._seen[present]
        often = np.maximum(np.rint(seen * (_SAMPLES / seen.sum())).astype(np.int64), 1)
        row = np.repeat(present, often)
        width = 1 << 10
        row = np.append(row, np.full(-len(row) % width, row[-1]))
        picture = np.empty((len(row) // width, width, 4), np.uint8)
        for channel, shift in enumerate((0, 8, 16)):
            picture[..., channel] = (row >> shift & 255).reshape(-1, width)
        picture[..., 3] = 255
        return picture


class Palette:
    """A few colours, and for every colour the nearest of them."""

    def __init__(self, histogram: Histogram, count: int) -> None:
        self.plane = _chosen(histogram.sample(), count)  # BGRA, as GIF encoders take it
        colours = self.plane.reshape(-1, 4)[:, 2::-1].astype(np.float32)
        self._usable = np.flatnonzero(self.plane.reshape(-1, 4)[:, 3] == 255)
        self._colours = colours[self._usable]
        self._nearest = np.full(_ALL, -1, np.int16)

    def indices(self, colours: Colours) -> Indices:
        """Give for each colour the place of the nearest one in the palette."""
        found = self._nearest[colours]
        unknown = np.unique(colours[found < 0])
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            self._nearest[some] = self._look(some)
        if len(unknown):
            found = self._nearest[colours]
        return found.astype(np.uint8)

    def _look(self, colours: Colours) -> npt.NDArray[np.intp]:
        parts = np.stack([colours >> shift & 255 for shift in (0, 8, 16)], axis=1)
        # Of (a − b)² = a² − 2ab + b² the first part is the same for all.
        far = (self._colours**2).sum(axis=1) - 2 * (parts.astype(np.float32) @ self._colours.T)
        nearest: npt.NDArray[np.intp] = self._usable[far.argmin(axis=1)]
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
