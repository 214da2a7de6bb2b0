"""From what a user types to the rows that a network reads.

Imports `model` and the type of rows from `forward`. Begin with `read`; `tokenise` cuts sentences,
`encode` looks tokens up, `find_tick` finds one again in a trace.
"""
