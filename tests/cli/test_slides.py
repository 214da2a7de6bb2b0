from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pptx
import pytest
from click.testing import Result
from PIL import Image

from lstmviz.reel.reel import Reel

pytestmark = pytest.mark.slow

QUICK = ("--quality", "draft", "--fps", "2", "--pace", "2")
Call = Callable[..., Result]
Refused = Callable[..., str]


def names() -> set[str]:
    return {path.name for path in Path().rglob("*") if path.is_file()} - {"mini.py"}


def test_stories_become_slides_of_every_kind(call: Call, mini: str) -> None:
    call("render", mini, *QUICK, "-o", "a.reel", "--quiet")
    result = call(
        "slides",
        mini,
        "a.reel",
        *QUICK,
        "--title",
        "Two minis",
        "-o",
        "deck.pptx",
        "-o",
        "deck.html",
        "-o",
        "deck.pdf",
    )
    assert [line.split(" (")[0] for line in result.stdout.splitlines()] == [
        "Wrote deck.pptx",
        "Wrote deck.html",
        "Wrote deck.pdf",
    ]
    deck = pptx.Presentation("deck.pptx")
    assert deck.core_properties.title == "Two minis"
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]  # type: ignore[union-attr]
    assert len(titles) == 6
    assert titles[:3] == titles[3:]
    assert "<title>Two minis</title>" in Path("deck.html").read_text(encoding="utf-8")
    assert Path("deck.pdf").read_bytes().count(b"/Type /Page ") == 4


def test_a_saved_reel_needs_no_story(call: Call, mini: str) -> None:
    call("render", mini, *QUICK, "-o", "a.reel", "--quiet")
    Path(mini).unlink()
    result = call("slides", "a.reel", "-o", "deck.pdf")
    assert "Rendering" not in result.stderr
    call("export", "a.reel", "-o", "b.pdf", "-o", "b.html", "-o", "b.pptx")
    assert Path("b.pdf").read_bytes() == Path("deck.pdf").read_bytes()


def test_a_handout_alone_is_drawn_sharp_and_quickly(call: Call, mini: str) -> None:
    log = call("slides", mini, "-o", "deck.pdf").stderr
    assert "Rendering 2 frames" in log, "one frame a step"
    content = Path("deck.pdf").read_bytes()
    assert content.count(b"/Width 1920 /Height 1080") == 2
    assert grounds(Path("deck.pdf")) == {(255, 255, 255)}


def grounds(handout: Path) -> set[tuple[int, ...]]:
    """The colours of the upper left corners of a handout's pictures."""
    found = set()
    for head, data in re.findall(
        rb"/Subtype /Image (.*?)stream\n(.*?)\nendstream", handout.read_bytes(), re.DOTALL
    ):
        assert b"FlateDecode" in head
        found.add(tuple(zlib.decompress(data)[1:4]))
    return found


def test_a_handout_beside_slides_is_light_unless_a_theme_is_asked_for(
    call: Call, mini: str
) -> None:
    given = ("slides", mini, *QUICK, "--input", "Zqx cold", "-o", "a.pdf", "-o", "a.pptx")
    assert call(*given).stderr.count("unknown") == 1
    assert grounds(Path("a.pdf")) == {(255, 255, 255)}
    dark = b'val="0E1116"'
    with zipfile.ZipFile("a.pptx") as archive:
        assert dark in archive.read("ppt/slides/slide2.xml")
    call(*given, "--theme", "dark")
    assert grounds(Path("a.pdf")) == {(0x0E, 0x11, 0x16)}


def test_slides_go_into_a_deck_of_ones_own(call: Call, refused: Refused, mini: str) -> None:
    show = pptx.Presentation()
    for title in ("Begin", "Results", "End"):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text_frame.text = title  # type: ignore[union-attr]
    show.save("my.pptx")
    before = Path("my.pptx").read_bytes()
    into = ("slides", mini, *QUICK, "--into", "my.pptx")
    assert "Name the new deck with -o" in refused(*into)
    assert "no slide 'Method'" in refused(*into, "--behind", "Method", "-o", "talk.pptx")
    assert "--into" in refused("slides", mini, "--behind", "2", "-o", "talk.pptx")
    assert "one file" in refused(*into, "-o", "a.pptx", "-o", "b.pptx")
    assert "end in .pptx" in refused(*into, "-o", "a.html")
    call(*into, "--behind", "results", "-o", "talk.pptx")
    assert Path("my.pptx").read_bytes() == before
    call(*into, "--behind", "2", "--force")
    for name in ("talk.pptx", "my.pptx"):
        slides = list(pptx.Presentation(name).slides)
        titles = [s.shapes.title.text_frame.text for s in slides]  # type: ignore[union-attr]
        assert (titles[:2], titles[-1], len(titles)) == (["Begin", "Results"], "End", 5)
        title = slides[2].shapes.title
        assert title is not None
        assert title.top >= 0, "the caption is a title that is seen"


def test_the_default_is_a_page(call: Call, mini: str) -> None:
    call("slides", mini, *QUICK, "--quiet")
    assert Path("media/mini.html").is_file()


def test_clips_for_manim_slides(call: Call, mini: str) -> None:
    call("slides", mini, *QUICK, "--reveal", "clips")
    described = json.loads(Path("clips/mini.json").read_text(encoding="utf-8"))
    assert len(described["slides"]) == 2
    assert all(Path(slide["file"]).is_file() for slide in described["slides"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["mini.py", "-o", "deck.key"],
            "deck.key (write .pptx in its place); choose one of .pptx",
        ),
        (["mini.py", "-o", "deck.mp4"], "Slides cannot become deck.mp4"),
        (["mini.py", "-o", "no/deck.pdf"], "The folder no does not exist"),
        (["mini.py", "-o", "a.pdf", "-o", "a.pdf"], "named twice"),
        (["nothing"], "There is no story 'nothing'"),
        (["lost.reel", "-o", "a.pdf"], "The reel lost.reel cannot be read"),
        ([], "Missing argument 'STORY…'"),
    ],
)
def test_what_slides_refuse(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused("slides", *arguments)
    assert names() == set()


def test_a_still_is_the_same_as_vectors(call: Call, mini: str) -> None:
    call("still", mini, "--step", "think", "--at", "1", "-o", "a.svg", "-o", "a.pdf", "-o", "a.png")
    svg = Path("a.svg").read_text(encoding="utf-8")
    assert 'role="img"' in svg
    assert re.search(r'<desc id="desc">Then h is [+−]0\.\d\d\. Word 1 of 5: “good”\.', svg)
    assert svg.count("<path") > 10
    assert "<image" not in svg
    assert "/Image" not in Path("a.pdf").read_text(encoding="latin-1")
    # The orange or blue of the values must not have its red and blue exchanged.
    fills = {
        tuple(round(float(v) * 2.55) for v in match)
        for match in re.findall(r"fill:rgb\(([\d.]+)%,([\d.]+)%,([\d.]+)%\)", svg)
    }
    with Image.open("a.png") as image:
        seen = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    flat = {colour for colour in fills if abs(colour[0] - colour[2]) > 25}
    assert flat
    for colour in flat:
        assert min(np.abs(np.subtract(colour, other)).max() for other in seen) <= 1


def test_a_still_without_ground_and_without_words(call: Call, mini: str) -> None:
    call(
        "still",
        mini,
        "--transparent",
        "--captions",
        "off",
        "-o",
        "a.svg",
        "-o",
        "a.png",
        "--quality",
        "draft",
    )
    call("still", mini, "-o", "b.svg", "-o", "b.png", "--quality", "draft")
    assert "<rect" not in Path("a.svg").read_text(encoding="utf-8")
    assert "<rect" in Path("b.svg").read_text(encoding="utf-8")
    with Image.open("a.png") as image:
        picture = np.asarray(image)
    assert picture.shape == (480, 854, 4)
    assert picture[5, 5, 3] == 0
    assert picture[395:450, 100:750, 3].max() == 0, "nothing is written below"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mini.py", "--step", "end", "-o", "a.svg"], "its steps are: read, think"),
        (["mini.py", "-o", "a.gif"], "A still cannot become a.gif; choose one of .svg"),
    ],
)
def test_what_stills_refuse(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused("still", *arguments)
    assert names() == set()


def test_without_background_and_captions(call: Call, mini: str) -> None:
    call(
        "render",
        mini,
        *QUICK,
        "--transparent",
        "--captions",
        "off",
        "-o",
        "a.png",
        "-o",
        "a.gif",
        "-o",
        "a.reel",
    )
    with Image.open("a.png") as image:
        assert image.mode == "RGBA"
        assert np.asarray(image)[5, 5, 3] == 0
    reel = Reel.load("a.reel")
    assert not reel.captions
    assert reel.steps[1].caption.startswith("Then h is")
    call("export", "a.reel", "--opaque", "-o", "b.webp")
    with Image.open("b.webp") as image:
        assert np.asarray(image.convert("RGBA"))[..., 3].min() == 255


def test_a_gif_says_what_was_chosen(call: Call, mini: str) -> None:
    call("render", mini, *QUICK, "-o", "a.reel", "--quiet")
    said = call("export", "a.reel", "--max-size", "20 kB", "-o", "a.gif").stdout
    assert re.fullmatch(
        r"Wrote a\.gif \(\d+ kB: \d+×\d+, \d+ pictures a second, \d+ colours\)\n", said
    )
    assert Path("a.gif").stat().st_size <= 20_000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "a.mp4", "--transparent"], "transparent is for files that end in .webm, .mov"),
        (["-o", "a.webm", "--max-size", "5MB"], "max-size is for files that end in .mp4, .gif"),
        (["-o", "a.mp4", "--max-size", "10kB"], "Even a coarse MP4 of this size of picture has"),
        (["-o", "a.gif", "--max-size", "5 apples"], "write a size as 5MB or 800kB"),
        (["-o", "a.gif", "--max-size", "0"], "write a size as 5MB or 800kB"),
        (["-o", "a.mp4", "--captions", "maybe"], "'maybe' is not one of 'on', 'off'"),
    ],
)
def test_options_that_do_not_fit(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused("render", mini, *arguments)
    assert names() == set()


def test_options_reach_the_formats_from_python(mini: str) -> None:
    import lstmviz

    options: dict[str, Any] = {"quality": "draft", "fps": 2, "pace": 2.0}
    lstmviz.render(mini, ["a.png", "a.mp4"], transparent=True, crf=30, **options)
    with Image.open("a.png") as image:
        assert image.mode == "RGBA"
    with pytest.raises(ValueError, match="There is no option colour"):
        lstmviz.render(mini, "b.png", colour="red", **options)
    assert names() == {"a.png", "a.mp4"}
