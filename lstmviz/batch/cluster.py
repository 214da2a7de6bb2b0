"""Jobs on a Dask cluster: what they need goes along, and what they make comes back.

All that a cluster needs to know is Dask's own: who is free, who was lost, what runs again.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from lstmviz.batch.job import Job
from lstmviz.batch.package import OtherVersion, Packer, deliver, versions
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.package import install_extra

if TYPE_CHECKING:
    from distributed import Client, Future

    from lstmviz.batch.job import Outcomes

_PATIENCE = 5  # seconds until a scheduler answers
_AHEAD = 4  # jobs a thread that the scheduler holds, so that no worker waits for the next
_AT_LEAST = 32  # of them, so that a cluster that grows by its work sees that there is some
_LOOK = 5.0  # seconds between two looks whether there is a worker

Note = Callable[[str], None]


@contextmanager
def connected(address: str, note: Note) -> Iterator[Client]:
    """Give a client of the scheduler at an address, whose workers are as they should be.

    What was asked of it and is not done is called off at the end.

    Raises:
        UsageError: there is no scheduler.
        LstmvizError: the library is missing; a worker has another lstmviz or Manim, or none.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise LstmvizError(
            f"A cluster needs {error.name or 'distributed'}; install it: "
            f"{install_extra('cluster')}."
        ) from error
    with _silent():
        _refuse_unreachable(address)
        client = Client(address, timeout=_PATIENCE, set_as_default=False, name="lstmviz")
        try:
            _look_at_workers(client, address, note)
            yield client
        finally:
            client.close(timeout=_PATIENCE)


def _refuse_unreachable(address: str) -> None:
    """Find out whether anybody answers, which a client of Dask's takes far longer to say."""
    from distributed.comm.core import connect
    from distributed.security import Security

    async def reach() -> None:
        how = Security().get_connection_args("client")
        await (await connect(address, timeout=_PATIENCE, **how)).close()

    try:
        asyncio.run(reach())
    except OSError as error:
        raise UsageError(
            f"No Dask scheduler answers at {address} within {_PATIENCE} s; start one with "
            "`dask scheduler`, and give the address that it prints."
        ) from error
    except (TypeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise UsageError(
            f"{address} cannot be connected to ({reason}); give the address that the scheduler "
            "prints, such as tcp://host:8786."
        ) from error


def on_cluster(client: Client, jobs: Sequence[Job], packer: Packer, note: Note) -> Outcomes:
    """Give the number of each job and what came of it, as they are done.

    Dask runs a job again whose worker is lost; one that Dask gives up, because several workers
    were lost with it, is tried once more when nothing else runs, so that it fails alone.

    Raises:
        LstmvizError: the scheduler is lost, or a worker came that has another lstmviz.
    """
    from distributed import KilledWorker, as_completed

    shared: dict[tuple[str, ...], Future[Any]] = {}  # the files of themes, once for all jobs
    flying: dict[Any, int] = {}
    done = as_completed(loop=client.loop)
    waiting = iter(range(len(jobs)))
    suspects: list[int] = []
    alone = False

    def submit(number: int) -> None:
        parcel, brand = packer.pack(jobs[number])
        names = tuple(sorted(brand))
        if brand and names not in shared:
            shared[names] = client.submit(_same, brand, pure=False)
        files: Any = shared[names] if brand else {}
        packed = pickle.dumps(parcel)
        future = client.submit(deliver, packed, parcel.versions, files, pure=False)
        flying[future.key] = number
        done.add(future)

    while True:
        while len(flying) < (1 if alone else _room(client)):
            number = next(waiting, None)
            if number is None:
                break
            submit(number)
        if not flying and suspects:
            waiting, suspects, alone = iter(suspects), [], True
            continue
        if not flying:
            return
        future = _next_of(done, client, note)
        number = flying.pop(future.key)
        try:
            made, failure = future.result(), None
        except OtherVersion as error:
            raise LstmvizError(f"A worker makes other pictures: {error}; {_ALIKE}.") from error
        except KilledWorker as error:
            if not alone:
                suspects.append(number)
                continue
            made, failure = (
                None,
                LstmvizError(
                    f"{error.allowed_failures + 1} workers were lost with it, perhaps for want of "
                    "memory."
                ),
            )
        except LstmvizError as error:
            made, failure = None, error
        finally:
            future.release()
        yield number, made, failure


_ALIKE = "install the same versions on every worker and here"


def _same(files: Any) -> Any:
    """Be a result that Dask sends from worker to worker, and makes again when it is lost."""
    return files


def _room(client: Client) -> int:
    threads: int = sum(_asked(client, "nthreads").values())
    return max(_AT_LEAST, _AHEAD * threads)


def _next_of(done: Any, client: Client, note: Note) -> Future[Any]:
    """Wait for the next job that is done; say so when there is nobody to do any."""
    looked = time.monotonic()
    while not done.has_ready():
        time.sleep(0.02)
        if client.status != "running":
            raise _lost()
        if time.monotonic() - looked > _LOOK:
            if not _asked(client, "nthreads"):
                note("The cluster has no worker left; the jobs wait for one.")
                looked = float("inf")
            else:
                looked = time.monotonic()
    future: Future[Any] = next(done)
    if future.cancelled():
        raise _lost()
    return future


def _asked(client: Client, what: str) -> Any:
    with suppress(Exception):  # of several libraries, for which the connection is gone
        return getattr(client, what)()
    raise _lost()


def _lost() -> LstmvizError:
    return LstmvizError(
        "The connection to the scheduler was lost; start the batch again to go on where it was."
    )


def _look_at_workers(client: Client, address: str, note: Note) -> None:
    found = client.run(_known_there, on_error="return")
    for worker, theirs in found.items():
        if isinstance(theirs, OSError):
            continue  # it was lost just now
        if isinstance(theirs, Exception):
            raise LstmvizError(
                f"The worker {worker} has no lstmviz like this one ({theirs}); {_ALIKE}."
            )
        differing = {n: (v, theirs.get(n, "none")) for n, v in versions().items() if v != theirs[n]}
        if differing:
            raise LstmvizError(
                f"The worker {worker} makes other pictures: {OtherVersion(differing)}; {_ALIKE}."
            )
    if not found:
        note(f"The scheduler at {address} has no worker yet; the jobs wait for the first.")
    threads = _asked(client, "nthreads")
    if any(count > 1 for count in threads.values()):
        note(
            "Some workers have several threads, of which one draws at a time; start them with "
            "--nthreads 1 --nworkers N to use N processors."
        )


def _known_there() -> dict[str, str]:
    return dict(versions())


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask's log from the terminal: what matters of it is said in sentences."""
    log = logging.getLogger("distributed")
    handlers, propagate = log.handlers[:], log.propagate
    log.handlers, log.propagate = [logging.NullHandler()], False
    try:
        yield
    finally:
        log.handlers, log.propagate = handlers, propagate
