"""All that leans on Manim's insides: importing it, copying, its renderer and painter.

Imports `text` alone of the stage. Begin with `compatibility`, which reports whether it holds with
the Manim at hand and what comes in its place; then `renderers`; `painter` draws what changed.
"""
