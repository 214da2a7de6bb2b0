"""How things are written and coloured: notation, themes, layouts, languages, sizes of pictures.

Plain values without Manim; imports the errors alone. Begin with `notation`, which says how a
reading is written, and `look`, all that a film looks like. The fonts and the languages lie here,
too.
"""
