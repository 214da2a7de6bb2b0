"""Damaged files for every reader: `make fuzz SECONDS=600 SEED=1`; nothing but LstmvizError comes.

Each file is read in another process, within SECONDS of the processor and MEMORY. A file that
ends otherwise is kept in build/fuzz; `python tests/fuzz/fuzz.py --replay FILE` reads it again
(its name begins with the reader's).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / "build" / "fuzz"
SECONDS = 5.0  # of the processor, for a file
WAIT = 120.0  # seconds by the clock, for a file, on a machine that does other things
MEMORY = 500 << 20  # bytes beyond what the process has before it reads
LONGEST = 10_000  # letters of what is said about a file


class Reading:
    """A process that reads files, and is started anew when one ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def read(self, reader: str, path: Path) -> str:
        """Read a file; "" when that ends as it must, else what happened instead."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "fuzz.py"), "--worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([reader, str(path)]) + "\n")
        process.stdin.flush()
        alarm = threading.Timer(WAIT, process.kill)
        alarm.start()
        answer = process.stdout.readline()
        alarm.cancel()
        if answer:
            told: str = json.loads(answer)
            return told
        self.close()
        return f"It ends the process with {process.returncode}, or takes above {SECONDS:g} s."

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def failures(
    reader: str, seconds: float, seed: int, reading: Reading, most: int = sys.maxsize
) -> Iterator[tuple[Path, str]]:
    """Read damaged files for so long; what ends otherwise is kept and told.

    The files are the same for the same seed; how many there are depends on the time.
    """
    from mutations import mutated
    from readers import READERS

    random = Random(f"{reader} {seed}")
    with tempfile.TemporaryDirectory(prefix="lstmviz-fuzz-") as name:
        seeds = READERS[reader].seeds(Path(name))
        contents = [path.read_bytes() for path in seeds]
        for path in seeds:  # so that a reader that refuses everything fails, and all is imported
            if told := reading.read(reader, path):
                yield path, f"The file that {path.name} began from: {told}"
                return
        end = time.monotonic() + seconds
        count = 0
        while time.monotonic() < end and count < most:
            count += 1
            which = random.randrange(len(seeds))
            place = seeds[which].with_name(f"{reader}-{seed}-{count}{seeds[which].suffix}")
            place.write_bytes(mutated(random, contents[which], random.choice(contents)))
            if told := reading.read(reader, place):
                KEPT.mkdir(parents=True, exist_ok=True)
                yield place.replace(KEPT / place.name), told
            place.unlink(missing_ok=True)


def _work(questions: IO[str], answers: IO[str]) -> None:
    """Read what is asked for, and answer with what went wrong."""
    from lstmviz.errors import LstmvizError

    sys.stdout = sys.stderr  # for whatever a library prints
    begun: set[str] = set()
    for line in questions:
        reader, path = json.loads(line)
        try:
            told = _read(reader, Path(path), first=reader not in begun)
        except LstmvizError as error:
            told = "".join(traceback.format_exception(error))
        begun.add(reader)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _read(name: str, path: Path, *, first: bool) -> str:
    """Read a file within bounds; `first` imports what the reader needs, and so without them."""
    from readers import READERS

    from lstmviz.errors import LstmvizError

    reader = READERS[name]
    if first:
        reader.read(path)
        return ""
    with _bounds(), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            reader.read(path)
        except LstmvizError as error:
            return _unfit(error, path if reader.sentence else None)
        except BaseException as error:
            return "".join(traceback.format_exception(error)[-8:])
    return ""


def _unfit(error: Exception, path: Path | None) -> str:
    """What is wrong with how a file is refused."""
    text = str(error)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"It takes more than {MEMORY >> 20} MB: {text}"
        cause = cause.__cause__ or cause.__context__
    if not text or len(text) > LONGEST or text.encode("utf-8", "ignore").decode() != text:
        return f"What it says is empty, too long or cannot be written: {text[:200]!r}"
    if path and not (path.name in text and text.endswith(".") and "\n" not in text):
        return f"What it says is no sentence with the file's name: {text!r}"
    return ""


class _bounds:
    """The processor's time and the memory that reading a file may take, where a system has them."""

    def __enter__(self) -> None:
        try:
            import resource
            import signal
        except ImportError:
            return
        # The signal's own default ends the process, wherever it is.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        status = Path("/proc/self/statm")
        if status.is_file():
            pages = int(status.read_text().split()[0])
            limit = pages * resource.getpagesize() + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        try:
            import resource
            import signal
        except ImportError:
            return
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def main() -> int:
    """Damage files for a while, or read one again; 1 if any ends otherwise than it must."""
    from readers import READERS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all readers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(READERS), nargs="*", help="these readers")
    parser.add_argument("--replay", type=Path, help="read this file alone")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        _work(sys.stdin, sys.stdout)
        return 0
    if options.replay:
        reader = max((n for n in READERS if options.replay.name.startswith(n)), key=len)
        READERS[reader].read(options.replay)
        return 0
    names, wrong = options.only or list(READERS), 0
    reading = Reading()
    for name in names:
        for path, told in failures(name, options.seconds / len(names), options.seed, reading):
            wrong += 1
            print(f"{path}\n{told}\n", flush=True)
        print(f"{name}: done", flush=True)
    reading.close()
    print(f"{wrong} files end otherwise than they must." if wrong else "All is well.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
