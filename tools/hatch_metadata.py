"""What hatchling asks before it builds: can what lstmviz needs be compiled here?

`pip install .` takes Cairo and Pango along, for Manim, and compiles both on Linux (Cairo alone on
macOS). Where that cannot be, pip ends in a hundred lines that never name the cure; this says it
before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

LIBRARIES = {"linux": {"cairo": "cairo", "manimpango": "pangocairo"}, "darwin": {"cairo": "cairo"}}
CURES = {
    "apt-get": "sudo apt-get install -y --no-install-recommends gcc pkg-config libcairo2-dev "
    "libpango1.0-dev python3-dev",
    "dnf": "sudo dnf install gcc pkgconf python3-devel cairo-devel pango-devel",
    "brew": "brew install cairo pkgconf",
}
ANYWAY = "LSTMVIZ_BUILD_ANYWAY"


class CustomMetadataHook(MetadataHookInterface):
    """Refuses to go on where a library that is to be compiled could not be."""

    def update(self, metadata: dict[str, object]) -> None:
        """Change nothing, and end with the command that helps if something is missing."""
        lacking = missing()
        if lacking and not os.environ.get(ANYWAY):
            raise SystemExit(
                f"\nInstall what is missing, then try again:\n\n    {cure()}\n\n"
                f"Missing: {', '.join(lacking)}. Two libraries are compiled with it.\n"
                f"(If you have both as wheels, or only build a package: {ANYWAY}=1 goes on.)\n"
            )


def missing() -> list[str]:
    """Name what is not there of all that compiles the libraries that are not installed yet."""
    wanted = LIBRARIES.get(sys.platform, {})
    needed = [library for module, library in wanted.items() if not installed(module)]
    if not needed:
        return []
    lacking = []
    if not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")):
        lacking.append("a C compiler")
    pkg_config = shutil.which("pkg-config") or shutil.which("pkgconf")
    for library in needed:
        found = pkg_config and not subprocess.call(
            [pkg_config, "--exists", library], stderr=subprocess.DEVNULL
        )
        if not found:
            lacking.append(f"the development files of {library}" if pkg_config else "pkg-config")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        lacking.append("Python's headers (Python.h)")
    return list(dict.fromkeys(lacking))


def installed(module: str) -> bool:
    """Tell whether the Python that asks has a library, seen from outside pip's own environment."""
    here = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return not subprocess.call([sys.executable, "-c", look], env=here)


def cure() -> str:
    """Write the command that installs what is missing on this system."""
    for tool, command in CURES.items():
        if shutil.which(tool):
            return command
    return "gcc, pkg-config, and the development files of Python, Cairo and Pango"
