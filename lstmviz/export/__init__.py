"""Every file that users want, each made from a reel alone: chosen by the file's ending.

Imports the reel and what is below; no stage and no Manim. Begin with `formats`, the list of kinds.
"""

from lstmviz.export.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
