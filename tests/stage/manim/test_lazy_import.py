"""Manim is imported without libraries that most scenes do without, and can do all that it can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("scipy", "networkx", "bs4", "IPython")


def python(code: str) -> str:
    """Run some lines in a process of their own, and give what they print."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_command_loads_none_of_them(tmp_path: Path) -> None:
    command = ["storyboard", "cell-state", "--quality", "draft", "-o", str(tmp_path / "sheet.png")]
    loaded = python(f"""
import sys
from lstmviz.cli import main
main({command}, standalone_mode=False)
print("manim" in sys.modules, [name for name in {HEAVY} if name in sys.modules])
""")
    assert loaded.endswith("True []\n")


@pytest.mark.slow
def test_python_is_left_as_it_is() -> None:
    """Who imports lstmviz gets Manim whole: no module of the process is ever another one."""
    shown = python(f"""
import sys
seen = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("manim."):
            there = [sys.modules[heavy] for heavy in {HEAVY} if heavy in sys.modules]
            seen.extend(each for each in there if getattr(each, "__spec__", None) is None)
sys.meta_path.insert(0, Watch())
import lstmviz
from lstmviz.stage.manim.lazy_import import import_manim
from lstmviz.stage.story.discovery import find_story
import_manim()
print("manim" in sys.modules)
find_story("cell-state")
import manim.mobject.graph, networkx, scipy.spatial.transform
print(seen, manim.mobject.graph.nx is networkx)
""")
    assert shown == "False\n[] True\n"


@pytest.mark.slow
def test_what_needs_them_finds_them() -> None:
    """Turns, graphs and listings are what they are where Manim is imported as usual."""
    lean = """
from lstmviz.stage.manim.lazy_import import import_manim, manim_imported_lazily
with manim_imported_lazily():
    import_manim()
"""
    code = """
import manim, numpy, networkx
from scipy.spatial.transform import Rotation, Slerp
matrix = manim.rotation_matrix(1.0, numpy.array([1.0, 2.0, 2.0]) / 3)
print(matrix.tolist())
graph = manim.Graph([1, 2, 3], [(1, 2), (2, 3)], layout="spring", layout_config={"seed": 1})
print([vertex.get_center().tolist() for vertex in graph.vertices.values()])
code = manim.Code(code_string="x = 1  # one", language="python", background="window")
print(len(code.code_lines[0]), code.width)
print(isinstance(Rotation.identity(), Rotation), networkx.Graph.__module__, Slerp.__name__)
print(isinstance(networkx.Graph(), networkx.Graph))
"""
    assert python(lean + code) == python(code)


@pytest.mark.slow
def test_they_can_be_used_at_once() -> None:
    shown = python("""
import sys
from lstmviz.stage.manim.lazy_import import standing_in
with standing_in():
    import networkx as nx
    from scipy.spatial.transform import Rotation
    assert "scipy" not in sys.modules
    print(Rotation.identity().as_quat().tolist(), nx.path_graph(3).number_of_edges())
    import networkx
    print(networkx is nx, networkx.__file__.endswith("__init__.py"))
    assert isinstance(Rotation.identity(), Rotation)
assert {"networkx", "scipy.spatial.transform"} <= sys.modules.keys()
assert "bs4" not in sys.modules
import IPython
""")
    assert shown == "[0.0, 0.0, 0.0, 1.0] 2\nFalse True\n"


@pytest.mark.verify
def test_another_manim_is_imported_as_usual() -> None:
    """One that takes more from such a library than something to use later."""
    shown = python("""
import sys
import lstmviz.stage.manim.lazy_import as lean
class Plain:
    def find_spec(self, name, path=None, target=None):
        if name == "manim.plugins" and "scipy.spatial" not in sys.modules:
            raise TypeError("a class cannot be made from what stands in for another")
sys.meta_path.insert(0, Plain())
assert lean.reliance().holds
with lean.manim_imported_lazily():
    lean.import_manim()
assert "a class cannot be made" in lean.reliance().lacking
print("manim" in sys.modules, [name for name in sys.modules if name.startswith("manim.")])
del sys.meta_path[0]
import manim
print(manim.rotation_matrix(0.0, manim.OUT).tolist())
""")
    assert shown.startswith("False []\n")
    assert shown.endswith("[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]\n")
