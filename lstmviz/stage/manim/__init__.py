"""All that leans on Manim's insides: importing it, copying, its renderer and painter.

Imports `text` alone of the stage. Begin with `renderers`; `painter` draws what changed.
"""
