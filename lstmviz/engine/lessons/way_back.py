"""What becomes of a gradient on its way back: it fades, is cut, keeps its size or grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Fate = Literal["fades", "cut", "kept", "grows", "nothing"]

FAINT = 0.1  # of the largest size: what is below it hardly teaches
MUCH = 2.0  # times as large as at the end: it has grown


@dataclass(frozen=True)
class WayBack:
    """What became of a gradient, and the tick at which it was cut, if it was."""

    fate: Fate
    cut: int | None = None


def way_back(sizes: ArrayLike, far: int = 0) -> WayBack:
    """Judge the sizes (time,) of a gradient that came from the last tick back to `far`.

    It is cut where one tick takes nearly all that is lost: it had come so far, and without that
    tick most of it would have gone on.

    >>> way_back([0.05, 0.05, 0.9, 1.0])
    WayBack(fate='cut', cut=2)
    >>> way_back([0.01, 0.05, 0.2, 1.0]).fate
    'fades'
    """
    there: NDArray[np.floating[Any]] = np.asarray(sizes, dtype=np.float64)[far:]
    left, start, most = float(there[0]), float(there[-1]), float(there.max())
    if most == 0:
        return WayBack("nothing")
    if left > MUCH * start:
        return WayBack("grows")
    if left >= FAINT * most:
        return WayBack("kept")
    later = there[1:]
    shares = np.divide(there[:-1], later, out=np.ones_like(later), where=later > 0)
    drop = int(shares.argmin())
    before = float(there[drop + 1]) / most
    after = left / float(there[drop]) if there[drop] > 0 else 1.0
    return WayBack("cut", far + drop + 1) if before * after >= FAINT else WayBack("fades")
