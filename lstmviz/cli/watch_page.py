"""The page of `lstmviz watch`: what is on it, and the server on this machine that shows it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
_PATIENCE = 15.0  # seconds that a browser is kept waiting for news


@dataclass
class Picture:
    """A step, with its picture once it is drawn; `version` grows when that changes."""

    name: str
    caption: str
    png: bytes = b""
    version: int = 0
    fresh: bool = False  # drawn since the last save


class Board:
    """What the page shows. A picture that has not been drawn again yet stays as it was."""

    def __init__(self) -> None:
        self.title = ""
        self.pictures: list[Picture] = []
        self.error: dict[str, Any] | None = None
        self.version = 0
        self._news = threading.Condition()

    def begin(self, title: str, pictures: Sequence[Picture]) -> None:
        """Put up the steps of a story."""
        known = {each.name: each for each in self.pictures}
        for each in pictures:
            if (old := known.get(each.name)) is not None:
                each.png, each.version = old.png, old.version
        with self._changing():
            self.title, self.pictures, self.error = title, list(pictures), None

    def show(self, place: int, png: bytes) -> None:
        """Put up the picture of a step."""
        with self._changing():
            picture = self.pictures[place]
            picture.fresh = True
            if picture.png != png:
                picture.png, picture.version = png, self.version + 1

    def end(self) -> None:
        """Say that all pictures are those of the file as it is."""
        with self._changing():
            for each in self.pictures:
                each.fresh = True

    def fail(self, said: str, lines: Sequence[tuple[int, str, bool]]) -> None:
        """Say why there are no new pictures; the old ones stay below."""
        with self._changing():
            self.error = {"said": said, "lines": list(lines)}

    def state(self, since: int) -> dict[str, Any]:
        """Give all that is on the page, once it is newer than `since`, or after a while."""
        with self._news:
            self._news.wait_for(lambda: self.version != since, _PATIENCE)
            steps = [
                {"name": p.name, "caption": p.caption, "version": p.version, "fresh": p.fresh}
                for p in self.pictures
            ]
            told = {"version": self.version, "title": self.title, "error": self.error}
            return {**told, "steps": steps}

    def png(self, place: int) -> bytes:
        """Give the picture of a step, empty where there is none."""
        with self._news:
            return self.pictures[place].png if 0 <= place < len(self.pictures) else b""

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._news:
            yield
            self.version += 1
            self._news.notify_all()


class _Handler(BaseHTTPRequestHandler):
    """Answers a browser on this machine, and no page of somebody else's."""

    board: Board

    def do_GET(self) -> None:
        """Give the page, the state of the board, or a picture."""
        host = self.headers.get("Host", "").rpartition(":")[0]
        asked = urlsplit(self.path)
        if host not in (HOST, "localhost"):
            self.send_error(403)
        elif asked.path == "/":
            page = files("lstmviz.cli") / "watch.html"
            self._give(page.read_bytes(), "text/html; charset=utf-8")
        elif asked.path == "/state":
            since = _number(parse_qs(asked.query).get("since", [""])[0])
            self._give(json.dumps(self.board.state(since)).encode(), "application/json")
        elif png := self.board.png(_number(asked.path.removeprefix("/step/"))):
            self._give(png, "image/png")
        else:
            self.send_error(404)

    def _give(self, content: bytes, kind: str) -> None:
        with suppress(ConnectionError):  # the page was closed
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as it is called there)
        """Say nothing of requests."""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1


@contextmanager
def serving(board: Board, port: int = 0) -> Iterator[str]:
    """Serve a board on this machine while the block runs, and give its address."""
    handler = type("Handler", (_Handler,), {"board": board})
    with ThreadingHTTPServer((HOST, port), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
