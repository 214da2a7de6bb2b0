"""What every story is: steps, captions, the words for those who cannot see it.

Imports `mobjects` and what is below. Begin with `story`; `telling` is how it is told,
`discovery` finds stories by name.
"""
