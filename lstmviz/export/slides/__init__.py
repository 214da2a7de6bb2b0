"""Decks: PowerPoint, web page, handout, clips for manim-slides; and a film in a notebook.

Imports `video`, `images` and `common`. Begin with `decks`, which puts several stories together.
"""
