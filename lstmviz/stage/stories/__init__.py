"""The kinds of stories: inside a cell, of a function, along a sequence; the film of stories.

Imports everything else of the stage but `drawing` and `check`. Begin with `cell/cell`. Scenes in
`scenes/` say what happens; how it is done stands here.
"""
