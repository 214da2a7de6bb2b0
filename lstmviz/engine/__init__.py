"""Runs networks in NumPy and writes down everything that their equations name.

Imports `trace` and what is below, and no Manim. Begin with `model/cell`, which makes a cell of
equations (those that come along are in `lstmviz.cells`), then `run`. `inputs` makes rows of
sentences and numbers, `forward` walks the layers, `backward` differentiates, `lessons` computes
what a story shows besides.
"""
