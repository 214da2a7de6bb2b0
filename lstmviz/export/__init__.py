"""Every file that users want, each made from a reel alone: chosen by the file's ending."""

from lstmviz.export.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
