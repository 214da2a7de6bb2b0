"""Draws a story: walks it, cuts it into slices, and lets several processes draw them.

Imports `story` and `manim`. Begin with `slices`, then `scheduler`.
"""
