"""What may be asked of a film: sizes, rates, paces, units; and the sentences that refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from lstmviz.trace import Trace

QUALITIES: Mapping[str, tuple[int, int, int]] = MappingProxyType({
    "draft": (854, 480, 15),
    "720p": (1280, 720, 30),
    "1080p": (1920, 1080, 60),
    "4k": (3840, 2160, 60),
})  # fmt: skip
"""Width and height in pixels, and frames a second."""

SLOWEST, FASTEST = 0.5, 2.0  # paces at which a film can still be followed
MOST_FRAMES = 120  # a second
MOST_UNITS = 8  # side by side in a picture


def picture_format(
    quality: str, fps: int | None = None, size: tuple[int, int] | None = None
) -> tuple[int, int, int]:
    """Give width, height and frames a second; `size` and `fps` go before the quality's own.

    Raises:
        UsageError: there is no such quality, rate or size.
    """
    if quality not in QUALITIES:
        raise UsageError(f"There is no quality {quality!r}; choose one of: {', '.join(QUALITIES)}.")
    width, height, rate = QUALITIES[quality]
    if fps is not None:
        if fps != int(fps) or not 1 <= fps <= MOST_FRAMES:
            raise UsageError(
                f"{fps} frames a second are not possible; give a whole number from 1 to "
                f"{MOST_FRAMES}."
            )
        rate = int(fps)
    if size is not None:
        width, height = size
        if min(size) < 16:
            raise UsageError(f"A picture of {width}×{height} pixels is too small to show anything.")
    return width, height, rate


def refuse_pace(pace: float) -> None:
    """Refuse a pace that nobody can follow."""
    if not SLOWEST <= pace <= FASTEST:
        raise UsageError(
            f"A pace of {pace:g} is not possible; give one from {SLOWEST:g} (slow) to "
            f"{FASTEST:g} (fast)."
        )


def refuse_units(units: Sequence[int] | None, trace: Trace) -> None:
    """Refuse units, from 0, that the network lacks, or more than can be drawn."""
    if units is None:
        return
    hidden = trace.network.hidden
    for unit in units:
        if not 0 <= unit < hidden:
            raise UsageError(
                f"There is no unit {unit + 1}; the network has {hidden}, counted from 1."
            )
    if len(set(units)) != len(units) or not 1 <= len(units) <= MOST_UNITS:
        raise UsageError(f"Choose 1 to {MOST_UNITS} different units, not {len(units)}.")
