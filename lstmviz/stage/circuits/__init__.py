"""The wiring of cells, drawn: gates, wires, operators, and where data rides.

Imports `mobjects` and what is below. Begin with `circuit`, then `lstm`.
"""
