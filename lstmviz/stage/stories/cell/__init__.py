"""Stories that happen inside a cell, in its circuit and the lens beside it.

Begin with `cell`.
"""
