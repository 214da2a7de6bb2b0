"""The figures of the illustrated guide, in order, and the page that shows them.

Imports `films` and what is below. Begin with `article`; `figures` lists them.
"""
