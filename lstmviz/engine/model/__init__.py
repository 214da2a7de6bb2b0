"""Networks as values: cells as their equations, the functions in them, layers and weights.

Imports nothing else of the engine. Begin with `moment`, what equations write into, and `cell`,
which makes a cell of them; `sketch` finds out what they compute, and `cells` finds cells by name.
"""
