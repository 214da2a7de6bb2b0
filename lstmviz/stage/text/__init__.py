"""Text and formulas as shapes, from fonts that come along: HarfBuzz and Typst, no LaTeX.

Imports `style` and what is below. Begin with `text`.
"""
