"""A film as notebooks show it: as video, as a picture where none plays, or as text."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from lstmviz.export.common.png_writer import png
from lstmviz.export.images.png import still
from lstmviz.export.slides.html import address, captions_of
from lstmviz.export.video import mp4
from lstmviz.reel.reel import Reel
from lstmviz.system.temporary import folder


def bundle(reel: Reel) -> dict[str, str]:
    """Give the film for Jupyter and Colab, by media type.

    The video is muted, as browsers want it, and holds its captions; everything lies in the
    notebook itself, so that it shows the film wherever it is opened.

    Raises:
        LstmvizError: the reel is gone or damaged.
    """
    poster = png(still(reel))
    return {
        "text/html": _html(reel, poster),
        "image/png": b64encode(poster).decode(),
        "text/plain": repr(reel),
    }


def _width(reel: Reel) -> int:
    """The width on a page, on which a square or a tall film must not fill more than a screen."""
    return min(reel.width, 960, round(640 * reel.width / reel.height))


def _html(reel: Reel, still: bytes) -> str:
    with folder() as place:
        path = place / "film.mp4"
        mp4.export(reel, path, crf=20, preset="veryfast", cover=False)
        film = b64encode(path.read_bytes()).decode()
    poster, said = address(still), escape(reel.alt or reel.title)
    return (
        f'<video controls muted playsinline preload="metadata" width="{_width(reel)}" '
        f'style="max-width:100%;height:auto" poster="{poster}" aria-label="{said}">'
        f'<source src="data:video/mp4;base64,{film}" type="video/mp4">'
        f'<track kind="captions" srclang="{escape(reel.language)}" src="{captions_of(reel)}">'
        f'<img src="{poster}" alt="{said}"></video>'
    )
