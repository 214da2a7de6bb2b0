"""A film shows itself in a notebook: as video, as a picture, or as a line of text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote

import av
import numpy as np
import pytest
from PIL import Image

from lstmviz import Reel  # as notebooks have it, which are shown its film
from lstmviz.export.common.subtitles import cues, vtt


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = dict(attrs)


@pytest.fixture(scope="module")
def bundle(reel: Reel) -> dict[str, str]:
    return reel._repr_mimebundle_()


def inside(address: str | None) -> bytes:
    return base64.b64decode((address or "").partition("base64,")[2])


@pytest.mark.slow
def test_a_muted_video_with_poster_and_captions(
    bundle: dict[str, str], reel: Reel, drawn: Callable[..., np.ndarray]
) -> None:
    tags = Tags(bundle["text/html"]).found
    assert {"controls", "muted", "playsinline"} <= set(tags["video"])
    assert "autoplay" not in tags["video"]
    assert tags["video"]["aria-label"] == reel.alt
    with Image.open(BytesIO(inside(tags["video"]["poster"]))) as poster:
        np.testing.assert_array_equal(np.asarray(poster), drawn(120)[..., :3])
    with av.open(BytesIO(inside(tags["source"]["src"]))) as film:
        assert sum(1 for _ in film.decode(video=0)) == reel.frame_count
    track = tags["track"]
    assert (track["kind"], track["srclang"]) == ("captions", "en")
    assert unquote((track["src"] or "").partition(",")[2]) == vtt(cues(reel))
    assert tags["img"]["alt"] == reel.alt


def test_a_still_where_no_video_plays(
    bundle: dict[str, str], drawn: Callable[..., np.ndarray]
) -> None:
    with Image.open(BytesIO(base64.b64decode(bundle["image/png"]))) as image:
        np.testing.assert_array_equal(np.asarray(image), drawn(120)[..., :3])


def test_a_line_in_a_terminal(bundle: dict[str, str], reel: Reel) -> None:
    assert bundle["text/plain"] == repr(reel)
    assert repr(reel) == ("遗忘门 (4 s, 320×180, 60 frames a second; steps: read, move, forget)")
