"""No command replaces what it did not write, what was changed since, or what it reads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from lstmviz.engine.model.network import seeded

pytestmark = pytest.mark.slow

QUICK = ("--quality", "draft", "--fps", "2", "--pace", "2", "--quiet")
Call = Callable[..., Result]
Refused = Callable[..., str]

WAYS = {
    "render": ("render", "mini.py", *QUICK, "-o", "a.png"),
    "subtitles": ("render", "mini.py", *QUICK, "-o", "a.mp4", "--subtitles"),
    "default": ("render", "mini.py", *QUICK),
    "storyboard": ("storyboard", "mini.py", "--quality", "draft", "--quiet", "-o", "a.png"),
    "still": ("still", "mini.py", "--quality", "draft", "--quiet", "-o", "a.svg"),
    "still by default": ("still", "mini.py", "--quality", "draft", "--quiet"),
    "slides": ("slides", "mini.py", *QUICK, "-o", "a.pptx"),
    "html": ("slides", "mini.py", *QUICK, "-o", "a.html"),
    "pdf": ("slides", "mini.py", *QUICK, "-o", "a.pdf"),
    "reveal": ("slides", "mini.py", *QUICK, "--reveal", "talk"),
    "trace": ("trace", "--quiet", "-o", "a.npz"),
    "json": ("trace", "--quiet", "-o", "a.json"),
    "csv": ("trace", "--quiet", "-o", "a.csv"),
    "many": ("trace", "--quiet", "--inputs", "many.txt", "-o", "a.csv"),
    "article": ("article", "--only", "tanh", *QUICK, "-o", "."),
    "page": ("article", "--only", "tanh", *QUICK, "-o", "."),
    "batch": ("batch", "jobs.toml", "--quiet", "-o", "."),
}
WRITTEN = {
    "render": "a.png",
    "subtitles": "a.srt",
    "default": "media/mini.mp4",
    "storyboard": "a.png",
    "still": "a.svg",
    "still by default": "media/mini.svg",
    "slides": "a.pptx",
    "html": "a.html",
    "pdf": "a.pdf",
    "reveal": "talk/mini.json",
    "trace": "a.npz",
    "json": "a.json",
    "csv": "a.csv",
    "many": "a-2.csv",
    "article": "09-tanh.srt",
    "page": "index.html",
    "batch": "a.srt",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.few(5)
def test_what_is_not_ours_stays_until_it_is_forced(
    call: Call, refused: Refused, mini: str, way: str
) -> None:
    Path("many.txt").write_text("good\nbad\n", encoding="utf-8")
    job = '[[job]]\nstory = "mini.py"\nquality = "draft"\nfps = 2\noutput = "a.srt"\n'
    Path("jobs.toml").write_text(job, encoding="utf-8")
    path = Path(WRITTEN[way])
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"mine")
    told = refused(*WAYS[way])
    assert told.startswith(f"{path} was not written by lstmviz, or was changed since")
    assert "--force" in told
    assert path.read_bytes() == b"mine"
    others = {"mini.py", "many.txt", "jobs.toml", path.as_posix()}
    assert {each.as_posix() for each in Path().rglob("*") if each.is_file()} == others
    if way in ("render", "subtitles", "many", "batch", "reveal"):
        call(*WAYS[way], "--force")
        assert path.read_bytes() != b"mine"
        call(*WAYS[way])  # ours now


def test_an_edited_deck_stays(call: Call, refused: Refused, mini: str) -> None:
    from pptx import Presentation

    deck = ("slides", mini, *QUICK, "-o", "deck.pptx")
    call(*deck)
    call(*deck)
    show = Presentation("deck.pptx")
    show.slides.add_slide(show.slide_layouts[0])
    show.save("deck.pptx")
    count = len(show.slides)
    assert "deck.pptx" in refused(*deck)
    assert len(Presentation("deck.pptx").slides) == count
    os.chmod("deck.pptx", 0o444)
    assert "make it writable" in refused(*deck, "--force")
    assert len(Presentation("deck.pptx").slides) == count


@pytest.mark.parametrize(
    ("command", "output"),
    [
        (["trace", "--trace", "t.npz"], "t.npz"),
        (["trace", "--network", "model.npz", "--input", "d.npy"], "model.npz"),
        (["trace", "--input", "d.csv"], "d.csv"),
        (["trace", "--inputs", "d-1.csv"], "d.csv"),
        (["trace", "--inputs", "list.txt"], "d.csv"),
        (["trace", "--network", "model.npz", "--vocab", "words.json"], "words.json"),
        (["trace", "--network", "model.npz", "--config", "words.json"], "words.json"),
        (["trace", "--input", "1,2", "--check", "d.npy"], "link.npz"),
        (["export", "film.reel"], "film.reel"),
        (["slides", "film.reel", "mini.py", "--vocab", "deck.html"], "deck.html"),
        (["still", "mini.py", "--theme", "brand.toml"], "logo.svg"),
        (["storyboard", "mini.py", "--check", "c.png"], "c.png"),
        (["render", "mini.py", "--check", "c.png"], "c.png"),
    ],
)
def test_what_is_read_is_never_written(
    call: Call, refused: Refused, mini: str, command: list[str], output: str
) -> None:
    """All of them are files that lstmviz could have written, or may be forced to."""
    seeded("gru", 2, 3, 1).save("model.npz")
    call("trace", "--quiet", "-o", "t.npz")
    for name in ("d.csv", "d-1.csv", "d-2.csv", "words.json", "film.reel", "deck.html", "c.png"):
        Path(name).write_text("1,2\n", encoding="utf-8")
    np.save("d.npy", np.zeros((1, 2)))
    Path("link.npz").symlink_to("d.npy")
    Path("list.txt").write_text("0.1,0.2\n  d-2.csv \n", encoding="utf-8")
    logo = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 0L9 9Z"/></svg>'
    Path("logo.svg").write_text(logo, encoding="utf-8")
    Path("brand.toml").write_text('[logo]\nfile = "logo.svg"\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    for force in ([], ["--force"]):
        assert "is also read" in refused(*command, *force, "-o", output)
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_a_file_below_the_folder_of_a_batch_that_is_read_stays(refused: Refused, mini: str) -> None:
    Path("out").mkdir()
    job = '[[job]]\nstory = "mini.py"\ninput = "words.csv"\noutput = "words.csv.srt"\n'
    Path("words.csv").write_text("1\n2\n", encoding="utf-8")
    Path("out/words.csv.srt").hardlink_to("words.csv")
    Path("jobs.toml").write_text(job, encoding="utf-8")
    told = refused("batch", "jobs.toml", "--quiet", "--force", "-o", "out")
    assert "is also read" in told
    assert Path("words.csv").read_text(encoding="utf-8") == "1\n2\n"


@pytest.mark.skipif(os.name != "posix", reason="shells of Windows close no streams")
def test_streams_that_a_shell_has_closed(tmp_path: Path) -> None:
    """What is opened first must not become the standard output that others print to."""
    command = f"{sys.executable} -m lstmviz trace"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def shell(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60
        )

    closed = shell(f"{command} >&-")
    assert (closed.returncode, closed.stderr) == (
        2,
        "Error: Standard output is closed; write the trace to a file with -o.\n",
    )
    assert shell(f"{command} -o a.csv <&- >&- 2>&-").returncode == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("tick,token,known")
