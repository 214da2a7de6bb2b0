"""Looks whether everything that lstmviz needs is here, and knows what mends it if not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from lstmviz.errors import UsageError
from lstmviz.system.disk_cache import Cache

FONTS = (
    "NotoSans-Regular.ttf",
    "NotoSansMath-Regular.ttf",
    "NotoSansMono-Regular.ttf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Bold.otf",
)
ENCODERS = {
    "qtrle": ".reel",
    "libx264": ".mp4",
    "mov_text": ".mp4",
    "gif": ".gif",
    "libvpx-vp9": ".webm",
    "prores_ks": ".mov",
    "libwebp_anim": ".webp",
}
EXTRAS = {
    "pptx": ("python-pptx", "slides", "slides for PowerPoint"),
    "distributed": ("distributed", "cluster", "batches on a Dask cluster"),
}
_AGAIN = "pip install --force-reinstall lstmviz"
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
    for module, (name, extra, purpose) in EXTRAS.items():
        mend = f"pip install 'lstmviz[{extra}]'"
        yield _importable(module, f"{purpose} ({name})", mend, optional=True)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", found, sys.version_info >= (3, 11), "install Python 3.11 or newer")


def _libraries() -> Iterator[Finding]:
    """Each library that the package declares, and whether its version is one that it asks for."""
    try:
        declared = metadata.requires("lstmviz") or []
    except metadata.PackageNotFoundError:
        yield Finding("lstmviz", "not installed", False, "pip install -e .")
        return
    try:
        from packaging.requirements import Requirement
    except ModuleNotFoundError:  # as all others may be, and without it they cannot be judged
        yield Finding("packaging", "missing", False, "pip install packaging")
        return
    for wanted in map(Requirement, declared):
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        name = wanted.name
        wanted.marker = None
        mend = f"pip install '{wanted}'"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding(name, "missing", False, mend)
            continue
        good = wanted.specifier.contains(version, prereleases=True)
        told = version if good else f"{version}, but {wanted.specifier} is needed"
        yield Finding(name, told, good, mend)


def _importable(module: str, what: str, mend: str, *, optional: bool = False) -> Finding:
    try:
        loaded = __import__(module)
    except Exception as error:  # a broken library may raise anything
        missing = isinstance(error, ModuleNotFoundError) and error.name == module
        reason = "missing" if missing else f"cannot be loaded ({error})"
        return Finding(what, reason, False, mend, optional)
    return Finding(what, str(getattr(loaded, "__version__", "found")), True)


def _manim() -> Iterator[Finding]:
    """Whether Manim is here, and has what lstmviz relies on beside what Manim promises."""
    from lstmviz.stage.manim.lazy_import import import_manim

    mend = "pip install 'manim[typst]~=0.22.0'"
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
    what, mend = "formulas (Typst)", "pip install 'manim[typst]~=0.22.0'"
    try:
        import typst

        fonts = typst.Fonts(include_system_fonts=False)
        typst.compile(b"$a + b$", format="svg", font_paths=fonts)
    except Exception as error:
        return Finding(what, f"do not work ({error})", False, mend)
    return Finding(what, "work", True)


def _fonts() -> Finding:
    from uharfbuzz import Blob, Face

    broken = []
    for name in FONTS:
        try:
            face = Face(Blob((files("lstmviz.style") / "fonts" / name).read_bytes()))
            if face.glyph_count < 10:
                broken.append(name)
        except OSError:
            broken.append(name)
    found = f"broken or missing: {', '.join(broken)}" if broken else f"{len(FONTS)} files, whole"
    return Finding("fonts", found, not broken, _AGAIN)


def _encoders() -> Iterator[Finding]:
    import av

    for name, ending in ENCODERS.items():
        try:
            av.Codec(name, "w")
        except Exception:
            mend = "pip install --force-reinstall --only-binary av 'av>=16.1'"
            yield Finding(f"{ending} ({name})", "no encoder", False, mend)
        else:
            yield Finding(f"{ending} ({name})", "can be written", True)


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
