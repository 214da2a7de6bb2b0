"""Slides have a page per step, in PowerPoint's format, in a web page, and for manim-slides."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pptx
import pytest
from PIL import Image

from lstmviz.errors import LstmvizError
from lstmviz.export.formats import export
from lstmviz.export.slides import decks, html, manim_slides
from lstmviz.export.slides import pptx as slides
from lstmviz.reel.reel import Reel

pytestmark = pytest.mark.slow

Drawn = Callable[..., np.ndarray]
ENDS = (10, 80, 120)  # the pictures that the steps of the film end with
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@pytest.fixture(scope="module")
def deck(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return pptx.Presentation(str(export(reel, tmp_path_factory.mktemp("pptx") / "deck.pptx")))


def steps_of(deck: Any) -> list[Any]:
    """The slides with films: all but the title slides."""
    return [slide for slide in deck.slides if slide.slide_layout.name == "Title Only"]


def shapes(slide: Any) -> tuple[Any, Any, Any]:
    title, film, picture = slide.shapes
    return title, film, picture


def test_a_slide_per_step_with_caption_and_notes(deck: Any) -> None:
    assert [slide.shapes.title.text_frame.text for slide in steps_of(deck)] == [
        "Here 98% of it is kept.",
        "move",
        "Then <the word> & the next one change it.",
    ]
    notes = steps_of(deck)[0].notes_slide.notes_text_frame.text
    assert notes.splitlines()[0] == "Step 1 of 3: 遗忘门"
    assert "Here 98% of it is kept." in notes
    assert notes.splitlines()[-1] == "Next: Then <the word> & the next one change it."
    assert "Next:" not in steps_of(deck)[2].notes_slide.notes_text_frame.text
    assert deck.core_properties.title == "遗忘门"


def test_the_numbers_are_for_the_speaker_and_the_picture_is_described_once(
    reel: Reel, tmp_path: Path
) -> None:
    first, *rest = reel.steps
    first = replace(first, alt=f"{first.caption} A circuit.", notes="Take unit 2: 0.98.")
    slides.deck([replace(reel, steps=(first, *rest))], tmp_path / "deck.pptx")
    slide = steps_of(pptx.Presentation(str(tmp_path / "deck.pptx")))[0]
    notes = slide.notes_slide.notes_text_frame.text
    assert notes.split("\n\n")[1:3] == [first.caption, first.notes]
    assert "A circuit." not in notes
    said = [shape._element.nvPicPr.cNvPr.get("descr") for shape in shapes(slide)[1:]]
    assert said == ["Film of this step: Here 98% of it is kept.", "A circuit."]


def test_titles_lie_outside_the_slide(deck: Any) -> None:
    for slide in steps_of(deck):
        title = slide.shapes.title
        assert title.top + title.height < 0


def test_each_film_is_that_of_its_step(deck: Any, drawn: Drawn) -> None:
    for slide, ends in zip(steps_of(deck), ((0, 10), (11, 80), (81, 120)), strict=True):
        _, film, picture = shapes(slide)
        media = next(r.target_part for r in slide.part.rels.values() if r.reltype.endswith("video"))
        with av.open(BytesIO(media.blob)) as video:
            frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
        assert len(frames) == 70
        for shown, number in zip((frames[0], frames[-1]), ends, strict=True):
            assert np.abs(shown - drawn(number)[..., :3].astype(float)).mean() < 3
        poster = slide.part.related_part(
            film._element.find(f".//{A}blip").get(
                "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
            )
        )
        for blob, number in ((poster.blob, ends[0]), (picture.image.blob, ends[1])):
            with Image.open(BytesIO(blob)) as image:
                np.testing.assert_array_equal(
                    np.asarray(image.convert("RGB")), drawn(number)[..., :3]
                )


def test_films_fill_the_slide_and_say_what_they_show(deck: Any) -> None:
    assert (deck.slide_width, deck.slide_height) == (12192000, 6858000)
    for slide in steps_of(deck):
        _, film, picture = shapes(slide)
        for shape in (film, picture):
            assert (shape.left, shape.top) == (0, 0)
            assert (shape.width, shape.height) == (12192000, 6858000)
            assert shape._element.nvPicPr.cNvPr.get("descr")


def test_films_play_when_reached_and_then_the_picture_appears(deck: Any) -> None:
    for slide in steps_of(deck):
        _, film, picture = shapes(slide)
        (timing,) = slide._element.findall(f"{P}timing")
        main = next(n for n in timing.iter(f"{P}cTn") if n.get("nodeType") == "mainSeq")
        effects = [n for n in main.iter(f"{P}cTn") if n.get("presetClass")]
        assert [n.get("nodeType") for n in effects] == ["afterEffect", "afterEffect"]
        played, shown = effects
        command = next(played.iter(f"{P}cmd"))
        assert command.get("cmd") == "playFrom(0.0)"
        targets = [next(n.iter(f"{P}spTgt")).get("spid") for n in effects]
        assert targets == [str(film.shape_id), str(picture.shape_id)]
        assert next(command.iter(f"{P}cTn")).get("dur") == "1167"  # 70 frames of 60 a second
        assert next(shown.iter(f"{P}attrName")).text == "style.visibility"
        assert "onBegin" in {n.get("evt") for n in main.iter(f"{P}cond")}, "without a click"
        numbers = [n.get("id") for n in timing.iter(f"{P}cTn")]
        assert len(set(numbers)) == len(numbers)


def test_a_story_begins_with_its_title(reel: Reel, tmp_path: Path) -> None:
    told = replace(reel, title="The gate: it keeps 98 %")
    first = pptx.Presentation(str(export(told, tmp_path / "deck.pptx"))).slides[0]
    assert first.shapes.title is not None
    assert first.shapes.title.text_frame.text == "The gate"
    assert first.placeholders[1].text_frame.text == "It keeps 98 %"
    notes: Any = first.notes_slide.notes_text_frame
    assert notes.text.split("\n\n") == ["The gate: it keeps 98 %", "A gate at work."]


def test_the_file_is_ours_by_all_that_it_says(deck: Any, drawn: Drawn) -> None:
    told = deck.core_properties
    assert (told.author, told.last_modified_by) == ("lstmviz", "lstmviz")
    assert told.created.year > 2020
    (thumbnail,) = (p for p in deck.part.package.iter_parts() if "thumbnail" in p.partname)
    with Image.open(BytesIO(thumbnail.blob)) as image:
        shown = np.asarray(image.convert("RGB").resize((320, 180))).astype(float)
    assert np.abs(shown - drawn(ENDS[0])[..., :3]).mean() < 8
    assert deck.part._element.find(f"{P}sldSz").get("type") is None
    assert deck.part._element.find(f"{P}notesMasterIdLst") is not None
    assert not [p for p in deck.part.package.iter_parts() if "printer" in p.partname]


def test_several_stories_and_shapes_in_one_file(reel: Reel, odd: Reel, tmp_path: Path) -> None:
    slides.deck([reel, odd], tmp_path / "deck.pptx", title="Two")
    deck = pptx.Presentation(str(tmp_path / "deck.pptx"))
    assert len(deck.slides) == 8, "each story has a title"
    assert deck.core_properties.title == "Two"
    for slide in steps_of(deck):
        for shape in list(slide.shapes)[1:]:
            assert 0 <= shape.left <= shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= deck.slide_height


def test_several_stories_are_all_in_the_title(reel: Reel, odd: Reel, tmp_path: Path) -> None:
    both = [replace(reel, title="One: first"), replace(odd, title="Two: second")]
    for ending in (".pptx", ".html", ".pdf"):
        decks.deck(both, tmp_path / f"deck{ending}")
    assert pptx.Presentation(str(tmp_path / "deck.pptx")).core_properties.title == "One · Two"
    assert "<title>One · Two</title>" in (tmp_path / "deck.html").read_text(encoding="utf-8")
    written = "One · Two".encode("utf-16-be").hex().upper()
    assert written.encode() in (tmp_path / "deck.pdf").read_bytes()


def test_without_python_pptx_the_message_names_the_extra(
    reel: Reel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(LstmvizError, match=r"pip install 'python-pptx"):
        export(reel, tmp_path / "deck.pptx")
    assert not list(tmp_path.iterdir())


def test_nothing_else_needs_python_pptx() -> None:
    script = (
        "import sys; sys.modules['pptx'] = None; from lstmviz.export.slides import html, pdf, pptx"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


class Page(HTMLParser):
    """The parts of a deck that tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.scripts: dict[str, str] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img" and found.get("src"):
            self.images.append(found)
        self.addresses += [found[k] or "" for k in ("src", "href") if k in found]
        self.inside = found.get("id") or "" if tag == "script" else ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[self.inside] = data
            self.inside = ""


@pytest.fixture(scope="module")
def page(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = export(reel, tmp_path_factory.mktemp("html") / "deck.html")
    return path.read_text(encoding="utf-8")


def test_a_page_needs_nothing_else(page: str) -> None:
    assert all(address.startswith("data:") for address in Page(page).addresses)
    assert not re.search(r"https?://", page)
    assert "{{" not in page
    assert "遗忘门" in page


def test_a_page_has_an_exact_still_for_every_step(page: str, drawn: Drawn) -> None:
    images = Page(page).images
    assert len(images) == 3
    for image, number in zip(images, ENDS, strict=True):
        data = base64.b64decode((image["src"] or "").partition(",")[2])
        with Image.open(BytesIO(data)) as still:
            np.testing.assert_array_equal(np.asarray(still), drawn(number)[..., :3])
    assert [image["alt"] for image in images][2] == "Then <the word> & the next one change it."


def test_a_page_holds_the_film_with_its_steps(page: str, reel: Reel) -> None:
    (film,) = json.loads(Page(page).scripts["films"])
    assert film["fps"] == 60
    assert [(s["first"], s["last"]) for s in film["steps"]] == [(0, 69), (70, 139), (140, 209)]
    with av.open(BytesIO(base64.b64decode(film["video"]))) as video:
        frames = sum(1 for _ in video.decode(video=0))
    assert frames == reel.frame_count
    assert film["track"].startswith("data:text/vtt")


def test_captions_cannot_break_out_of_the_page(reel: Reel, tmp_path: Path) -> None:
    wild = '</script><img src="x" onerror="alert(1)">{{title}}'
    steps = (replace(reel.steps[0], caption=wild, alt=wild), *reel.steps[1:])
    html.deck([replace(reel, steps=steps, title=wild)], tmp_path / "deck.html")
    made = Page((tmp_path / "deck.html").read_text(encoding="utf-8"))
    assert len(made.images) == 3
    assert json.loads(made.scripts["films"])[0]["steps"][0]["caption"] == wild


def test_manim_slides_gets_clips_that_go_both_ways(reel: Reel, tmp_path: Path) -> None:
    told: list[float] = []
    path = manim_slides.deck([reel], tmp_path / "deck", name="gate", progress=told.append)
    assert path == tmp_path / "deck" / "gate.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    assert (described["resolution"], described["background_color"]) == ([320, 180], "#0E1116")
    assert [slide["notes"] for slide in described["slides"]] == [s.caption for s in reel.steps]
    assert told[-1] == 1
    for slide in described["slides"]:
        with av.open(slide["file"]) as one, av.open(slide["rev_file"]) as other:
            forward = [f.to_ndarray(format="rgb24").astype(float) for f in one.decode(video=0)]
            backward = [f.to_ndarray(format="rgb24").astype(float) for f in other.decode(video=0)]
        assert len(forward) == len(backward) == 70
        for k in (0, 35, 69):
            assert np.abs(forward[k] - backward[69 - k]).mean() < 1


HOSTILE = "a\x00\x0b</script><!-- <script>alert(1)</script> ]]>\n\n00:01 --> 00:02"


@pytest.fixture
def hostile(reel: Reel) -> Reel:
    """The film, of which each text tries to be something else."""
    texts = dict.fromkeys(("name", "caption", "alt", "notes", "chapter"), HOSTILE)
    steps = tuple(replace(step, **texts) for step in reel.steps)
    return replace(reel, title=HOSTILE * 9, alt=HOSTILE, language=f"en{HOSTILE}", steps=steps)


def test_slides_take_any_text(hostile: Reel, tmp_path: Path) -> None:
    decks.deck([hostile], tmp_path / "deck.pptx", title=HOSTILE * 9)
    found = pptx.Presentation(str(tmp_path / "deck.pptx"))
    title = steps_of(found)[0].shapes.title.text_frame.text
    assert title == "a��</script><!-- <script>alert(1)</script> ]]> 00:01 --> 00:02"
    assert len(found.core_properties.title) == 255


def test_a_blank_caption_is_no_title(reel: Reel, tmp_path: Path) -> None:
    blank = replace(reel, steps=(replace(reel.steps[0], caption=" \n"), *reel.steps[1:]))
    found = pptx.Presentation(str(export(blank, tmp_path / "deck.pptx")))
    assert steps_of(found)[0].shapes.title.text_frame.text == "read"


def test_a_page_has_no_markup_of_its_texts(hostile: Reel, tmp_path: Path) -> None:
    decks.deck([hostile], tmp_path / "deck.html", title=HOSTILE)
    page = (tmp_path / "deck.html").read_text(encoding="utf-8")
    films = re.search(r'<script type="application/json" id="films">(.*?)</script>', page, re.S)
    assert films is not None
    assert "<" not in films[1]
    assert json.loads(films[1])[0]["steps"][0]["caption"] == HOSTILE.replace("\x00\x0b", "��")
    assert page.count("<script") == 3
    assert "<!--" not in page
    assert "\x00" not in page


def test_clips_are_named_by_what_a_name_can_be(hostile: Reel, tmp_path: Path) -> None:
    json_of_deck = manim_slides.deck([hostile], tmp_path)
    names = [Path(slide["file"]).name for slide in json.loads(json_of_deck.read_text())["slides"]]
    assert names[0] == "01-a-script-script-alert-1-script-00-01-00-02.mp4"
    assert {path.name for path in (tmp_path / "files" / "deck").iterdir()} >= set(names)
