"""The frame store: pictures with alpha in a file, without loss; only what changes, held ones once.

A film of shapes is mostly flat colour, and most of it stands still. So a picture is kept as
the rectangles in which it differs from the one before; their pixels row by row as runs of
equal ones (how long, which colour), and these deflated. Now and then a picture is kept whole,
so that any one can be found without reading all before it.

In a file the pictures come one after the other in an atom `mdat`; behind it the atom `indx`
lists them: the frame at which each begins, where it lies, and whether it is whole.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lstmviz.reel.atoms import Broken, atoms
from lstmviz.reel.rectangles import Differences, Rect
from lstmviz.style.picture import LARGEST

Pixels = npt.NDArray[np.uint8]  # (height, width, 4): red, green, blue, alpha

_KEY_EVERY = 60  # pictures; what a look at a single one must read at most, unless spliced
_HEAD = struct.Struct("<IIII")  # width, height, frames, pictures; digests of two pictures follow
_DIGEST = 16
_OVERLAPPING = 2  # times its pixels are in the boxes of a picture, at most
_ENTRY = np.dtype([("frame", "<u8"), ("place", "<u8"), ("size", "<u4"), ("whole", "<u4")])


class PictureWriter:
    """Write pictures, each for some frames, into a file at `path` (its ending is free)."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        self.frame_count = 0
        self._size = width, height
        self._whole: Rect = (0, 0, width, height)
        self._entries: list[tuple[int, int, int, int]] = []
        self._since_key = 0
        self._last: Pixels | None = None
        self._differences = Differences(width, height)
        self._digests = [b"", b""]  # of the first and the last picture
        self._file = path.open("wb")
        self._file.write(struct.pack(">I4sQ", 1, b"mdat", 0))

    def write(self, pixels: Pixels, repeat: int, changed: Sequence[Rect] | None = None) -> None:
        """Add a picture for `repeat` frames; one equal to the last only lengthens that one.

        `changed` covers all that differs from the last picture; without it that is looked for.
        """
        boxes = [self._whole]
        if self._last is None:
            self._last = pixels.copy()
            self._digests[0] = self._digests[0] or _digest(pixels)
        else:
            differing = self._take_over(pixels, [self._whole] if changed is None else changed)
            if not differing:
                self.frame_count += repeat
                return
            if self._since_key < _KEY_EVERY:
                boxes = differing
        self._add(_packed(pixels, boxes), whole=boxes == [self._whole])
        self.frame_count += repeat

    def splice(self, path: Path) -> None:
        """Add the pictures of another such file of the same size.

        Raises:
            Broken: the file is damaged, or of another size.
        """
        part = read_index(path)
        if part.size != self._size:
            raise Broken
        first = 0
        last = self._digests[1] or (_digest(self._last) if self._last is not None else b"")
        if last == part.digests[0]:
            first = 1  # it goes on with the picture that stands already
        with path.open("rb") as file:
            for frame, place, size, whole in part.entries[first:].tolist():
                file.seek(place)
                entry = self.frame_count + frame, self._file.tell(), size, whole
                self._entries.append(entry)
                self._file.write(file.read(size))
        self._digests = [self._digests[0] or part.digests[0], part.digests[1]]
        self._last = None
        self.frame_count += part.frames

    def close(self) -> None:
        """Write the index."""
        if self._last is not None:
            self._digests[1] = _digest(self._last)
        end = self._file.tell()
        head = _HEAD.pack(*self._size, self.frame_count, len(self._entries))
        index = head + b"".join(self._digests) + np.array(self._entries, _ENTRY).tobytes()
        self._file.write(struct.pack(">I4s", 8 + len(index), b"indx") + index)
        self._file.seek(8)
        self._file.write(struct.pack(">Q", end))
        self._file.close()

    def abort(self) -> None:
        """Let go of the file, whatever state it is in."""
        with suppress(OSError):
            self._file.close()

    def _add(self, packed: bytes, *, whole: bool) -> None:
        self._since_key = 0 if whole else self._since_key + 1
        self._entries.append((self.frame_count, self._file.tell(), len(packed), whole))
        self._file.write(packed)

    def _take_over(self, pixels: Pixels, boxes: Sequence[Rect]) -> list[Rect]:
        """Keep a picture as the last one; give the boxes in which it differs from that before."""
        assert self._last is not None
        new, old = words_of(pixels), words_of(self._last)
        differing = self._differences(new, old, boxes)
        for left, top, right, bottom in differing:
            old[top:bottom, left:right] = new[top:bottom, left:right]
        return differing


class Index:
    """What stands in the index of a file: its pictures, and where they lie."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        width, height, self.frames, count = _HEAD.unpack_from(data)
        self.size = width, height
        at = _HEAD.size
        self.digests = data[at : at + _DIGEST], data[at + _DIGEST : at + 2 * _DIGEST]
        table = data[at + 2 * _DIGEST :]
        if len(table) != count * _ENTRY.itemsize or not count:
            raise Broken
        self.entries = np.frombuffer(table, _ENTRY)
        places, sizes = self.entries["place"], self.entries["size"]
        begins = self.entries["frame"]
        sound = (
            0 < width * height <= LARGEST
            and places[0] >= start
            and (places <= end).all()
            and (places[:-1] + sizes[:-1] <= places[1:]).all()  # one behind the other
            and places[-1] + sizes[-1] <= end
            and begins[0] == 0
            and (begins[1:] > begins[:-1]).all()
            and begins[-1] < self.frames
            and self.entries["whole"][0]
        )
        if not sound:
            raise Broken


def read_index(path: Path) -> Index:
    """Read where the pictures of a file lie.

    Raises:
        Broken: the file is no such file, or damaged.
    """
    try:
        found = {kind: (start, length) for kind, start, length in atoms(path)}
        (begin, length), (start, count) = found["mdat"], found["indx"]
        with path.open("rb") as file:
            file.seek(start)
            return Index(file.read(count), begin, begin + length)
    except (OSError, KeyError, struct.error) as error:
        raise Broken from error


def read_pictures(
    path: Path,
    start: int = 0,
    stop: int | None = None,
    through: Callable[[Pixels], Pixels] | None = None,
) -> Iterator[tuple[int, int, Pixels, list[Rect] | None]]:
    """Give the pictures of the frames from `start` to before `stop`.

    Each comes with the frames at which it begins and ends (the latter just outside), and the
    boxes that changed; None with the first one. It is the same array every time, changed in
    place. Colours are taken `through` a function of pixels, once for each run of equal ones.

    Raises:
        Broken: the file cannot be read, or is damaged.
    """
    index = read_index(path)
    width, height = index.size
    stop = index.frames if stop is None else min(stop, index.frames)
    begins = index.entries["frame"]
    ends = [*begins[1:].tolist(), index.frames]
    wholes = np.flatnonzero(index.entries["whole"])
    first = int(wholes[np.searchsorted(begins[wholes], start, side="right") - 1])
    last = int(np.searchsorted(begins, stop))
    picture = np.zeros((height, width, 4), np.uint8)
    whole_picture = np.zeros_like(picture)
    differences = Differences(width, height)
    known = False
    try:
        with path.open("rb") as file:
            for number in range(first, last):
                begin, place, size, whole = index.entries[number].tolist()
                file.seek(place)
                target = whole_picture if whole and known else picture
                boxes = _unpack(file.read(size), target, through)
                if target is whole_picture:
                    boxes = differences(words_of(whole_picture), words_of(picture), boxes)
                    picture[:] = whole_picture
                if ends[number] > start:
                    changed = boxes if known else None
                    yield max(begin, start), min(ends[number], stop), picture, changed
                    known = True
    except OSError as error:
        raise Broken from error


def words_of(pixels: Pixels) -> npt.NDArray[np.uint32]:
    """A picture (height, width) with one number for each pixel."""
    return pixels.view(np.uint32)[..., 0]


def _packed(pixels: Pixels, boxes: Sequence[Rect]) -> bytes:
    words = words_of(pixels)
    parts = [words[top:bottom, left:right].ravel() for left, top, right, bottom in boxes]
    row = np.concatenate(parts)
    starts = np.concatenate(([0], np.flatnonzero(row[1:] != row[:-1]) + 1))
    lengths = np.diff(starts, append=len(row)).astype("<u4")
    runs = row[starts].astype("<u4", copy=False).tobytes() + lengths.tobytes()
    return (
        struct.pack("<II", len(boxes), len(starts))
        + np.array(boxes, "<u2").tobytes()
        + zlib.compress(runs, 1)
    )


def _unpack(
    packed: bytes, picture: Pixels, through: Callable[[Pixels], Pixels] | None
) -> list[Rect]:
    """Put the boxes of a packed picture into `picture`."""
    height, width = picture.shape[:2]
    try:
        count, runs = struct.unpack_from("<II", packed)
        boxes = np.frombuffer(packed, "<u2", 4 * count, 8).astype(np.int64).reshape(count, 4)
        lefts, tops, rights, bottoms = boxes.T
        inside = (lefts < rights) & (rights <= width) & (tops < bottoms) & (bottoms <= height)
        areas = (rights - lefts) * (bottoms - tops)
        total = int(areas.sum())
        # Boxes put together may overlap a little; runs are at least a pixel long.
        if not inside.all() or total > _OVERLAPPING * width * height or runs > total:
            raise Broken
        table = np.frombuffer(_inflated(packed[8 + 8 * count :], 8 * runs), "<u4")
        colours, lengths = table[:runs], table[runs:]
        if int(lengths.sum(dtype=np.uint64)) != total:
            raise Broken
        if through is not None:
            colours = through(colours.view(np.uint8).reshape(1, -1, 4)).view("<u4").ravel()
        row = np.repeat(colours, lengths)
    except (struct.error, ValueError, zlib.error) as error:
        raise Broken from error
    words = words_of(picture)
    at = 0
    found: list[Rect] = []
    for (left, top, right, bottom), area in zip(boxes.tolist(), areas.tolist(), strict=True):
        part = row[at : at + area].reshape(bottom - top, right - left)
        words[top:bottom, left:right] = part
        found.append((left, top, right, bottom))
        at += area
    return found


def _inflated(deflated: bytes, size: int) -> bytes:
    """Unpack what must have a size, and no more of it."""
    inflating = zlib.decompressobj()
    data = inflating.decompress(deflated, size + 1)
    if len(data) != size or not inflating.eof:
        raise Broken
    return data


def _digest(pixels: Pixels) -> bytes:
    return hashlib.blake2b(pixels.data, digest_size=_DIGEST).digest()
