"""Gradients of a network, by back-propagation through its own equations.

Imports `run` and what is below. Begin with `gradients`; `autodiff` differentiates a cell, `replay`
computes a tick again so that it can.
"""
