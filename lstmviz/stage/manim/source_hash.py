"""Whether a function of Manim's is the one that was read when something here was built on it."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from typing import Any


def recognised(function: Callable[..., Any], digest: str) -> bool:
    """Tell whether the SHA-256 of a function's source begins so."""
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return False
    return hashlib.sha256(source.encode()).hexdigest().startswith(digest)
