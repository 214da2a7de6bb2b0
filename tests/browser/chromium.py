"""Drives a real Chromium without any package: its protocol, spoken over two pipes.

Source: Chrome DevTools Protocol; `--remote-debugging-pipe` reads from file 3, writes to 4.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, " ": 32, "Home": 36, "End": 35, "Tab": 9}


def browser() -> str:
    """Find Chromium; without it these tests prove nothing, and say what to install."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        found = name and shutil.which(name)
        if found:
            return found
    raise AssertionError("There is no Chromium here: apt-get install chromium, or set CHROMIUM.")


class Chromium:
    """One page of a headless Chromium; use it as a context manager."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1280, 800)) -> None:
        near_in, self.out = os.pipe()
        self.into, near_out = os.pipe()
        # The ends that the browser uses become its files 3 and 4; until then they lie higher.
        here_in, here_out = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (near_in, near_out))
        os.close(near_in)
        os.close(near_out)
        flags = [
            "--headless=new",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--mute-audio",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--allow-file-access-from-files",
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={folder}",
            "about:blank",
        ]
        self.log = (folder.parent / "chromium.log").open("wb")
        script = f'exec "$0" "$@" 3<&{here_in} 4>&{here_out} {here_in}<&- {here_out}>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", script, browser(), *flags],
            pass_fds=(here_in, here_out),
            stdout=self.log,
            stderr=self.log,
        )
        os.close(here_in)
        os.close(here_out)
        self.number, self.buffer, self.session = 0, b"", ""
        self.problems: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        # As in the window of somebody who looks at the page, and not in one behind others.
        self.send("Page.bringToFront")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=False,
        )

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("method") == "Runtime.exceptionThrown":
                self.problems.append(json.dumps(answer["params"])[:400])
            if answer.get("method") == "Log.entryAdded":
                self.problems.append(answer["params"]["entry"]["text"])
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            more = os.read(self.into, 1 << 20)
            assert more, "Chromium ended"
            self.buffer += more
        message, _, self.buffer = self.buffer.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file from disk."""
        self.send("Page.navigate", url=path.resolve().as_uri() + fragment)
        self.until("document.readyState === 'complete'")

    def ask(self, expression: str) -> Any:
        """Give the value of an expression in the page; promises are waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < end, f"never: {expression}"
            time.sleep(0.03)

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code = KEYS.get(key, ord(key.upper()[0]))
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                **(text if kind == "keyDown" else {}),
            )

    def click(self, x: float, y: float) -> None:
        """Click with the mouse."""
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def swipe(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a finger over the screen."""
        self.send("Emulation.setTouchEmulationEnabled", enabled=True)
        for kind, points in (("touchStart", [start]), ("touchMove", [end]), ("touchEnd", [])):
            places = [{"x": x, "y": y} for x, y in points]
            self.send("Input.dispatchTouchEvent", type=kind, touchPoints=places)

    def screenshot(self, path: Path) -> Path:
        """Take a picture of the page."""
        data = self.send("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session = ""
        os.close(self.out)  # its end of the pipe closed, the browser goes
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        os.close(self.into)
        self.log.close()
