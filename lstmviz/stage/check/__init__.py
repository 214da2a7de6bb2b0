"""Looks for text that overlaps, leaves the frame, is too small or too faint.

Imports `story` and what is below. Begin with `check`.
"""
