"""The package of a job for another machine: everything that it needs from this one.

A shared file system is not needed: the numbers are computed here, and the user's scene, its
theme and its language travel by what is in their files.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import pickle
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.batch.job import Job, Made, Output, make
from lstmviz.errors import LstmvizError
from lstmviz.system.hashing import contents, key_of
from lstmviz.system.temporary import Temporary, folder, temporary_folder

if TYPE_CHECKING:
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

Files = Mapping[str, bytes]  # by their path below some folder

# Manim keeps its settings in one place for all threads of a process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Parcel:
    """A job without paths of this machine; `story` is found in its `scene` files if it has any.

    The files of its theme travel beside it, as they are the same for many jobs.
    """

    where: str
    story: str
    scene: Files
    trace: Trace
    outputs: tuple[Output, ...]
    telling: Telling
    look: FilmLook
    versions: Mapping[str, str]


class Packer:
    """Packs the jobs of one run; what several of them share is read once."""

    def __init__(self) -> None:
        self._scenes: dict[Path, Files] = {}
        self._brands: dict[Path, tuple[str, bytes]] = {}
        self._themes: dict[int, tuple[Theme, Theme, Files]] = {}  # each, as it is and packed

    def pack(self, job: Job) -> tuple[Parcel, Files]:
        """Give what a job needs elsewhere: itself, and the files of its theme by their names.

        Raises:
            LstmvizError: a file cannot be read.
        """
        scene, story = self._scene(job)
        from lstmviz.stage.drawing.slices import travelling

        theme = job.look.theme
        if id(theme) not in self._themes:
            self._themes[id(theme)] = (theme, *self._packed(theme))
        _, packed, brand = self._themes[id(theme)]
        trace = travelling(job.trace, job.story)
        how = (job.telling, replace(job.look, theme=packed))
        return Parcel(job.where, story, scene, trace, job.outputs, *how, versions()), brand

    def _scene(self, job: Job) -> tuple[Files, str]:
        """The files of a scene of the user's own, and the name by which it is found."""
        if not job.story.__module__.startswith("lstmviz.opened."):
            return {}, job.told
        path = Path(inspect.getfile(job.story))
        if path not in self._scenes:
            self._scenes[path] = _with_neighbours(path)
        return self._scenes[path], f"{path.name}:{job.story.__name__}"

    def _packed(self, theme: Theme) -> tuple[Theme, Files]:
        """A theme whose files are named by their content, and these files."""
        for path in theme.files:
            if path not in self._brands:
                self._brands[path] = _named(path)
        fonts = {weight: self._brands[Path(path)][0] for weight, path in theme.fonts.items()}
        logo = theme.logo and replace(theme.logo, path=Path(self._brands[theme.logo.path][0]))
        brand = dict(self._brands[path] for path in theme.files)
        return replace(theme, fonts=fonts, logo=logo), brand


def deliver(packed: bytes, theirs: Mapping[str, str], brand: Files) -> Made:
    """Make a job that came from another machine, here, one at a time in this process.

    Raises:
        OtherVersion: this machine would make other pictures than the sender.
        LstmvizError: it could not be made; the sentence says why.
    """
    ours = versions()
    differing = {name: (theirs[name], ours[name]) for name in ours if theirs[name] != ours[name]}
    if differing:
        raise OtherVersion(differing)
    with _ONE_AT_A_TIME, folder() as place, _forgotten(place):
        return make(_unpacked(pickle.loads(packed), brand, place))


class OtherVersion(LstmvizError):
    """This machine would make other pictures: `differing` has the sender's versions and ours."""

    def __init__(self, differing: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(differing)
        self.differing = differing

    def __str__(self) -> str:
        return "; ".join(
            f"{name} is {ours} there and {theirs} here"
            for name, (theirs, ours) in self.differing.items()
        )


@cache
def versions() -> Mapping[str, str]:
    """Name what pictures and files depend on besides the job: libraries, and our own source."""
    from lstmviz.stage.story.discovery import scenes_folder

    scenes = (path.read_bytes() for path in sorted(scenes_folder().glob("*.py")))
    digest = key_of(*contents(files("lstmviz"), _ELSEWHERE), *scenes)
    source = f"{version('lstmviz')} (source {digest[:8]})"
    return {"lstmviz": source, "Manim": version("manim"), "PyAV": version("av")}


# No film depends on the command line; languages travel; scenes stand inside or beside.
_ELSEWHERE = frozenset({"cli", "languages", "scenes", "__pycache__"})


# The user's scene


def _with_neighbours(path: Path) -> Files:
    """A scene file and the modules beside it that it imports, and those that these import."""
    found: dict[str, bytes] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        name = file.relative_to(path.parent).as_posix()
        if name in found:
            continue
        found[name] = _content(file)
        for imported in _imports(found[name]):
            place = path.parent / imported
            waiting += sorted(place.rglob("*.py")) if place.is_dir() else []
            waiting += [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else []
    return found


def _imports(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@contextmanager
def _forgotten(place: Path) -> Iterator[None]:
    """Forget the modules of a folder at the end: the next job may bring others of their names."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(str(place.resolve())):
                del sys.modules[name]


def _unpacked(parcel: Parcel, brand: Files, place: Path) -> Job:
    from lstmviz.stage.story.discovery import find_story

    for name, content in parcel.scene.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    told = str(place.resolve() / parcel.story) if parcel.scene else parcel.story
    look = parcel.look
    if brand:
        look = replace(look, theme=_lasting(look.theme, brand))
    how = (parcel.telling, look)
    return Job(parcel.where, told, find_story(told), parcel.trace, parcel.outputs, *how)


def _named(path: Path) -> tuple[str, bytes]:
    content = _content(path)
    return f"{hashlib.sha256(content).hexdigest()[:16]}{path.suffix.lower()}", content


def _lasting(theme: Theme, brand: Files) -> Theme:
    """The theme, with its files in a folder that lives as long as this process.

    Fonts are kept open by their path, once for all jobs.
    """
    place = _brand_folder().path
    for name, content in brand.items():
        if not (place / name).exists():
            (place / name).write_bytes(content)
    fonts = {weight: str(place / name) for weight, name in theme.fonts.items()}
    logo = replace(theme.logo, path=place / theme.logo.path) if theme.logo else None
    return replace(theme, fonts=fonts, logo=logo)


@cache
def _brand_folder() -> Temporary:
    return temporary_folder()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LstmvizError(f"{path} cannot be read: {reason}.") from error
