"""YUV: the colours of films, tagged, and converted without loss of chroma."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from lstmviz.export.common.transparency import Spread
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.rectangles import Rect, united

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

# Players guess the colours of an untagged film, and guess differently: 1 is BT.709 for
# matrix, primaries and transfer alike, and "limited" (16 to 235) for the range.
_BT709 = 1
_LIMITED = 1
# Without full chroma input every second column's colour is thrown away before filtering.
_CRISP = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
_CONVERSION: Any = {
    "dst_colorspace": "ITU709",
    "dst_color_range": "MPEG",
    "interpolation": _CRISP,
}
_REACH = 4  # pixels that its filter looks at on either side
_SPARE = 25_000  # pixels that are converted while another conversion is begun


def tag(context: VideoCodecContext) -> None:
    """Say in a film that its colours are BT.709 in limited range."""
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED


def as_video(pixels: Pixels, kind: str) -> av.VideoFrame:
    """Convert a picture to a YUV format such as `yuv420p`, with even width and height."""
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    picture = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="rgba")
    return picture.reformat(format=kind, **_CONVERSION)


class Repainted:
    """Incremental conversion of pictures that follow each other to a YUV format.

    The colour of pictures with alpha flows over their edges first, and must be straight. A film
    has one size and a few sizes of changes, and preparing the conversion of a size takes longer
    than a small one itself: the prepared ones are kept. `boxes` are those in which the converted
    picture differs from the one before it; None: all of it may.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._spread: Spread | None = None
        self._video: av.VideoFrame | None = None
        self._planes: list[np.ndarray] = []
        self._by_size: dict[tuple[int, int], VideoReformatter] = {}
        self.boxes: list[Rect] | None = None

    def __call__(self, pixels: Pixels, changed: Sequence[Rect] | None = None) -> av.VideoFrame:
        """Convert a picture; the frame is the same every time, and changed in place.

        Outside of the boxes `changed` it equals the picture before.
        """
        height, width = pixels.shape[:2]
        anew = changed is None or height % 2 or width % 2
        if changed is None:
            changed = [(0, 0, width, height)]
        if self.kind.startswith("yuva"):
            self._spread = self._spread or Spread(width, height)
            pixels, changed = self._spread(pixels, changed)
        if self._video is None or anew:
            self._video = as_video(pixels, self.kind)
            self._planes = _planes(self._video)
            self.boxes = None
            return self._video
        self.boxes = [_grown(box, pixels) for box in changed]
        for box in united(self.boxes, _SPARE):
            self._convert(pixels, box)
        return self._video

    def _convert(self, pixels: Pixels, inner: Rect) -> None:
        left, top, right, bottom = _grown(inner, pixels)
        size = right - left, bottom - top
        if len(self._by_size) > 300:
            self._by_size.clear()
        reformatter = self._by_size.setdefault(size, VideoReformatter())
        part = av.VideoFrame.from_numpy_buffer(pixels[top:bottom, left:right], format="rgba")
        made = _planes(reformatter.reformat(part, format=self.kind, **_CONVERSION))
        for whole, piece in zip(self._planes, made, strict=True):
            share = pixels.shape[1] // whole.shape[1]  # of colour there may be half as much
            x0, y0, x1, y1 = (each // share for each in inner)
            x, y = left // share, top // share
            whole[y0:y1, x0:x1] = piece[y0 - y : y1 - y, x0 - x : x1 - x]


def tag_picture(video: av.VideoFrame) -> None:
    """Say the same in a picture, from which some encoders take it."""
    video.colorspace = video.color_primaries = video.color_trc = _BT709
    video.color_range = _LIMITED


def cropped(video: av.VideoFrame, box: Rect) -> av.VideoFrame:
    """Copy a box of a picture; one that keeps colour as finely as brightness."""
    left, top, right, bottom = box
    made = av.VideoFrame(right - left, bottom - top, video.format.name)
    for source, target in zip(_planes(video), _planes(made), strict=True):
        target[:] = source[top:bottom, left:right]
    return made


def _grown(box: Rect, pixels: Pixels) -> Rect:
    """Widen a box by as far as the filter of the conversion reaches, to even edges."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    return (
        max((left - _REACH) // 2 * 2, 0),
        max((top - _REACH) // 2 * 2, 0),
        min((right + _REACH + 1) // 2 * 2, width),
        min((bottom + _REACH + 1) // 2 * 2, height),
    )


def _planes(video: av.VideoFrame) -> list[np.ndarray]:
    kind = np.uint16 if video.format.components[0].bits > 8 else np.uint8
    rows = [np.asarray(memoryview(plane)).view(kind) for plane in video.planes]
    return [
        row.reshape(plane.height, -1)[:, : plane.width]
        for row, plane in zip(rows, video.planes, strict=True)
    ]
