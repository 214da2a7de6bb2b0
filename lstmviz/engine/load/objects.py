"""Networks from modules and layers in memory, checked against them at once."""

from __future__ import annotations

from typing import Any


def from_torch(module: Any) -> Any: ...


def from_keras(layer: Any) -> Any: ...
