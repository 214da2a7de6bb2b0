"""The handout has a page per step whose picture is exactly that of the film."""

from __future__ import annotations

import re
import runpy
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz.export.formats import export
from lstmviz.export.slides.pdf import deck
from lstmviz.export.slides.text_layer import drawn
from lstmviz.reel.reel import Reel

ROOT = Path(__file__).resolve().parents[3]


def objects(path: Path) -> dict[int, bytes]:
    """Read a file as readers do: by the places that its table says."""
    content = path.read_bytes()
    assert content.endswith(b"%%EOF\n")
    begin = int(re.findall(rb"startxref\n(\d+)", content)[-1])
    head, *entries = re.findall(rb"\d+ \d+(?: n| f)? *\n", content[begin + 5 :])
    assert int(head.split()[1]) == len(entries)
    found = {}
    for number, entry in enumerate(entries):
        if number:
            place = int(entry.split()[0])
            start = b"%d 0 obj\n" % number
            assert content[place : place + len(start)] == start
            found[number] = content[place + len(start) : content.index(b"\nendobj", place)]
    return found


def pictures(found: dict[int, bytes]) -> list[np.ndarray]:
    made = []
    for content in found.values():
        if b"/Subtype /Image" not in content:
            continue
        head, _, data = content.partition(b"stream\n")
        wide, high = (int(re.findall(rb"/%b (\d+)" % k, head)[0]) for k in (b"Width", b"Height"))
        rows = np.frombuffer(zlib.decompress(data[: -len(b"\nendstream")]), np.uint8)
        rows = rows.reshape(high, 1 + 3 * wide)
        assert (rows[:, 0] == 0).all()
        made.append(rows[:, 1:].reshape(high, wide, 3))
    return made


def texts(found: dict[int, bytes], key: bytes) -> list[str]:
    hexes = [h for c in found.values() for h in re.findall(rb"/%b <([0-9A-F]+)>" % key, c)]
    return [bytes.fromhex(h.decode()).decode("utf-16") for h in hexes]


@pytest.fixture(scope="module")
def found(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    return objects(export(reel, tmp_path_factory.mktemp("pdf") / "film.pdf"))


def test_each_page_is_the_end_of_a_step(
    found: dict[int, bytes], drawn: Callable[..., np.ndarray]
) -> None:
    shown = pictures(found)
    assert len(shown) == 3
    for picture, number in zip(shown, (10, 80, 120), strict=True):
        np.testing.assert_array_equal(picture, drawn(number)[..., :3])


def test_pages_have_the_shape_of_the_film(found: dict[int, bytes]) -> None:
    boxes = [c for c in found.values() if b"/MediaBox [0 0 960.00 540.00]" in c]
    assert len(boxes) == 3


def test_it_can_be_found_and_read_aloud(found: dict[int, bytes]) -> None:
    assert texts(found, b"Title") == [
        "遗忘门",
        "Here 98% of it is kept.",
        "move",
        "Then <the word> & the next one change it.",
    ]
    assert texts(found, b"Alt")[0] == "Here 98% of it is kept."
    assert texts(found, b"Lang")[0] == "en"


def test_captions_can_be_selected_in_every_language(reel: Reel, odd: Reel, tmp_path: Path) -> None:
    steps = [
        replace(step, caption=c) for step, c in zip(reel.steps, ("门 γ", "😀", ""), strict=True)
    ]
    deck([replace(reel, steps=tuple(steps))], tmp_path / "deck.pdf")
    found = objects(tmp_path / "deck.pdf")
    shown = [h for c in found.values() for h in re.findall(rb"Td <([0-9A-F]+)> Tj", c)]
    assert [bytes.fromhex(h.decode()).decode("utf-16-be") for h in shown] == ["门 γ", "😀"]
    (font,) = (c for c in found.values() if b"/Subtype /Type0" in c)
    meaning = found[int(re.findall(rb"/ToUnicode (\d+)", font)[0])]
    content = zlib.decompress(meaning.partition(b"stream\n")[2][: -len(b"\nendstream")])
    assert b"<0000> <FFFF> <0000>" in content


def test_a_long_caption_stays_on_the_page() -> None:
    for text in ("a" * 300, "门" * 300, "门"):
        share, left = re.findall(rb"3 Tr ([\d.]+) Tz ([\d.]+)", drawn(text, 960, 540))[0]
        width = len(text) * 10 * float(share) / 100
        assert float(left) * 2 + width == pytest.approx(960, abs=5)
        assert width < 960


def test_all_that_is_referred_to_is_there(found: dict[int, bytes]) -> None:
    for content in found.values():
        head = content.partition(b"stream\n")[0]
        assert {int(n) for n in re.findall(rb"(\d+) 0 R", head)} <= set(found)


def test_several_stories_follow_each_other(reel: Reel, odd: Reel, tmp_path: Path) -> None:
    deck([reel, odd], tmp_path / "deck.pdf", title="Both")
    found = objects(tmp_path / "deck.pdf")
    assert [p.shape for p in pictures(found)] == [(180, 320, 3)] * 3 + [(181, 321, 3)] * 3
    assert texts(found, b"Title")[0] == "Both"


def test_the_font_of_the_text_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_unseen_font.py"))
    assert made["TARGET"].read_bytes() == made["unseen"]()
