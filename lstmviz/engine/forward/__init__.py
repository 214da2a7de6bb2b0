"""Walks the layers of a network, tick by tick, and records every reading.

Imports `model` alone. Begin with `layers`; `unroll` is the loop over ticks, `recorders` are where
readings go: into memory, or into a file as they come.
"""
