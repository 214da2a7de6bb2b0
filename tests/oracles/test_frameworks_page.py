"""Each framework's way from training script to film, as docs/frameworks.md prints it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "frameworks.md"
TEXT = PAGE.read_text(encoding="utf-8")
WAYS = {
    title: (script, commands)
    for title, script, commands in re.findall(
        r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```.*?```sh\n(.*?)```",
        TEXT,
        re.DOTALL | re.MULTILINE,
    )
}


@pytest.mark.parametrize("title", WAYS)
def test_a_way_can_be_walked(title: str, tmp_path: Path) -> None:
    script, commands = WAYS[title]
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    (names,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "names.toml").write_text(names, encoding="utf-8")
    own = {"KERAS_BACKEND": "torch", "PYTHONPATH": str(PAGE.parents[1])}

    def ran(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=os.environ | own,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    ran("train.py")
    lines = commands.splitlines()
    assert lines[0].startswith("lstmviz inspect")
    assert lines[-1].startswith("lstmviz render")
    for line in lines:
        _, command, *rest = shlex.split(line)
        if command == "render":  # there is no Manim beside these frameworks: the same trace
            rest = [*rest[1 : rest.index("-o")], "-o", "trace.npz"]
            command = "trace"
        said = ran("-m", "lstmviz", command, *rest)
        if "--check" in rest:
            assert "the largest difference is" in said
        elif command == "trace":
            assert re.search(r"The answer at the end: (dull|good) \d\.\d\d, (dull|good)", said)


def test_all_ways_were_found() -> None:
    assert [title.partition(",")[0] for title in WAYS] == ["PyTorch", "Keras", "ONNX", "JAX"]
