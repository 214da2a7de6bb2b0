"""What every story is: steps, captions, the words for those who cannot see it.

Imports `mobjects` and what is below. Begin with `story`; `discovery` finds stories by name.
"""
