"""The package's own namespace."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lstmviz


@pytest.mark.slow
def test_importing_and_computing_need_no_manim() -> None:
    program = """
import sys
sys.modules["manim"] = None  # an import of it now fails
import lstmviz
trace = lstmviz.run("good", cell="lstm")
lstmviz.Trace, lstmviz.Network, lstmviz.read_input
# Nor what codes and draws: a machine that only computes has none of it.
assert not {"torch", "PIL", "av", "cairo", "pptx"} & {*sys.modules}
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


def test_public_names_are_there() -> None:
    for name in ("run", "Trace", "Network", "Cell", "Moment", "cell", "read_input", "UsageError"):
        assert getattr(lstmviz, name) is not None
        assert name in dir(lstmviz)
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        lstmviz.rum  # noqa: B018
