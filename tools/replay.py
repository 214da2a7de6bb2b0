"""Compares every film as it is now with what it was at an earlier commit, frame by frame.

    make replay BASE=main
    make replay BASE=3f2a91c STORIES=tanh,gru-cell

Each story, and each example in docs/examples, is told as it is by default and once more in
another language, theme or shape, so that all of these come up; some are told by other cells, too.
Both versions run in this environment, each from a checkout of its own, and are asked through
`lstmviz.render` alone: so modules may move between the two. Of each frame a hash is compared,
of the film its words and of each step its words and its times. Where pictures differ, both
are left in build/replay. Exit code 1: something differs.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent.parent
LEFT = HERE / "build" / "replay"  # where pictures that differ are left

USUAL = {"lang": "en", "theme": "dark", "aspect": "16:9"}
LOOKS = [
    dict(zip(USUAL, look, strict=True))
    for look in product(("zh", "en"), ("light", "dark"), ("9:16", "1:1", "4:3", "16:9"))
]
LOOKS.remove(USUAL)
NUMBERS = [[0.1, 0.5], [-1, 0.2], [0.3, 0.9], [0, 0.4]]
MORE: list[tuple[str, dict[str, Any]]] = [
    ("cell-state", {"cell": "lstm-coupled", "units": [2, 0]}),
    ("forget-gate", {"cell": "lstm-peephole"}),
    ("forget-gate", {"input": NUMBERS, "hidden": 16, "seed": 3}),
    ("gates", {"input": NUMBERS}),
    ("gradient-update", {"cell": "gru"}),
    ("gradient-update", {"cell": "rnn"}),
    ("gru-cell", {"cell": "gru-reset-before"}),
    ("hidden-state", {"cell": "gru"}),
    ("hidden-state", {"cell": "rnn", "input": NUMBERS}),
    ("input-gate", {"cell": "lstm-coupled"}),
    ("lstm-cell", {"cell": "lstm-peephole"}),
    ("output-gate", {"cell": "lstm-coupled-peephole", "hidden": 40}),
    ("reset-gate", {"cell": "gru-reset-before"}),
    ("review", {"input": NUMBERS}),
    ("review-remembered", {"network": "gru"}),
    ("rnn-cell", {"cell": "rnn-relu"}),
    ("sequence", {"input": [0.1, 0.5, -1, 0.2]}),
    ("tanh", {"network": "lstm-unpenalised", "at": 2, "pace": 0.8, "captions": False}),
    ("update-gate", {"cell": "gru-chung"}),
]

OF_FILM = ("title", "language", "background", "captions", "fps", "width", "height", "alt")
OF_STEP = (
    "name",
    "chapter",
    "caption",
    "alt",
    "notes",
    "start",
    "first_frame",
    "end",
    "last_frame",
)

Told = Mapping[str, Any]  # what a checkout says of a film, as `description` gives it


@dataclass(frozen=True)
class Film:
    """A story, by its name or its file, and the options it is rendered with."""

    story: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name by which STORIES chooses it."""
        return Path(self.story).stem.replace("_", "-")

    def __str__(self) -> str:
        what = {**USUAL, **self.options}
        return " ".join(
            [self.name, *(what.pop(each) for each in USUAL), *map(_option, what.items())]
        )


@dataclass(frozen=True)
class Difference:
    """The first difference between two films; `frame` is where pictures differ."""

    what: str
    frame: int | None = None


def films(checkouts: Sequence[Path]) -> list[Film]:
    """List what is told: all stories that any of the checkouts has."""
    scenes = {path.stem for each in checkouts for path in each.glob("scenes/*.py")}
    examples = {
        path.relative_to(each).as_posix()
        for each in checkouts
        for path in each.glob("docs/examples/*.py")
        if re.search(r"^class \w+\(.*Story\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    stories = [*(stem.replace("_", "-") for stem in sorted(scenes)), *sorted(examples)]
    more = [Film(story, options) for story, options in MORE if story in stories]
    looks = [Film(story, LOOKS[k % len(LOOKS)]) for k, story in enumerate(stories)]
    return sorted([*map(Film, stories), *looks, *more], key=lambda film: film.name)


def first_difference(base: Told, now: Told) -> Difference | None:
    """Find what differs first in two films, in the order in which they are watched."""
    failed = [
        f"{name} fails: {told['error']}"
        for name, told in (("BASE", base), ("it", now))
        if "error" in told
    ]
    if failed:
        return Difference(" and ".join(failed))
    found: list[tuple[int, Difference]] = []
    pairs = enumerate(zip(base["frames"], now["frames"], strict=False))
    frame = next((number for number, (was, is_now) in pairs if was != is_now), None)
    if frame is not None:
        found.append((frame, Difference(f"{_where(base, frame)}, frame {frame}", frame)))
    for number, (was, is_now) in enumerate(zip(base["steps"], now["steps"], strict=False), 1):
        for name in OF_STEP:
            if was[name] != is_now[name]:
                what = _changed(name, was[name], is_now[name])
                step = Difference(f"step {number} {was['name']}: {what}")
                found.append((was["first_frame"], step))
    for what in ("steps", "frames"):
        if len(base[what]) != len(now[what]):
            counts = _changed(f"number of {what}", len(base[what]), len(now[what]))
            found.append((len(base["frames"]), Difference(counts)))
    for name in OF_FILM:
        if base[name] != now[name]:
            found.append((len(base["frames"]), Difference(_changed(name, base[name], now[name]))))
    return min(found, key=lambda each: each[0])[1] if found else None


def description(reel: Any) -> dict[str, Any]:
    """Say all of a film that is compared."""
    frames: list[str] = []
    for frame in reel.frames():
        pixels = np.ascontiguousarray(frame.pixels).data
        frames += [hashlib.blake2b(pixels, digest_size=8).hexdigest()] * frame.repeat
    steps = [{name: getattr(step, name) for name in OF_STEP} for step in reel.steps]
    return {**{name: getattr(reel, name) for name in OF_FILM}, "steps": steps, "frames": frames}


def compare_pixels(base: np.ndarray, now: np.ndarray, path: Path) -> str:
    """Say how two pictures (height, width, 4) differ, and leave both beside `path`."""
    apart = np.abs(base.astype(int) - now.astype(int))
    channels = slice(0, 3) if apart[..., :3].any() else 3  # the colours, or only the alpha
    places = np.argwhere(apart.any(axis=2))
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, pixels in (("base", base), ("now", now)):
        Image.fromarray(np.ascontiguousarray(pixels[..., channels])).save(f"{path}-{name}.png")
    kind = " in transparency alone" if channels == 3 else ""
    return (
        f"{len(places)} pixels differ{kind}, by up to {apart.max()} of 255, at x {left} to "
        f"{right} and y {top} to {bottom}; see {os.path.relpath(path)}-base.png and -now.png"
    )


def walk() -> None:
    """Answer, line by line, for the checkout that `lstmviz` is imported from.

    `{"story": …, "options": …}` renders a film and says how it is, `{"film": …, "frame": …,
    "path": …}` puts a frame of one of them, by its number, into a file of NumPy's.
    """
    answers = os.fdopen(os.dup(1), "w")  # a story may print
    os.dup2(2, 1)
    import lstmviz

    if Path(lstmviz.__file__).resolve().parent.parent != Path.cwd():
        raise SystemExit(f"lstmviz comes from {lstmviz.__file__}, not from {Path.cwd()}.")
    reels: list[Any] = []
    for line in sys.stdin:
        asked = json.loads(line)
        answer: dict[str, Any] = {}
        if "frame" in asked:
            np.save(asked["path"], reels[asked["film"]].frame(asked["frame"]))
        else:
            reel = None
            try:
                reel = lstmviz.render(
                    asked["story"], quality="draft", fps=5, jobs=1, cache=False, **asked["options"]
                )
                answer = description(reel)
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            reels.append(reel)
        print(json.dumps(answer), file=answers, flush=True)


class Walker:
    """A process that tells films from a checkout, with temporary files and a cache of its own."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        folder.mkdir()
        places = {"PYTHONPATH": str(checkout), "TMPDIR": str(folder), "LSTMVIZ_CACHE": str(folder)}
        self.checkout, self.folder = checkout, folder
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--walk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=checkout,
            env=os.environ | places,
            text=True,
        )

    def ask(self, **question: Any) -> None:
        """Ask for something; `answer` gives the answers in turn."""
        assert self.process.stdin is not None
        print(json.dumps(question), file=self.process.stdin, flush=True)

    def answer(self) -> Told:
        """Wait for the next answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"The process that tells films from {self.checkout} ended too soon.")
        told: Told = json.loads(line)
        return told

    def picture(self, film: int, frame: int) -> np.ndarray:
        """Fetch a frame of a film, (height, width, 4)."""
        path = self.folder / "frame.npy"
        self.ask(film=film, frame=frame, path=str(path))
        self.answer()
        return np.asarray(np.load(path))


def compare(place: Path, chosen: Sequence[Film]) -> Iterator[tuple[str, int]]:
    """Give for each film its first difference, or nothing, and its number of frames.

    `place` holds the checkouts `base` and `now`.
    """
    walkers = [Walker(place / name, place / f"{name}-files") for name in ("base", "now")]
    try:
        for film in chosen:
            for walker in walkers:
                walker.ask(story=film.story, options=film.options)
        wanted = []
        for number, film in enumerate(chosen):
            told = [walker.answer() for walker in walkers]
            found = first_difference(*told)
            if found is not None and found.frame is not None:
                wanted.append((number, film, found))
            else:
                yield f"{film}: {found.what}" if found else "", len(told[1].get("frames", ()))
        for number, film, found in wanted:
            was, now = [walker.picture(number, found.frame or 0) for walker in walkers]
            how = compare_pixels(was, now, LEFT / f"{number:02}-{film.name}-{found.frame}")
            yield f"{film}: {found.what}: {how}", 0
    finally:
        for walker in walkers:
            walker.process.kill()
            walker.process.wait()


def main() -> int:
    """Compare the films of two versions and say what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", default="", help="the commit to compare with")
    parser.add_argument("--stories", default="", help="only these, by their names, with commas")
    parser.add_argument("--walk", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.walk:
        walk()
        return 0
    if not asked.base:
        parser.error("say which commit to compare with: make replay BASE=main")
    began = time.monotonic()
    shutil.rmtree(LEFT, ignore_errors=True)
    with TemporaryDirectory(prefix="replay-") as temporary:
        place = Path(temporary).resolve()
        check_out(asked.base, place / "base")
        copy_files(place / "now")
        every = films([place / "base", place / "now"])
        names = {film.name for film in every}
        wanted = set(filter(None, asked.stories.split(","))) or names
        if not wanted <= names:
            unknown, known = (", ".join(sorted(each)) for each in (wanted - names, names))
            parser.error(f"there is no story {unknown}; choose from {known}")
        chosen = [film for film in every if film.name in wanted]
        frames = different = 0
        for difference, count in compare(place, chosen):
            frames += count
            different += bool(difference)
            if difference:
                print(difference, flush=True)
    took = f"{time.monotonic() - began:.0f} s"
    if different:
        print(f"{different} of {len(chosen)} films differ from {asked.base} ({took}).")
        return 1
    print(
        f"{len(chosen)} films of {len(wanted)} stories, {frames} frames, are as in "
        f"{asked.base} ({took})."
    )
    return 0


def check_out(commit: str, folder: Path) -> None:
    """Put the files of a commit into a folder; the repository is left as it is."""
    made = subprocess.run(["git", "archive", commit], cwd=HERE, capture_output=True)
    if made.returncode:
        raise SystemExit(f"There is no commit {commit}: {made.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as files:
        files.extractall(folder, filter="data")


def copy_files(folder: Path) -> None:
    """Put the files as they are now into a folder, so that one can go on editing them."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=HERE, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (HERE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HERE / name, folder / name)


def _where(told: Told, frame: int) -> str:
    for number, step in enumerate(told["steps"], 1):
        if frame <= step["last_frame"]:
            return f"step {number} {step['name']}"
    return "after the last step"


def _changed(name: str, was: object, now: object) -> str:
    """Say what a value was and is; of long texts, what stands around the first change."""
    if isinstance(was, str) and isinstance(now, str):
        same = next(k for k, (a, b) in enumerate(zip_longest(was, now)) if a != b)
        part = slice(max(same - 30, 0), same + 30)
        was, now = was[part], now[part]
    return f"{name} was {was!r}, is now {now!r}"


def _option(option: tuple[str, Any]) -> str:
    name, value = option
    return "numbers" if name == "input" else f"{name}={value}"


if __name__ == "__main__":
    sys.exit(main())
