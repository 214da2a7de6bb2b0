"""The steps of a story as they stand in its file, read without running it."""

from __future__ import annotations

import ast
from pathlib import Path


def steps_written(path: Path) -> dict[str, str]:
    """Give the text of each step in a file, by its name; nothing where it is no Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.With):
            for item in node.items:
                if name := _step_name(item.context_expr):
                    found[name] = found.get(name, "") + ast.dump(node)
    return found


def _step_name(call: ast.expr) -> str:
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    if not (named and isinstance(call, ast.Call) and call.args):
        return ""
    value = getattr(call.args[0], "value", None)
    is_step = isinstance(call.func, ast.Attribute) and call.func.attr == "step"
    return value if is_step and isinstance(value, str) else ""
