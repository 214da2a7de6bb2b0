"""The example notebook as a web page, in a real Chromium: its film plays, its table is coloured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image

import lstmviz
from lstmviz.trace.table import colours, groups_of

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "example.ipynb"
VIDEO = "document.querySelector('video')"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    book = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    exporter = HTMLExporter(template_name="lab", mathjax_url="", require_js_url="")
    text, _ = exporter.from_notebook_node(book)
    # What nbconvert's page would fetch from the web, to draw diagrams that are not in this one.
    text = re.sub(r'<script type="module">.*?</script>', "", text, flags=re.DOTALL)
    assert not re.search(r"""(src=|import\s?\(?)["']https?:""", text)
    (folder / "example.html").write_text(text, encoding="utf-8")
    return folder / "example.html"


def shot(browser: Any, path: Path, element: str) -> np.ndarray:
    """The picture of an element, scrolled to the middle of the page."""
    browser.ask(f"{element}.scrollIntoView({{block: 'center'}})")
    x, y, width, height = browser.ask(
        f"(b => [b.x, b.y, b.width, b.height])({element}.getBoundingClientRect())"
    )
    with Image.open(browser.screenshot(path)) as image:
        return np.asarray(image.convert("RGB"), float)[
            round(y) : round(y + height), round(x) : round(x + width)
        ]


def test_the_film_shows_its_poster_and_plays(browser: Any, page: Path, tmp_path: Path) -> None:
    browser.open(page)
    browser.until(f"{VIDEO}.readyState >= 1")
    assert browser.ask(f"[{VIDEO}.controls, {VIDEO}.muted, {VIDEO}.paused]") == [True] * 3
    assert browser.ask(f"[{VIDEO}.videoWidth, {VIDEO}.videoHeight]") == [854, 480]
    assert browser.ask(f"{VIDEO}.textTracks.length") == 1
    # The poster is what is seen before it plays: the last frame, drawn in the browser itself.
    browser.ask(f"{VIDEO}.controls = false")
    seen = shot(browser, tmp_path / "poster.png", VIDEO)
    browser.ask(
        f"new Promise(done => {{ const i = new Image(); i.onload = () => {{ "
        f"{VIDEO}.after(i); i.style.cssText = 'width:' + {VIDEO}.clientWidth + 'px;display:block';"
        f" i.id = 'poster'; done(1); }}; i.src = {VIDEO}.poster; }})"
    )
    poster = shot(browser, tmp_path / "image.png", "document.querySelector('#poster')")
    rows, columns = min(seen.shape[0], poster.shape[0]), min(seen.shape[1], poster.shape[1])
    assert np.abs(seen[:rows, :columns] - poster[:rows, :columns]).mean() < 3
    assert seen.std() > 15
    browser.ask(f"{VIDEO}.play()")
    browser.until(f"{VIDEO}.currentTime > 1.5 && {VIDEO}.readyState >= 3")
    browser.ask(f"{VIDEO}.pause()")
    begun = shot(browser, tmp_path / "begun.png", VIDEO)
    assert np.abs(begun[:rows] - seen[: begun.shape[0]][:rows]).mean() > 3
    browser.ask(f"{VIDEO}.currentTime = {VIDEO}.duration")
    browser.until(f"{VIDEO}.ended && !{VIDEO}.seeking")


def test_the_table_has_the_colours_of_its_values(browser: Any, page: Path) -> None:
    browser.open(page)
    trace = lstmviz.run("The food was great, but the waiter was rude.", cell="lstm")
    seen = browser.ask(
        "[...document.querySelector('table').querySelectorAll('td[style]')].map(cell => {"
        " const style = getComputedStyle(cell);"
        " return [cell.textContent, style.color, style.backgroundColor]; })"
    )
    row = [(float(value), group.scale) for group in groups_of(trace) for value in group.values[5]]
    width = len(row)
    assert len(seen) == width * len(trace)
    for (value, scale), (text, ink, ground) in zip(row, seen[5 * width : 6 * width], strict=True):
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.006)
        assert [ink, ground] == [_rgb(colour) for colour in colours(round(value, 2), scale)]


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"
