"""Work shared among processes: how they begin, what they are given, and what becomes of them."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait
from typing import Any, Literal, TypeVar

from lstmviz.errors import LstmvizError, UsageError

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
Way = Literal["fork", "spawn"]
MOST_JOBS = 256
KILLED = "a process was killed, perhaps for want of memory; try again with --jobs 1."


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


class Hand:
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
        others: Sequence[Hand] = (),
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

    def end(self) -> None:
        """Stop it, wherever it is."""
        self.line.close()
        self._process.kill()
        if isinstance(self._process, subprocess.Popen):
            self._process.wait()
        else:
            self._process.join()

    def _call(self, address: Any, key: bytes) -> None:
        self._process.wait()
        with suppress(OSError, EOFError, AuthenticationError):
            Client(address, authkey=key).close()


_BEGIN = "from lstmviz.processes import begin_anew; begin_anew()"


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    for other in others:
        other.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # nobody waits for it
        work(line, given)
    line.close()


def in_order(
    work: Callable[[_Given], _Made],
    tasks: Sequence[_Given],
    jobs: int,
    lost: str,
    way: Way | None = None,
) -> Iterator[_Made]:
    """Give what `work` makes of each task, in their order, made by so many processes.

    With one job, or one task, this process does it all.

    Raises:
        LstmvizError: a process was killed; it begins with `lost`.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from map(work, tasks)
        return
    hands: list[Hand] = []
    made: dict[int, _Made] = {}
    waiting = list(enumerate(tasks))[::-1]
    busy: set[Connection] = set()

    def feed(line: Connection) -> None:
        line.send(waiting.pop() if waiting else None)

    try:
        for _ in range(min(jobs, len(tasks))):
            hands.append(Hand(_serve, work, way=way, others=hands))
            busy.add(hands[-1].line)
            feed(hands[-1].line)
        for number in range(len(tasks)):
            while number not in made:
                for ready in wait(list(busy)):
                    assert isinstance(ready, Connection)
                    place, result, failure = _answer(ready, lost)
                    if failure is not None:
                        raise failure
                    made[place] = result
                    if waiting:
                        feed(ready)
                    else:
                        busy.discard(ready)
            yield made.pop(number)
    finally:
        for hand in hands:
            hand.end()


def _answer(line: Connection, lost: str) -> Any:
    try:
        return line.recv()
    except (EOFError, OSError) as error:
        raise LstmvizError(f"{lost}: {KILLED}") from error


def _serve(line: Connection, work: Callable[[Any], object]) -> None:
    while (task := line.recv()) is not None:
        place, given = task
        try:
            line.send((place, work(given), None))
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            line.send((place, None, portable(error)))


def portable(error: BaseException) -> BaseException:
    """Give an error that can be sent to another process: itself, or one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return LstmvizError(f"{type(error).__name__}: {error}")
    return error
