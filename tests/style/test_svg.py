"""Logos: what can be drawn in a second is, everything else is refused before it is drawn."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.logo import logo_mobject
from lstmviz.style.layout import WIDE
from lstmviz.style.svg import read_svg
from lstmviz.style.theme import Logo

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
BOX = '<rect width="3" height="2"/>'


def drawing(inside: str) -> str:
    return f"{HEAD}{inside}</svg>"


def used(times: int, levels: int) -> str:
    """Groups of which each uses the one before several times."""
    groups = [f'<g id="a0">{BOX}</g>']
    for level in range(1, levels + 1):
        use = f'<use xlink:href="#a{level - 1}"/>' * times
        groups.append(f'<g id="a{level}">{use}</g>')
    return drawing("".join(groups))


def write(folder: Path, text: str) -> Path:
    path = folder / "logo.svg"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        drawing(BOX),
        f'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a.dtd">'
        f"<!-- a comment -->{drawing(BOX)}",
        drawing(f"<style>.a {{fill: red}}</style><g class='a'>{BOX}</g>"),
        drawing('<path d="M0 0L3 4h5a1 2 3 0 1 5 6z" style="fill:#123456;stroke:none"/>'),
        used(3, 3),
        drawing(f'<image href="data:image/png;base64,{"A" * 9_999}"/>{BOX}'),
    ],
    ids=range(6),
)
def test_drawings_are_read(tmp_path: Path, text: str) -> None:
    assert read_svg(write(tmp_path, text)) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (used(10, 9), r"draws [\d,]{7,} shapes, more than 1,000"),
        (drawing('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'), "within itself"),
        (drawing("<g>" * 3_000 + BOX + "</g>" * 3_000), "more than 40 elements within each other"),
        (drawing(f'<path d="M0 0{"L1 2" * 30_000}"/>'), "outlines of 120,004 letters"),
        (drawing(f'<path d="M0 0{"a1 2 3 0 1 5 6" * 2_000}"/>'), "outlines of 280,"),
        (drawing(f'<rect fill="rgb({"1" * 50_000}" width="1" height="1"/>'), "an attribute fill"),
        (drawing(f"<style>.a{{fill:rgb({'1' * 50_000}}}</style>{BOX}"), "an endless rule"),
        (f'<!DOCTYPE svg [<!ENTITY a "b">]>{drawing("&a;")}', "declares entities"),
        (drawing(f"<!-- {'x' * (1 << 20)} -->{BOX}"), "is larger than 1 MB"),
        (drawing("<text>only text</text>"), "has no shapes that can be drawn; turn its text"),
        (drawing('<rect width="1e999" height="1"/>'), "has no shapes that can be drawn"),
        (drawing('<rect width="3" height="3" transform="rotate(a)"/>'), "has values that mean"),
        ("<html/>", "is not an SVG"),
        ("no drawing", "is not valid SVG"),
        ("", "is not valid SVG"),
    ],
    ids=range(15),
)
def test_what_takes_long_or_is_no_drawing_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    began = time.process_time()
    with pytest.raises(UsageError, match=rf"The logo .*logo\.svg.*{sentence}"):
        read_svg(write(tmp_path, text))
    assert time.process_time() - began < 2


def test_a_logo_is_drawn_as_it_is_now_and_leaves_its_folder_alone(tmp_path: Path) -> None:
    path = write(tmp_path, drawing(BOX))
    (tmp_path / "logo_.svg").write_text("of the user's own", encoding="utf-8")
    logo = Logo(path, "bottom-left", 0.3)
    assert logo_mobject(logo, WIDE.frame).width == pytest.approx(0.45)
    write(tmp_path, drawing('<rect width="2" height="2"/>'))
    assert logo_mobject(logo, WIDE.frame).width == pytest.approx(0.3)
    assert (tmp_path / "logo_.svg").read_text(encoding="utf-8") == "of the user's own"
