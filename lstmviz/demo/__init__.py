"""The networks that come along, which one reads an input, and which one made a trace.

Imports the engine and what is below. Begin with `networks`; `training` made them.
"""
