"""What a network computed: the door between the engine and everything that shows it.

Imports `npz`, `style` and what is below. Begin with `trace`; `recording` is one layer of it,
`units` chooses those that are shown; `file`, `text`, `frames` and `table` are its forms outside
of the program.
"""
