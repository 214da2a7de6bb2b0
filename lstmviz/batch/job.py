"""One film of a batch: what is drawn, what is written of it, and the drawing itself."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook
from lstmviz.system.processes import say
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from lstmviz.stage.story.story import Story
    from lstmviz.system.disk_cache import Cache
    from lstmviz.trace.trace import Trace


@dataclass(frozen=True)
class Output:
    """A file to write: its path below the folder of the batch, and its format's options.

    Raises:
        UsageError: the path leads out of the folder.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        path = PurePath(self.name)
        if path.is_absolute() or path.drive or ".." in path.parts:
            raise UsageError(
                f"{self.name} is not below the folder of the batch; choose that with -o, and name "
                "the file from there."
            )


@dataclass(frozen=True)
class Job:
    """A story, the numbers that it tells, how it is drawn, and the files that are made of it.

    `told` is the story as `find_story` finds it. `where` names the job when something fails.
    `reads` are the files that it was made of, none of which is ever written.
    """

    where: str
    told: str
    story: type[Story]
    trace: Trace
    outputs: tuple[Output, ...]
    telling: Telling = field(default_factory=Telling)
    look: FilmLook = field(default_factory=FilmLook)
    reads: tuple[Path, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        from lstmviz.stage.drawing.slices import Teller  # knows how the class of a story travels

        return {**vars(self), "story": Teller(self.story, self.trace, {}), "trace": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        teller = state["story"]
        vars(self).update(state, story=teller.story, trace=teller.trace)


@dataclass(frozen=True)
class Made:
    """The content of a job's files, in the order of its outputs, and what it took to make them."""

    contents: tuple[bytes, ...]
    film: float  # seconds that the film lasts
    wall: float  # seconds that it took
    processor: float  # seconds of processors that it took


def make(job: Job, jobs: int = 1, cache: Cache | None = None) -> Made:
    """Draw a job with so many processes, if the cache has it not, and give its files.

    Raises:
        LstmvizError: it could not be made; the sentence says why, whatever went wrong.
    """
    from lstmviz.films.render import record, taken, write

    begun, spent = time.perf_counter(), _processor()
    try:
        # Saying how far it is, to nobody, finds out when whoever wants the film is gone.
        told = (job.story, job.trace, job.telling, job.look)
        reel = record(*told, jobs=jobs, cache=cache, progress=say)
        contents = []
        for output in job.outputs:
            with folder() as place:
                path = place / Path(output.name).name
                options = {**output.options, **taken(path, {"jobs": jobs})}
                contents.append(write(reel, path, progress=say, **options).read_bytes())
    except Exception as error:  # whatever it is, it must not stop the other jobs
        raise LstmvizError(sentence(error)) from None
    return Made(tuple(contents), reel.duration, time.perf_counter() - begun, _processor() - spent)


def sentence(error: BaseException) -> str:
    """Say what went wrong."""
    return str(error) if isinstance(error, LstmvizError) else f"{type(error).__name__}: {error}"


def _processor() -> float:
    return sum(os.times()[:4])


Outcomes = Generator[tuple[int, Made | None, Exception | None]]
