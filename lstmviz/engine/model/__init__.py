"""Networks as values: cells as their equations, the functions in them, layers and weights.

Imports nothing else of the engine. Begin with `cells`; `cell` is what makes one of a function.
"""
