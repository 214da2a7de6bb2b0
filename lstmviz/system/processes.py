"""Work shared among processes: how they begin, what they are given, and what becomes of them.

`concurrent.futures` and `loky` were weighed: when one process of theirs is killed, as for want of
memory, the whole pool is broken, and the tasks of the others are lost with it. Here it is replaced.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait
from typing import Any, Literal, NoReturn, TypeVar, cast

from lstmviz.errors import LstmvizError, UsageError

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
Way = Literal["fork", "spawn"]
MOST_JOBS = 256
_TRIES = 2  # for a task whose process is killed
_PATIENCE = 3.0  # seconds in which a process takes away what it has begun
_LOG = logging.getLogger("lstmviz")
KILLED = "a process was killed, perhaps for want of memory; try again with jobs=1."


def cores() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def jobs_of(jobs: int | None) -> int:
    """Give how many processes to use: as many as asked for, or as there are processors.

    Raises:
        UsageError: fewer than one, or more than any machine could bear.
    """
    if jobs is None:
        return cores()
    if not 1 <= jobs <= MOST_JOBS:
        raise UsageError(f"{jobs} jobs are not possible; choose 1 to {MOST_JOBS}.")
    return jobs


def usual_way() -> Way:
    """Choose how processes begin: as copies where that is safe, which spares them the imports."""
    return "fork" if sys.platform == "linux" else "spawn"


class Worker:
    """A process that runs `work(line, given)`, and the line to it.

    When it ends, for whatever reason, `line` can be read and gives EOFError. Begun anew
    ("spawn") it imports `work` by its module, and never the program that is running: scripts
    need no guard. `others` are the hands at work already, whose lines a copy must let go of.
    """

    def __init__(
        self,
        work: Callable[[Connection, Any], object],
        given: object,
        *,
        way: Way | None = None,
        others: Sequence[Worker | Fork] = (),
    ) -> None:
        self._process: Any
        if (way or usual_way()) == "fork":
            self.line, theirs = multiprocessing.Pipe()
            lines = [self.line, *(other.line for other in others)]
            context: Any = multiprocessing.get_context("fork")
            self._process = context.Process(target=_run, args=(work, given, theirs, lines))
            self._process.start()
            theirs.close()
            return
        key = secrets.token_bytes(16)
        with Listener(authkey=key) as listener:
            address = listener.address
            search = {"PYTHONPATH": os.pathsep.join(map(str, sys.path))}
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN], stdin=subprocess.PIPE, env={**os.environ, **search}
            )
            with self._process.stdin as told:
                told.write(pickle.dumps((address, key)))
            # One that fails to begin never calls: then this calls in its place.
            threading.Thread(target=self._call, args=(address, key), daemon=True).start()
            self.line = listener.accept()
        with suppress(OSError):
            self.line.send_bytes(pickle.dumps((work, given)))

    def stop(self) -> None:
        """Have it stop, wherever it is; it takes away what it has begun."""
        self.line.close()
        self._process.terminate()

    def end(self) -> None:
        """Stop it, and wait until it is gone."""
        self.stop()
        if isinstance(self._process, subprocess.Popen):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
            self._process.kill()
            self._process.wait()
        else:
            self._process.join(_PATIENCE)
            self._process.kill()
            self._process.join()

    def _call(self, address: Any, key: bytes) -> None:
        self._process.wait()
        with suppress(OSError, EOFError, AuthenticationError):
            Client(address, authkey=key).close()


class Fork:
    """A copy of this process, made by `fork`, and the line to it."""

    def __init__(self, line: Connection, number: int) -> None:
        self.line = line
        self._number = number

    def stop(self) -> None:
        """Let go of it; it has begun nothing that it would have to take away itself."""
        self.line.close()

    def end(self) -> None:
        """Stop it, wherever it is."""
        self.stop()
        with suppress(ProcessLookupError):
            os.kill(self._number, signal.SIGKILL)
        os.waitpid(self._number, 0)


def fork(others: Iterable[Worker | Fork]) -> Fork | Connection:
    """Make a copy of this process, which goes on from here, too.

    Gives the copy to the first process, and to the copy the line to the first, which reads
    EOFError when that is gone. The copy must end by `os._exit`: what the first process has
    to clean up is not its own. `others` are those whose lines a copy must let go of.
    """
    line, theirs = multiprocessing.Pipe()
    number = os.fork()
    if number:
        theirs.close()
        return Fork(line, number)
    for each in (line, *(other.line for other in others)):
        each.close()
    _heed(signal.SIG_DFL)
    return theirs


def end_all(others: Iterable[Worker | Fork]) -> None:
    """Stop processes, and wait until all are gone."""
    ended = list(others)
    for other in ended:
        other.stop()
    for other in ended:
        other.end()


def _heed(termination: Any) -> None:
    """Be ended by the first process, and not by what the terminal tells all of them."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, termination)


def _stop(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit


_BEGIN = "from lstmviz.system.processes import begin_anew; begin_anew()"


def begin_anew() -> None:
    """Be a process that was begun anew: learn from standard input whom to ask what to do."""
    address, key = pickle.loads(sys.stdin.buffer.read())
    line = Client(address, authkey=key)
    work, given = pickle.loads(line.recv_bytes())
    _run(work, given, line, [])


def _run(
    work: Callable[[Connection, Any], object],
    given: object,
    line: Connection,
    others: Sequence[Connection],
) -> None:
    _heed(_stop)
    for other in others:
        other.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # nobody waits for it
        work(line, given)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends
    line.close()


class Killed(LstmvizError):
    """A process at work was ended from outside, as the system does when memory runs out."""

    def __init__(self) -> None:
        super().__init__(f"A{KILLED[1:]}")


def in_order(
    work: Callable[[_Given], _Made],
    tasks: Sequence[_Given],
    jobs: int,
    way: Way | None = None,
    *,
    longest: Callable[[_Given], float] | None = None,
) -> Iterator[_Made]:
    """Give what `work` makes of each task, in their order, made by so many processes.

    With one job, or one task, this process does it all. If `longest` says how long each may
    take, long ones are begun first, so that no process is left alone with one at the end.

    Raises:
        Killed: the process of a task was killed, and the one that took its place.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from map(work, tasks)
        return
    made: dict[int, _Made] = {}
    turns = list(range(len(tasks)))
    if longest is not None:
        turns.sort(key=lambda number: -longest(tasks[number]))
    begun = [tasks[number] for number in turns]
    with closing(as_done(work, begun, min(jobs, len(tasks)), way=way)) as outcomes:
        for number in range(len(tasks)):
            while number not in made:
                turn, result, failure = next(outcomes)
                if failure is not None:
                    raise failure
                made[turns[turn]] = cast("_Made", result)
            yield made.pop(number)


def as_done(
    work: Callable[[_Given], _Made],
    tasks: Iterable[_Given],
    jobs: int,
    *,
    hear: Callable[[int, Any], object] = lambda number, what: None,
    way: Way | None = None,
) -> Generator[tuple[int, _Made | None, Exception | None]]:
    """Give the number of each task, from 0, and what `work` made of it or how it failed.

    They come as they are done, made by so many processes; a failure stops no other task. A
    task whose process is killed is tried once more, then its failure is `Killed`. `tasks` are
    asked for when a process is free. What `work` says with `say` meanwhile, `hear` is told
    with the number of its task.
    """
    waiting = enumerate(tasks)
    hands: dict[Connection, Worker] = {}
    at: dict[Connection, tuple[int, _Given, int]] = {}  # the task of each, and the tries left

    def give(line: Connection, number: int, task: _Given, left: int) -> None:
        at[line] = (number, task, left)
        with suppress(OSError):  # it was killed meanwhile, which shows when its line is read
            line.send((number, task))

    def feed(line: Connection) -> None:
        for number, task in islice(waiting, 1):
            give(line, number, task, _TRIES)
        if line not in at:
            with suppress(OSError):
                line.send(None)

    def hire() -> Connection:
        hand = Worker(_serve, work, way=way, others=list(hands.values()))
        hands[hand.line] = hand
        return hand.line

    try:
        while len(hands) < jobs and len(at) == len(hands):
            feed(hire())
        while at:
            for ready in wait(list(at)):
                assert isinstance(ready, Connection)
                number, task, left = at[ready]
                try:
                    outcome = ready.recv()
                    if isinstance(outcome, _Said):
                        hear(number, outcome.what)
                        continue
                    del at[ready]
                except (EOFError, OSError):
                    del at[ready]
                    hands.pop(ready).end()
                    if left > 1:
                        _LOG.warning("A process was killed; what it was at is begun again.")
                        give(hire(), number, task, left - 1)
                        continue
                    outcome, ready = (number, None, Killed()), hire()
                feed(ready)
                yield outcome
    finally:
        end_all(hands.values())


@dataclass(frozen=True)
class _Said:
    """Something that is said on the way to an answer."""

    what: Any


_listening: list[Connection] = []  # the line of this process, if it serves another


def say(what: object) -> None:
    """Say something to the process that gave this one its task."""
    for line in _listening:
        line.send(_Said(what))


def _serve(line: Connection, work: Callable[[Any], object]) -> None:
    _listening[:] = [line]
    while (task := line.recv()) is not None:
        place, given = task
        try:
            line.send((place, work(given), None))
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            line.send((place, None, portable(error)))


def give_memory_back() -> None:
    """Return to the system what was freed in pieces, where the C library keeps it (Linux)."""
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError, OSError):  # of another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)


def portable(error: BaseException) -> BaseException:
    """Give an error that can be sent to another process: itself, or one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return LstmvizError(f"{type(error).__name__}: {error}")
    return error
