"""The recorded film: every frame without loss, and the list of its steps.

A `.reel` is one file: the pictures with their alpha, of each what changed, and the film's own
description. Every output file is a function of it.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.reel.atoms import Broken, append_description, read_description
from lstmviz.reel.display import bundle_of
from lstmviz.reel.frame_store import PictureWriter, Pixels, read_pictures
from lstmviz.reel.rectangles import Rect
from lstmviz.style.picture import LARGEST, LONGEST, MOST_FRAMES
from lstmviz.system.atomic_files import refuse_inputs, whole_file
from lstmviz.system.suggest import nearest
from lstmviz.system.texts import writable

_FORMAT = "lstmviz-reel"
_VERSION = 2
_MOST_STEPS = 10_000
_MOST_WORDS = 100
_MOST_LETTERS = 100_000  # of each text


@dataclass(frozen=True)
class Step:
    """A named beat of a film, from its first frame to its last one, both included.

    `start` and `end` are in seconds; `end` is when the last frame has been shown.
    `chapter` names the chapter that begins with this step, if one does. `alt` says what its last
    picture shows, `notes` what a speaker can say of it beyond the caption. `moves_from` is the
    frame at which its caption stands, before anything moves; None where that is not known.
    """

    name: str
    caption: str
    start: float
    end: float
    first_frame: int
    last_frame: int
    chapter: str | None = None
    alt: str = ""
    notes: str = ""
    moves_from: int | None = None

    def __post_init__(self) -> None:
        _make_writable(self)


@dataclass(frozen=True)
class Frame:
    """A picture, the number of the frame that it begins at, and how many frames it stands.

    The colour is already blended with the reel's background, so an opaque picture is the
    first three channels as they are; alpha says how much of it is not background. `changed`
    are rectangles outside of which it equals the picture before; None: all may be different.
    """

    pixels: Pixels
    repeat: int
    number: int = 0
    changed: Sequence[Rect] | None = None


@dataclass(frozen=True)
class Reel:
    """A recorded film on disk: its frames, its steps and what is needed to describe it.

    Sizes are in pixels, `fps` in frames a second, `background` is `#RRGGBB`, `language` a
    tag such as `en` or `zh`, and `words` what decks say in it: those of a language of one's own
    lie nowhere else. `captions` says whether the pictures show them, and `loops` whether the film
    is made to go round.
    """

    width: int
    height: int
    fps: int
    background: str
    title: str
    alt: str
    language: str
    steps: tuple[Step, ...]
    frame_count: int
    path: Path
    captions: bool = True
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    loops: bool = False

    def __post_init__(self) -> None:
        _make_writable(self)

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return self.frame_count / self.fps

    def frames(self) -> Iterator[Frame]:
        """Read every frame in order; equal consecutive ones come as one with `repeat`.

        Raises:
            LstmvizError: the file is gone or damaged.
        """
        for frame in self.views():
            yield dataclasses.replace(frame, pixels=frame.pixels.copy())

    def views(
        self,
        start: int = 0,
        stop: int | None = None,
        through: Callable[[Pixels], Pixels] | None = None,
    ) -> Iterator[Frame]:
        """Read as `frames` does, faster: `pixels` is one array, overwritten by the next frame.

        `start` and `stop` choose a part of the film; `number` counts from the film's start.
        Colours are taken `through` a function of pixels (…, 4), if one is given.

        Raises:
            LstmvizError: the file is gone or damaged.
        """
        stop = self.frame_count if stop is None else min(stop, self.frame_count)
        end = start
        try:
            for begin, end, pixels, changed in read_pictures(self.path, start, stop, through):
                if pixels.shape != (self.height, self.width, 4):
                    raise Broken
                yield Frame(pixels, end - begin, begin, changed)
            if end != stop:
                raise Broken
        except Broken as error:
            raise _damaged(self.path) from error

    def frame(self, number: int) -> Pixels:
        """Read one frame, counted from 0, without reading those long before it.

        Raises:
            IndexError: the film has no such frame.
            LstmvizError: the file is gone or damaged.
        """
        if not 0 <= number < self.frame_count:
            raise IndexError(f"frame {number} of a film of {self.frame_count} frames")
        return next(self.views(number, number + 1)).pixels

    def step(self, which: str | int) -> Step:
        """Find a step by its name, or by its number as people count: the first is 1.

        Raises:
            UsageError: there is no such step; lists those that there are.
        """
        for number, step in enumerate(self.steps, start=1):
            if which in (step.name, number, str(number)):
                return step
        names = [step.name for step in self.steps]
        raise UsageError(
            f"There is no step {which} in this film{nearest(str(which), names)}; its steps are: "
            f"{', '.join(names) or 'none'}."
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The film in a notebook: a video, the still of its end, or a line of text."""
        return bundle_of(self)

    def __repr__(self) -> str:
        steps = ", ".join(step.name for step in self.steps)
        size = f"{self.duration:.0f} s, {self.width}×{self.height}, {self.fps} frames a second"
        return f"{self.title or 'A film'} ({size}; steps: {steps or 'none'})"

    def save(self, path: str | Path, *, force: bool = False) -> Reel:
        """Copy the reel to `path` and give the reel that lies there.

        With `force` a file may be replaced that lstmviz did not write, or that was changed since.

        Raises:
            UsageError: the folder is missing, a file there stays, or it is the reel itself.
            LstmvizError: the file could not be written.
        """
        refuse_inputs([path], [self.path])
        with whole_file(path, force=force) as temporary:
            shutil.copyfile(self.path, temporary)
        return dataclasses.replace(self, path=Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Reel:
        """Read the description of a saved reel; its frames stay on disk until asked for.

        Raises:
            UsageError: there is no such file, or it is not a whole reel.
        """
        place = Path(path)
        try:
            return cls._described(read_description(place), place)
        except UsageError:
            raise
        except Broken:
            raise UsageError(f"{path} is not a reel of lstmviz, or it was cut off.") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"The reel {path} cannot be read: {reason.lower()}.") from error
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"The description in the reel {path} is damaged; render it again."
            ) from error

    @classmethod
    def _described(cls, description: dict[str, Any], path: Path) -> Reel:
        if description["format"] != _FORMAT:
            raise Broken
        if description["version"] > _VERSION:
            raise UsageError(f"{path} was made by a newer lstmviz; update lstmviz to read it.")
        if description["version"] < _VERSION:
            raise UsageError(f"{path} was made by an older lstmviz; render it again.")
        if len(description["steps"]) > _MOST_STEPS:
            raise ValueError
        steps = tuple(_known(Step, step) for step in description["steps"])
        reel = _known(cls, {**description, "steps": steps, "path": path})
        _check(reel)
        return reel

    def _description(self) -> dict[str, Any]:
        fields = dataclasses.asdict(self)
        del fields["path"]
        return {"format": _FORMAT, "version": _VERSION, **fields}


class ReelWriter:
    """Record a film frame by frame; the file appears when it is closed with its steps.

    Used as a context manager, whatever ends the block before `close` leaves no file:

        with ReelWriter("film.reel", width=1920, height=1080, fps=60) as writer:
            writer.write(pixels, repeat=30)
            reel = writer.close(steps)

    Raises:
        UsageError: the folder is missing, or the path names a folder.
        LstmvizError: the folder is not writable, or the disk is full.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        fps: int,
        background: str = "#0E1116",
        title: str = "",
        alt: str = "",
        language: str = "en",
        captions: bool = True,
        words: Mapping[str, str] | None = None,
        loops: bool = False,
    ) -> None:
        self._reel = Reel(
            width,
            height,
            fps,
            background,
            title,
            alt,
            language,
            (),
            0,
            Path(path),
            captions,
            {name: writable(word) for name, word in (words or {}).items()},
            loops,
        )
        self._open = True
        self._whole = whole_file(path)
        self._temporary = self._whole.__enter__()
        try:
            self._pictures = PictureWriter(self._temporary, width, height)
        except BaseException as error:
            self._whole.__exit__(type(error), error, error.__traceback__)
            raise

    @property
    def frame_count(self) -> int:
        """How many frames are recorded, which is the number that the next one will have."""
        return self._pictures.frame_count

    def write(self, pixels: Pixels, repeat: int = 1, changed: Sequence[Rect] | None = None) -> None:
        """Add a picture that stands for `repeat` frames; `pixels` may be reused afterwards.

        The colour of `pixels` is blended with the background already, whatever its alpha,
        as Manim's camera gives it. A picture equal to the one before only lengthens it.
        `changed` are boxes outside of which it equals the one before; without them it is
        compared whole.

        Raises:
            ValueError: another shape, type or memory layout than the film has.
        """
        shape = (self._reel.height, self._reel.width, 4)
        if pixels.shape != shape or pixels.dtype != np.uint8 or not pixels.flags.c_contiguous:
            raise ValueError(f"A frame is a C-contiguous uint8 array of shape {shape}.")
        if repeat < 1:
            raise ValueError(f"A frame stands at least once, not {repeat} times.")
        if not self._open:
            raise ValueError("The reel is closed.")
        self._pictures.write(pixels, repeat, changed)
        self._refuse_long()

    def splice(self, part: Path) -> None:
        """Add the pictures of a file that a `PictureWriter` wrote.

        Raises:
            LstmvizError: that file is damaged, or has pictures of another size.
        """
        try:
            self._pictures.splice(part)
        except Broken as error:
            raise _damaged(part) from error
        self._refuse_long()

    def _refuse_long(self) -> None:
        if self.frame_count > LONGEST * self._reel.fps:
            raise LstmvizError(
                f"The film is longer than {LONGEST // 3600} hours; tell it in parts."
            )

    def close(self, steps: Sequence[Step] = ()) -> Reel:
        """Finish the file with the description of its steps, and give the reel.

        Raises:
            ValueError: a step lies outside the film.
            LstmvizError: nothing was recorded, or the disk is full.
        """
        count = self.frame_count
        try:
            if not count:
                raise LstmvizError("The film has no frames: the story plays nothing.")
            for step in steps:
                if not 0 <= step.first_frame <= step.last_frame < count:
                    raise ValueError(f"The step {step.name} has no frames in this film.")
            self._pictures.close()
            reel = dataclasses.replace(self._reel, steps=tuple(steps), frame_count=count)
            append_description(self._temporary, reel._description())
        except BaseException as error:
            self.abort(error)
            raise
        self._open = False
        self._whole.__exit__(None, None, None)
        return reel

    def abort(self, reason: BaseException | None = None) -> None:
        """Stop and leave no file; does nothing once the reel is closed."""
        if not self._open:
            return
        self._open = False
        self._pictures.abort()
        error = reason or _Aborted()
        with suppress(_Aborted):
            self._whole.__exit__(type(error), error, error.__traceback__)

    def __enter__(self) -> ReelWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort(error)


class _Aborted(Exception):
    """The recording was given up."""


def _damaged(path: Path) -> LstmvizError:
    return LstmvizError(f"The frames in the reel {path} are damaged; render it again.")


_Noun = TypeVar("_Noun", Step, Reel)


def _make_writable(noun: Step | Reel) -> None:
    """Let no text have what no kind of file can hold; what is no text at all is not touched."""
    for each in dataclasses.fields(noun):
        value = getattr(noun, each.name)
        if isinstance(value, str):
            object.__setattr__(noun, each.name, writable(value))


def _check(reel: Reel) -> None:
    """Refuse a description that was not written by a `ReelWriter`.

    Raises:
        ValueError, TypeError: a value is of another kind, or larger than that of any film.
    """
    _check_texts(reel, "title", "alt", "language", "background")
    if not isinstance(reel.words, dict) or len(reel.words) > _MOST_WORDS:
        raise ValueError
    if not all(isinstance(w, str) and len(w) <= _MOST_LETTERS for w in reel.words.values()):
        raise ValueError
    whole = all(type(n) is int for n in (reel.width, reel.height, reel.fps, reel.frame_count))
    if not (
        whole
        and isinstance(reel.captions, bool)
        and isinstance(reel.loops, bool)
        and re.fullmatch("#[0-9A-Fa-f]{6}", reel.background)
        and min(reel.width, reel.height, reel.fps, reel.frame_count) >= 1
        and reel.width * reel.height <= LARGEST
        and reel.fps <= MOST_FRAMES
        and reel.frame_count <= LONGEST * reel.fps
    ):
        raise ValueError
    for step in reel.steps:
        _check_texts(step, "name", "caption", "alt", "notes")
        if step.chapter is not None:
            _check_texts(step, "chapter")
        frames = step.first_frame, step.last_frame
        turned = step.first_frame if step.moves_from is None else step.moves_from
        if not (
            all(type(frame) is int for frame in (*frames, turned))
            and all(type(time) in (int, float) for time in (step.start, step.end))
            and 0 <= step.first_frame <= turned <= step.last_frame < reel.frame_count
            and 0 <= step.start <= step.end <= LONGEST
        ):
            raise ValueError


def _check_texts(noun: Step | Reel, *names: str) -> None:
    for name in names:
        value = getattr(noun, name)
        if not isinstance(value, str) or len(value) > _MOST_LETTERS:
            raise ValueError


def _known(noun: type[_Noun], values: dict[str, Any]) -> _Noun:
    """Build a noun from the values that this version knows."""
    names = {field.name for field in dataclasses.fields(noun)}
    return noun(**{name: value for name, value in values.items() if name in names})
