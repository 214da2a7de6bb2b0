"""Run pip, and say how far it is: `python tools/pip_install.py ARGUMENTS OF pip install`.

pip alone is silent for minutes with `-q`, and says hundreds of lines without. On a terminal this
is one line that changes; elsewhere a line now and then. What pip said is shown where it fails.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time

EVERY = 10.0  # seconds between two lines where no line can change
LAST = 30  # lines of pip's that are shown where it fails


class Progress:
    """What pip has done so far, as a line."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.libraries = 0
        self.megabytes = 0.0
        self.doing = "looking for what is needed"

    def hear(self, line: str) -> None:
        """Take in a line of pip's."""
        line = line.strip()
        if line.startswith(("Collecting ", "Processing ")):
            self.libraries += 1
            self.doing = "downloading"
        if found := re.match(r"(?:Downloading|Using cached) .* \(([\d.]+) ([kM])B\)", line):
            self.megabytes += float(found[1]) / (1000 if found[2] == "k" else 1)
        if found := re.match(r"Building wheel for (\S+)", line):
            self.doing = f"compiling {found[1]}"
        if line.startswith("Installing collected packages"):
            self.doing = "unpacking"

    def __str__(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        so_far = f"{self.libraries} libraries, {self.megabytes:.0f} MB"
        return f"  {minutes}:{seconds:02d}  {so_far}, {self.doing}"


def show(progress: Progress, ended: threading.Event) -> None:
    """Say how far it is, until it has ended."""
    changes = sys.stdout.isatty()
    while not ended.wait(0.5 if changes else EVERY):
        tell(progress, "\r\x1b[2K" if changes else "", "" if changes else "\n")
    tell(progress, "\r\x1b[2K" if changes else "", "\n")


def tell(progress: Progress, before: str, after: str) -> None:
    """Write the line."""
    print(f"{before}{progress}", end=after, flush=True)


def main() -> None:
    """Run pip as the arguments say, and end as it ends."""
    progress, ended, said = Progress(), threading.Event(), []
    command = [sys.executable, "-m", "pip", "install", "--progress-bar", "off", *sys.argv[1:]]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shown = threading.Thread(target=show, args=(progress, ended))
    shown.start()
    assert pip.stdout is not None
    for line in pip.stdout:
        said.append(line)
        progress.hear(line)
    failed = pip.wait()
    progress.doing = "failed" if failed else "done"
    ended.set()
    shown.join()
    if failed:
        print("".join(said[-LAST:]), file=sys.stderr)
        sys.exit(failed)


if __name__ == "__main__":
    main()
