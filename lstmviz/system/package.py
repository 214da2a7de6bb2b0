"""What is known of the package itself: where it is at home, and what adds to it what is missing."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NAME = "lstmviz"


def address() -> str | None:
    """Give the public address of the project, which `pyproject.toml` holds; None if it has none."""
    try:
        links = metadata.metadata(NAME).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    known = dict(link.split(", ", 1) for link in links)
    return known.get("Repository")


def install(*requirements: str) -> str:
    """Write the command that adds libraries to the Python that runs this.

    It is `pip install` where that is this Python's, and names this Python where it is not. The
    package itself is never among them: it comes from its folder, and from no index.
    """
    here = Path(sys.executable)
    found = shutil.which("pip")
    ours = found is not None and Path(found).parent == here.parent
    pip = "pip" if ours else f"{_quoted(str(here))} -m pip"
    return f"{pip} install {' '.join(map(_quoted, requirements))}"


def install_extra(extra: str) -> str:
    """Write the command that adds the libraries of an extra of the package."""
    try:
        wanted = [f"{each.name}{each.specifier}" for each in libraries_of(extra)]
    except metadata.PackageNotFoundError:
        wanted = ["-e", f".[{extra}]"]
    return install(*wanted)


def libraries_of(extra: str) -> list[Requirement]:
    """Give what an extra adds to what the package needs anyway.

    Raises:
        PackageNotFoundError: the package is not installed, and says nothing.
    """
    from packaging.requirements import Requirement

    return [
        each
        for each in map(Requirement, metadata.requires(NAME) or [])
        if each.marker is not None
        and each.marker.evaluate({"extra": extra})
        and not each.marker.evaluate({"extra": ""})
    ]


def _quoted(word: str) -> str:
    """Write a word as a shell reads it."""
    if os.name == "nt":
        return f'"{word}"' if set(word) & set(" <>") else word
    return shlex.quote(word)
