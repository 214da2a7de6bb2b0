"""Diagnostics: whether everything that lstmviz needs is here, and what mends it if not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import UsageError
from lstmviz.export.common.format import formats
from lstmviz.system.disk_cache import Cache
from lstmviz.system.package import address, install, install_extra, libraries_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FONTS = (
    "NotoSans-Regular.ttf",
    "NotoSansMath-Regular.ttf",
    "NotoSansMono-Regular.ttf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Bold.otf",
)
EXTRAS = {  # what those of the package are for, but for what a format needs
    "networks": "networks from files of Keras and ONNX",
    "tables": "tables of Excel and Parquet",
    "tokens": "the tokenizer.json of a network",
    "cluster": "batches on a Dask cluster",
    "watch": "hearing of a save at once, in lstmviz watch",
}
FOR_US = ("dev", "docs")  # extras for those who work on lstmviz
_AGAIN = "in the folder of lstmviz: pip install --force-reinstall --no-deps ."
_SYSTEM = (
    "apt-get install -y --no-install-recommends gcc pkg-config libcairo2-dev libpango1.0-dev "
    "python3-dev && pip install --force-reinstall pycairo manimpango"
)


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and the command that mends it if it is not good."""

    what: str
    found: str
    good: bool
    mend: str = ""
    optional: bool = False


def examine() -> Iterator[Finding]:
    """Look at everything, one thing after the other; nothing is changed, nothing is downloaded."""
    yield Finding("the address of lstmviz", address() or "none yet", True)
    yield _python()
    yield from _libraries()
    yield _importable("cairo", "drawing (pycairo)", _SYSTEM)
    yield _importable("manimpango", "text of Manim (ManimPango)", _SYSTEM)
    yield from _manim()
    yield _typst()
    yield _fonts()
    yield from _encoders()
    yield _writable("temporary files", Path(tempfile.gettempdir()), "export TMPDIR=/a/folder")
    yield _writable("the current folder", Path.cwd(), "cd to a folder of yours, or use -o")
    yield _cache()
    yield from _extras()


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", found, sys.version_info >= (3, 11), "install Python 3.11 or newer")


def _libraries() -> Iterator[Finding]:
    """Each library that the package declares, and whether its version is one that it asks for."""
    try:
        declared = metadata.requires("lstmviz") or []
    except metadata.PackageNotFoundError:
        yield Finding("lstmviz", "not installed", False, install("-e", "."))
        return
    try:
        from packaging.requirements import Requirement
    except ModuleNotFoundError:  # as all others may be, and without it they cannot be judged
        yield Finding("packaging", "missing", False, install("packaging"))
        return
    for wanted in map(Requirement, declared):
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield _library(wanted, wanted.name, install(_plain(wanted)))


def _extras() -> Iterator[Finding]:
    """Each library of each extra that users may install, and whether it can be loaded."""
    try:
        import packaging.requirements  # noqa: F401 (by which what is declared is read)
    except ModuleNotFoundError:
        return
    needed = {f.needs[1]: (f.needs[0], f.description) for f in formats().values() if f.needs}
    extras = metadata.metadata("lstmviz").get_all("Provides-Extra") or []
    for extra in (extra for extra in extras if extra not in FOR_US):
        mend = install_extra(extra)
        for wanted in libraries_of(extra):
            module, purpose = needed.get(wanted.name, (wanted.name, EXTRAS.get(extra, extra)))
            what = f"{purpose} ({wanted.name})"
            found = _importable(module, what, mend)
            yield replace(_library(wanted, what, mend) if found.good else found, optional=True)


def _plain(wanted: Requirement) -> str:
    """Write a requirement without the condition that it stands under."""
    return str(wanted).partition(";")[0].strip()


def _library(wanted: Requirement, what: str, mend: str) -> Finding:
    """Whether a library is there, in a version that is asked for."""
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return Finding(what, "missing", False, mend)
    good = wanted.specifier.contains(version, prereleases=True)
    told = version if good else f"{version}, but {wanted.specifier} is needed"
    return Finding(what, told, good, mend)


def _importable(module: str, what: str, mend: str) -> Finding:
    try:
        loaded = __import__(module)
    except Exception as error:  # a broken library may raise anything
        missing = isinstance(error, ModuleNotFoundError) and error.name == module
        reason = "missing" if missing else f"cannot be loaded ({error})"
        return Finding(what, reason, False, mend)
    return Finding(what, str(getattr(loaded, "__version__", "found")), True)


def _manim() -> Iterator[Finding]:
    """Whether Manim is here, and has what lstmviz relies on beside what Manim promises."""
    from lstmviz.stage.manim.lazy_import import import_manim

    mend = install("manim[typst]~=0.22.0")
    with suppress(Exception):  # which the next line tells
        import_manim()
    found = _importable("manim", "animation (Manim)", mend)
    yield found
    if not found.good:
        return
    from lstmviz.stage.manim.compatibility import compatibility

    for each in compatibility():
        told = "as lstmviz knows it" if each.holds else f"no {each.lacking}; {each.otherwise}"
        yield Finding(f"Manim: {each.what}", told, each.holds, mend, optional=not each.needed)


def _typst() -> Finding:
    what, mend = "formulas (Typst)", install("manim[typst]~=0.22.0")
    try:
        import typst

        fonts = typst.Fonts(include_system_fonts=False)
        typst.compile(b"$a + b$", format="svg", font_paths=fonts)
    except Exception as error:
        return Finding(what, f"do not work ({error})", False, mend)
    return Finding(what, "work", True)


def _fonts() -> Finding:
    from uharfbuzz import Blob, Face

    from lstmviz.stage.text.fonts import script_fonts

    broken = []
    fonts = (*FONTS, *script_fonts())
    for name in fonts:
        try:
            face = Face(Blob((files("lstmviz.style") / "fonts" / name).read_bytes()))
            if face.glyph_count < 10:
                broken.append(name)
        except OSError:
            broken.append(name)
    found = f"broken or missing: {', '.join(broken)}" if broken else f"{len(fonts)} files, whole"
    return Finding("fonts", found, not broken, _AGAIN)


def _encoders() -> Iterator[Finding]:
    """Each encoder of FFmpeg and each feature of Pillow that a format needs."""
    import av
    from PIL import features

    for each in formats().values():
        for name in each.encoders:
            mend = install("--force-reinstall", "--only-binary", "av", "av>=16.1")
            try:
                av.Codec(name, "w")
            except Exception:
                yield Finding(f"{each.ending} ({name})", "no encoder", False, mend)
            else:
                yield Finding(f"{each.ending} ({name})", "can be written", True)
        for name in each.pillow:
            there = bool(features.check(name))
            found = "can be written" if there else f"Pillow was built without {name}"
            mend = install("--force-reinstall", "--only-binary", "pillow", "pillow<13")
            yield Finding(f"{each.ending} ({name})", found, there, mend)


def _writable(what: str, folder: Path, mend: str) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Finding(what, f"{folder} cannot be written to ({reason})", False, mend)
    return Finding(what, f"{folder} can be written to", True)


def _cache() -> Finding:
    what, mend = "the cache of films", "export LSTMVIZ_CACHE=/a/folder"
    try:
        folder = Cache.usual().folder
    except UsageError as error:
        return Finding(what, str(error), False, mend, optional=True)
    while not folder.exists():  # it is made when it is needed
        folder = folder.parent
    return replace(_writable(what, folder, mend), optional=True)
