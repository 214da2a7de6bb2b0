"""Runs the jobs of a batch, writes their files, and keeps what is there already."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lstmviz.batch.job import Job, Made, Outcomes, make, sentence
from lstmviz.batch.manifest import Keys, Record
from lstmviz.batch.package import Packer
from lstmviz.errors import UsageError
from lstmviz.export.formats import format_of
from lstmviz.system.atomic_files import check_target, made_folder, refuse_inputs, whole_file
from lstmviz.system.disk_cache import Cache
from lstmviz.system.processes import as_done, jobs_of


@dataclass(frozen=True)
class Done:
    """A job that has been made, `done` of `total` in this run, or why it could not be made."""

    done: int
    total: int
    job: Job
    paths: tuple[Path, ...]
    made: Made | None
    failure: str | None
    left: float  # seconds that the rest will take if it goes on like this


@dataclass
class Report:
    """What became of a batch: jobs made now, kept from an earlier run, failed and why.

    The seconds are of the jobs made now: how long their films last, how long they took, how
    long they kept processors busy.
    """

    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    film: float = 0.0
    wall: float = 0.0
    processor: float = 0.0


def batch(
    jobs: Sequence[Job],
    folder: str | Path,
    *,
    processes: int | None = None,
    dask: str | None = None,
    cache: Cache | None = None,
    force: bool = False,
    begun: Callable[[int, int], None] | None = None,
    tell: Callable[[Done], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> Report:
    """Make every job into a folder: on `processes` of this machine, or on a Dask cluster.

    Each job is drawn by one process, and as many are drawn at once as there are processors.
    What is there already, made of the same source with the same options, is kept. A job that
    fails stops no other. `dask` is the address of a scheduler (`tcp://host:8786`): its workers
    need the same versions of lstmviz, and no file of this machine. On this machine, what the
    `cache` has is not drawn again. With `force` files may be replaced that lstmviz did not write,
    or that were changed since. `begun` hears how many jobs there are to make and how many are
    kept, `tell` of every job that is done, `note` what else there is to know.

    Raises:
        UsageError: two jobs write the same file, a name has no known ending, a file there stays,
            the scheduler is not to be had. Nothing is drawn.
        LstmvizError: a file could not be written, the cluster was lost. Started again it goes on.
    """
    place = Path(folder)
    _refuse_names(jobs)
    packer = Packer()
    known = Keys()
    keys = [known.key(*packer.pack(job)) for job in jobs]
    record = Record(place)
    waiting = [
        number
        for number, job in enumerate(jobs)
        if not record.has([each.name for each in job.outputs], keys[number])
    ]
    pending = [jobs[number] for number in waiting]
    report = Report(kept=len(jobs) - len(pending))
    begun = begun or (lambda *_: None)
    if not pending:
        begun(0, report.kept)
        return report
    with _outcomes(pending, packer, processes, dask, cache, note) as outcomes:
        outputs = [place / output.name for job in pending for output in job.outputs]
        refuse_inputs(outputs, {path for job in jobs for path in job.reads})
        paths = [_places(place, job, force) for job in pending]
        begun(len(pending), report.kept)
        start = time.monotonic()
        for done, (number, made, failure) in enumerate(outcomes, 1):
            job, key = pending[number], keys[waiting[number]]
            if made is not None:
                for output, path, content in zip(
                    job.outputs, paths[number], made.contents, strict=True
                ):
                    with whole_file(path, force=force) as temporary:
                        temporary.write_bytes(content)
                    record.note(output.name, key, len(content))
                report.made += 1
                report.film += made.film
                report.wall += made.wall
                report.processor += made.processor
            why = None if failure is None else sentence(failure)
            if why is not None:
                report.failed[job.outputs[0].name] = why
            if tell is not None:
                left = (time.monotonic() - start) / done * (len(pending) - done)
                tell(Done(done, len(pending), job, paths[number], made, why, left))
    return report


@contextmanager
def _outcomes(
    jobs: Sequence[Job],
    packer: Packer,
    processes: int | None,
    dask: str | None,
    cache: Cache | None,
    note: Callable[[str], None] | None,
) -> Iterator[Outcomes]:
    """Have the jobs made, here or elsewhere; what is not done at the end is called off."""
    if dask is not None:
        from lstmviz.batch.cluster import connected, on_cluster

        note = note or (lambda _: None)
        with (
            connected(dask, note) as client,
            closing(on_cluster(client, jobs, packer, note)) as outcomes,
        ):
            yield outcomes
        return
    many = jobs_of(processes)
    # Where there are fewer films than processors, several draw one.
    alone = partial(make, jobs=max(1, many // max(1, len(jobs))), cache=cache)
    with closing(as_done(alone, jobs, min(many, len(jobs)))) as outcomes:
        yield outcomes


def _refuse_names(jobs: Sequence[Job]) -> None:
    """Refuse files that could not be told apart, or would not lie in the folder."""
    writers: dict[str, str] = {}
    for job in jobs:
        for output in job.outputs:
            format_of(output.name)
            name = os.path.normpath(output.name).casefold()  # as disks of macOS and Windows do
            if name in writers:
                other = writers[name]
                who = f"as {other} does" if other != job.where else "twice"
                raise UsageError(f"{job.where} writes {output.name}, {who}; name them apart.")
            writers[name] = job.where


def _places(folder: Path, job: Job, force: bool) -> tuple[Path, ...]:
    """Make the folders of a job's files, and say where these go."""
    paths = tuple(folder / output.name for output in job.outputs)
    for path in paths:
        made_folder(path.parent)
        check_target(path, force=force)
    return paths
