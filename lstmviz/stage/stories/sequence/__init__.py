"""Stories along a sequence: words or numbers, one after the other.

Begin with `sequence`.
"""
