"""The example notebook in docs/: small as it is stored, and what it gives when it is run."""

from __future__ import annotations

import base64
import json
import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

import lstmviz

pytestmark = pytest.mark.verify

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "example.ipynb"
Outputs = list[dict[str, str]]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Outputs]]:
    """Each cell's code and, by media type, what it gave in a kernel of its own."""
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copy(NOTEBOOK, folder)
    book = nbformat.read(folder / NOTEBOOK.name, as_version=4)
    client = NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()  # an error in a cell is raised here
    assert [path.name for path in folder.iterdir()] == [NOTEBOOK.name], "it leaves nothing behind"
    return [
        (cell.source, [_shown(output) for output in cell.outputs])
        for cell in book.cells
        if cell.cell_type == "code"
    ]


def _shown(output: Any) -> dict[str, str]:
    if output.output_type == "stream":
        assert output.name == "stdout", output.text
        return {"text/plain": output.text}
    return dict(output.data)


def only(given: list[tuple[str, Outputs]], code: str) -> dict[str, str]:
    """What the one cell with this code in it gave."""
    (outputs,) = [outputs for source, outputs in given if code in source]
    (output,) = outputs
    return output


def test_it_is_stored_without_what_it_gave() -> None:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    nbformat.validate(book)
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert NOTEBOOK.stat().st_size < 10_000


def test_a_trace_is_a_table_with_coloured_cells(given: list[tuple[str, Outputs]]) -> None:
    shown = only(given, 'cell="lstm"')
    trace = lstmviz.run("The food was great, but the waiter was rude.", cell="lstm")
    assert shown["text/html"] == trace._repr_html_()
    assert shown["text/plain"] == repr(trace)
    cells = re.findall(r'<td style="color:(#\w+);background:(#\w+)', shown["text/html"])
    assert len(cells) == len(trace) * 4 * 5  # words, units, and f i o c h
    assert len({ground for _, ground in cells}) > 20


def test_a_film_is_a_video_a_picture_and_a_line(given: list[tuple[str, Outputs]]) -> None:
    shown = only(given, "lstmviz.render")
    assert set(shown) == {"text/html", "image/png", "text/plain"}
    tag, poster, film = re.findall(
        r'(<video [^>]*?)poster="data:image/png;base64,([^"]+)".*?data:video/mp4;base64,([^"]+)"',
        shown["text/html"],
        re.DOTALL,
    )[0]
    assert {"controls", "muted", "playsinline"} <= set(tag.split())
    with av.open(BytesIO(base64.b64decode(film))) as video:
        assert video.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in video.decode(video=0)) > 50
    with Image.open(BytesIO(base64.b64decode(poster))) as image:
        assert image.size == (854, 480)
    assert re.match(
        r"The forget gate.* \(\d+ s, 854×480, 10 frames a second; steps: .*\)$", shown["text/plain"]
    )


def test_its_numbers_are_those_of_the_text(given: list[tuple[str, Outputs]]) -> None:
    assert re.search(r"“but” by \d%\.$", only(given, 'idxmin()\nprint(f"On')["text/plain"].strip())
    moved = only(given, "nlargest")["text/plain"]
    assert all(word in moved for word in ("great", "but", "rude"))
    verdict = lstmviz.run("The food was great, but the waiter was rude.")["output"][:, 0]
    assert verdict[3] > 0 > verdict[-1]
    assert "great" in only(given, '["output"]')["text/plain"]
    assert "“but”" in only(given, 'cell="gru")\ntick')["text/plain"]
    wave = only(given, "wave = ")
    assert "random weights, seed 1" in wave["text/html"]
    assert wave["text/html"].count("<td style") == 9 * 3 * 3  # steps, units, and r z h
