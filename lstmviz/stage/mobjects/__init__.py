"""The things on the stage: columns of numbers, charts, the strip of words, the lens.

Imports `manim` and `text`. Begin with `column`, which shows a reading.
"""
