"""Memory that is lent to records, and lent again once nobody can look at them any more.

The system clears what it gives, page by page, and takes back at once what is given up. For batch
after batch that is a tenth of the time, on a busy virtual machine more than computing takes; so
the last piece that came back is kept for the next run that needs as much.
"""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.moment import LINE

FROM, MOST = 2**25, 2**27  # bytes: what the C library keeps by itself, and what is not kept idle

_Bytes = NDArray[np.uint8]
_back: list[_Bytes] = []  # what came back, one piece at most


def lend(size: int) -> _Bytes:
    """So many bytes of any content, which begin where a line of the processor's cache does."""
    wanted = size + LINE
    if not FROM <= wanted <= MOST:
        return _from_line(np.empty(wanted, np.uint8), size)
    memory = _returned(wanted)
    if memory is None:
        memory = np.empty(wanted, np.uint8)
    # All arrays in it lead to this object, which is gone only after the last of them: an array
    # that owns memory is not always the one that others lead to.
    lent: Any = (ctypes.c_char * wanted).from_buffer(memory.data)
    weakref.finalize(lent, _take_back, memory).atexit = False
    return _from_line(np.frombuffer(lent, np.uint8), size)


def _returned(wanted: int) -> _Bytes | None:
    """What came back, if it has just that size; another one is given up for what is needed now."""
    try:
        memory = _back.pop()
    except IndexError:
        return None
    return memory if memory.nbytes == wanted else None


def _take_back(memory: _Bytes) -> None:
    _back[:] = [memory]


def _from_line(memory: _Bytes, size: int) -> _Bytes:
    start = -memory.ctypes.data % LINE
    return memory[start : start + size]
