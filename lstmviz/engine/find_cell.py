"""Finds a cell in a Python file of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.errors import UsageError
from lstmviz.system.python_files import opened, parsed, split_name

if TYPE_CHECKING:
    from lstmviz.engine.model.cell import Cell


def find_cell_in_file(name: str) -> Cell:
    """Find a cell of one's own as `file.py:name`, or as `file.py` that holds one cell.

    Raises:
        UsageError: there is none; lists those that there are.
        LstmvizError: the file fails when it is opened.
    """
    from lstmviz.engine.model.cell import Cell

    path, _, wanted = split_name(name)
    if path is None:
        raise UsageError(f"{name} names no cell in a file; write file.py:name.")
    parsed(path)
    module = opened(path)
    cells = {key: value for key, value in vars(module).items() if isinstance(value, Cell)}
    own = {key: value for key, value in cells.items() if not key.startswith("_")}
    if not wanted and len(own) == 1:
        return next(iter(own.values()))
    if wanted in own:
        return own[wanted]
    have = f"its cells are: {', '.join(own)}" if own else "decorate its function with @cell"
    raise UsageError(f"{path} has no cell {wanted or 'that is its only one'}; {have}.")
