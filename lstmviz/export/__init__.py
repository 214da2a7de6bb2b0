"""Every file that users want, each made from a reel alone: chosen by the file's ending.

Imports the reel and what is below; no stage and no Manim. Begin with `common/format`, which says
what a format is, and `formats`, which writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.export.formats import FORMATS, export

__all__ = ["FORMATS", "export"]


def __getattr__(name: str) -> Any:
    # When first asked for: the formats can be listed without waiting for NumPy.
    if name not in __all__:
        raise AttributeError(f"module 'lstmviz.export' has no attribute {name!r}")
    from lstmviz.export import formats

    return getattr(formats, name)
