"""Skip frames of H.264, in which nothing changes, put between those of an encoder.

A film of steps stands still half of its time, and an encoder takes as long over a frame that
shows nothing new as over any other. H.264 can say "as before" for a whole picture in about
twenty bytes: a P slice whose macroblocks are all skipped. So the encoder is given each picture
once, and the frames that it stands are written here. They are reference pictures like the one
that they repeat, so that whatever comes next finds in the place of that one an equal one; only
the counters in the slice headers behind them, of frames and of picture order, move on.

That holds for streams coded without CABAC, weighted P prediction, B pyramid and interlacing,
with one reference and one slice a picture: `ENCODER` asks x264 for such. Source: ITU-T H.264,
7.3 (syntax), 8.2.1 (picture order), 8.2.5 (reference marking), 8.4.1.1 (skipped macroblocks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ENCODER = "cabac=0:weightp=0:ref=1:b-pyramid=none:direct=spatial:slices=1:force-cfr=1"

_START = b"\0\0\0\1"
_SLICE, _IDR, _SPS = 1, 5, 7
_P_SLICES = 5  # a slice type that also says: as all slices of this picture


@dataclass(frozen=True)
class Unit:
    """A coded frame: its data, and when it is shown and decoded, in frames."""

    data: bytes
    shown: int
    decoded: int
    key: bool


@dataclass(frozen=True)
class Stream:
    """What the headers of a stream say of the counters in its slices."""

    frame_bits: int
    order_bits: int  # 0 where pictures are shown as they are decoded
    macroblocks: int

    @classmethod
    def read(cls, headers: bytes) -> Stream:
        """Read the sequence parameters among the headers of an encoder."""
        sequence = next(nal for nal in nals(headers) if nal[0] & 31 == _SPS)
        bits = Bits(_bare(sequence[4:]))  # after the profile and the level
        bits.number()
        if sequence[1] >= 100:  # the high profiles say how colour is kept
            for _ in range(3):
                bits.number()
            bits.take(2)
        frame_bits = bits.number() + 4
        order_bits = bits.number() + 4 if bits.number() == 0 else 0
        bits.number()
        bits.take(1)
        wide, high = bits.number() + 1, bits.number() + 1
        return cls(frame_bits, order_bits, wide * high)


class Bits:
    """Reads bits from the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data)
        self.length = 8 * len(data)
        self.at = 0

    def take(self, count: int) -> int:
        """Read a number of so many bits."""
        self.at += count
        return self.value >> (self.length - self.at) & ((1 << count) - 1)

    def number(self) -> int:
        """Read a number in the Exp-Golomb code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


class SkipFrames:
    """Puts skip frames behind the units of an encoder that are held, and renumbers these."""

    def __init__(self, stream: Stream, first: int, delay: int) -> None:
        self.stream = stream
        self._references = 0  # since the last IDR
        self._origin = first  # the frame at which that is shown
        self._decoded = first - delay  # when the next frame is decoded
        self._held: list[int] = []  # frames that repeat the last reference

    def after(self, data: bytes, shown: int, stands: int) -> Iterator[Unit]:
        """Take the next coded picture, shown from a frame on and for how many; give frames.

        They come in the order of decoding.
        """
        slices = [nal for nal in nals(data) if nal[0] & 31 in (_SLICE, _IDR)]
        reference = bool(slices[0][0] & 0x60)
        if reference:
            # B pictures are decoded behind the reference that is shown after them.
            yield from self.rest()
            self._held = [*range(shown + 1, shown + stands)]
        key = slices[0][0] & 31 == _IDR
        if key:
            self._references, self._origin = 0, shown
        data = b"".join(_START + self._renumbered(nal, shown) for nal in slices)
        yield self._unit(data, shown, key)
        self._references += reference

    def rest(self) -> Iterator[Unit]:
        """Give the frames that still repeat the last reference."""
        for shown in self._held:
            yield self._unit(_START + self._skipping(shown), shown, False)
            self._references += 1
        self._held = []

    def _unit(self, data: bytes, shown: int, key: bool) -> Unit:
        self._decoded += 1
        return Unit(data, shown, self._decoded - 1, key)

    def _counters(self, shown: int) -> tuple[int, int]:
        order = 2 * (shown - self._origin)
        return (
            self._references % (1 << self.stream.frame_bits),
            order % (1 << self.stream.order_bits) if self.stream.order_bits else 0,
        )

    def _renumbered(self, nal: bytes, shown: int) -> bytes:
        """Put the counters of this place into the header of a slice."""
        payload = _bare(nal[1:])
        bits = Bits(payload[:24])
        for _ in range(3):  # first macroblock, type, parameters
            bits.number()
        frame, order = self._counters(shown)
        value = _put(bits, frame, self.stream.frame_bits)
        if nal[0] & 31 == _IDR:
            bits.number()
        if self.stream.order_bits:
            bits.value = value
            value = _put(bits, order, self.stream.order_bits)
        return nal[:1] + _guarded(value.to_bytes(bits.length // 8) + payload[24:])

    def _skipping(self, shown: int) -> bytes:
        """Write a reference picture that equals the last one."""
        frame, order = self._counters(shown)
        stream = self.stream
        bits = _code(0) + _code(_P_SLICES) + _code(0)  # from the first macroblock on
        bits += format(frame, f"0{stream.frame_bits}b")
        if stream.order_bits:
            bits += format(order, f"0{stream.order_bits}b")
        bits += "1" + _code(0)  # one reference, whatever is usual
        bits += "0"  # in their usual order
        bits += "0"  # marked as usual
        bits += _code(0)  # the quantiser as it is
        bits += _code(1)  # no deblocking
        bits += _code(stream.macroblocks) + "1"  # all skipped; the end
        bits += "0" * (-len(bits) % 8)
        return b"\x41" + _guarded(int(bits, 2).to_bytes(len(bits) // 8))


def nals(data: bytes) -> list[bytes]:
    """Split a stream at its start codes."""
    return [part for part in re.split(rb"\x00*\x00\x00\x01", data) if part]


def _put(bits: Bits, number: int, count: int) -> int:
    """Give the bits with the next `count` of them replaced, and pass these."""
    bits.at += count
    place = bits.length - bits.at
    return bits.value & ~(((1 << count) - 1) << place) | number << place


def _code(number: int) -> str:
    """Write a number in the Exp-Golomb code, as ones and zeros."""
    digits = format(number + 1, "b")
    return "0" * (len(digits) - 1) + digits


def _bare(payload: bytes) -> bytes:
    """Take out the bytes that keep a payload from looking like a start code."""
    return payload.replace(b"\0\0\3", b"\0\0")


def _guarded(payload: bytes) -> bytes:
    """Put them in again."""
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", payload)
