"""What a speaker does with the deck: pause, blank, look around, and read notes in a window."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

DECK = "document.querySelector('.deck')"
STATE = f"{DECK}.dataset.state"
STEP = f"Number({DECK}.dataset.step)"
VIDEO = "document.querySelector('.stage video:not([hidden])')"


def opened(browser: Any, path: Path, fragment: str = "") -> None:
    browser.open(path, fragment)
    browser.until("[...document.querySelectorAll('video')].every(v => v.readyState >= 3)")


def at(browser: Any, step: int, state: str = "ended") -> None:
    browser.until(f"{STEP} === {step} && {STATE} === '{state}'", 10)


def slow(browser: Any) -> None:
    browser.ask("document.querySelectorAll('video').forEach(v => { v.playbackRate = 0.1; })")


def test_next_within_a_step_goes_to_its_end_first(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    slow(browser)
    browser.press("ArrowRight")
    at(browser, 1, "playing")
    browser.press("ArrowRight")
    at(browser, 1)
    browser.press("ArrowRight")
    at(browser, 2, "playing")


def test_a_held_key_acts_once(browser: Any, deck: Path) -> None:
    opened(browser, deck, "#1")
    browser.press("ArrowRight")
    at(browser, 1)
    for _ in range(5):
        browser.send(
            "Input.dispatchKeyEvent",
            type="rawKeyDown",
            key="ArrowRight",
            windowsVirtualKeyCode=39,
            autoRepeat=True,
        )
    assert browser.ask(STEP) == 1


def test_a_double_click_acts_once(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    slow(browser)
    for count in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            browser.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=900,
                y=300,
                button="left",
                clickCount=count,
            )
    assert browser.ask(f"[{STEP}, {STATE}]") == [1, "playing"]


def test_it_pauses_and_plays_on(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    slow(browser)
    browser.press("ArrowRight")
    browser.until(f"{STATE} === 'playing' && {VIDEO}.currentTime > 0.03")
    browser.press("k")
    assert browser.ask(f"[{STATE}, {VIDEO}.paused]") == ["paused", True]
    browser.press("k")
    browser.until(f"{STATE} === 'playing' && !{VIDEO}.paused")


@pytest.mark.parametrize(
    ("key", "colour"), [("b", "rgb(0, 0, 0)"), (".", "rgb(0, 0, 0)"), ("w", "rgb(255, 255, 255)")]
)
def test_the_screen_is_blank_until_the_next_key(
    browser: Any, deck: Path, key: str, colour: str
) -> None:
    opened(browser, deck)
    browser.press(key)
    blank = "document.querySelector('.blank')"
    assert browser.ask(f"getComputedStyle({blank}).backgroundColor") == colour
    assert browser.ask(f"document.elementFromPoint(600, 300) === {blank}")
    browser.press("ArrowRight")
    assert browser.ask(f"[{blank}.hidden, {STATE}]") == [True, "ready"]


def test_the_overview_and_a_number_lead_to_a_step(browser: Any, two: Path) -> None:
    opened(browser, two)
    browser.press("o")
    assert browser.ask("document.querySelectorAll('.tiles button').length") == 8
    assert browser.ask("document.querySelectorAll('.tiles img').length") == 6
    browser.ask("document.querySelectorAll('.tiles button')[6].click()")
    at(browser, 7)
    assert not browser.ask("document.querySelector('.overview').open")
    browser.press("3")
    browser.press("Enter")
    at(browser, 3)


def test_help_names_every_key(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.press("?")
    assert browser.ask("document.querySelector('.help').open")
    told = browser.ask("[...document.querySelectorAll('.help dt')].map(e => e.textContent)")
    assert set("NPRKOSBWCF?") <= set(" ".join(told))
    browser.press("?")
    assert not browser.ask("document.querySelector('.help').open")


def test_without_full_screen_there_is_no_button_for_it(browser: Any, deck: Path) -> None:
    browser.send(
        "Page.addScriptToEvaluateOnNewDocument",
        source="Object.defineProperty(document, 'fullscreenEnabled', {get: () => false})",
    )
    opened(browser, deck)
    assert browser.ask("document.querySelector('[data-do=full]').hidden")
    browser.press("f")
    assert browser.ask(STATE) == "ready"


KEEP = "const o = window.open; window.open = (...a) => window.popup = o.apply(window, a);"


def test_the_presenter_window_goes_with_the_deck(browser: Any, deck: Path) -> None:
    browser.send("Page.addScriptToEvaluateOnNewDocument", source=KEEP)
    opened(browser, deck)
    browser.press("s")
    said = "window.popup.document.querySelector('.said').textContent"
    browser.until("window.popup && !window.popup.closed")
    assert browser.ask(said) == "The first caption."
    assert browser.ask("window.popup.document.querySelectorAll('img').length") == 2
    browser.until("/00:00:0[1-9]/.test(window.popup.document.querySelector('time').textContent)")
    browser.ask("window.popup.document.querySelector('header button').click()")
    assert browser.ask("window.popup.document.querySelector('time').textContent") == "00:00:00"
    browser.ask(
        "popup.document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'End', bubbles: true}))"
    )
    at(browser, 3)
    assert browser.ask(said) == "The third caption."
    browser.ask(f"{DECK}.dispatchEvent(new KeyboardEvent('keydown', {{key: 'p', bubbles: true}}))")
    at(browser, 2)
    assert browser.ask(said) == "The second caption."


def test_a_blocked_presenter_window_is_said(browser: Any, deck: Path) -> None:
    browser.send("Page.addScriptToEvaluateOnNewDocument", source="window.open = () => null")
    opened(browser, deck)
    browser.press("s")
    assert "Allow pop-ups" in browser.ask("document.querySelector('.told').textContent")


def fetched(name: str, folder: Path) -> Path:
    """A package of npm, unpacked; without npm or a network there is none, and the test is left."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed, so {name} cannot be fetched")
    done = subprocess.run([npm, "pack", name], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm could not fetch {name}: {done.stderr.strip()[-200:]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


@pytest.fixture(scope="session")
def reveal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetched("reveal.js@6", tmp_path_factory.mktemp("reveal"))


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    return (fetched("axe-core@4", tmp_path_factory.mktemp("axe")) / "axe.min.js").read_text("utf-8")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("way", ["http", "file"])
def test_in_reveal_js_the_keys_go_through_the_deck_and_out_of_it(
    browser: Any, deck: Path, reveal: Path, tmp_path: Path, served: str, way: str
) -> None:
    shutil.copytree(reveal / "dist", tmp_path / "dist")
    shutil.copy(deck, tmp_path / "talk.html")
    outer = tmp_path / "outer.html"
    outer.write_text(
        '<!DOCTYPE html><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="dist/reveal.css">'
        '<div class="reveal"><div class="slides"><section>Before</section>'
        '<section><iframe src="talk.html" width="960" height="600"></iframe></section>'
        "<section>After</section></div></div><script src='dist/reveal.js'></script>"
        "<script>Reveal.initialize()</script>",
        encoding="utf-8",
    )
    if way == "http":
        browser.send("Page.navigate", url=f"{served}outer.html")
        browser.until("document.readyState === 'complete'")
    else:
        browser.open(outer)
    inner = f"document.querySelector('iframe').contentDocument?.{DECK.removeprefix('document.')}"
    slide = "Reveal.getState().indexh"
    browser.until(f"window.Reveal?.isReady() && {inner}?.dataset.state === 'ready'")
    browser.press("ArrowRight")
    browser.until(f"{slide} === 1 && {inner}.dataset.state === 'ended'")
    for step in ("2", "3"):
        browser.press("ArrowRight")
        browser.until(f"{inner}.dataset.step === '{step}' && {inner}.dataset.state === 'ended'")
        assert browser.ask(slide) == 1
    browser.press("ArrowRight")
    browser.until(f"{slide} === 2 && document.activeElement.tagName !== 'IFRAME'")
    browser.press("ArrowLeft")
    browser.until(f"{slide} === 1 && document.querySelector('iframe').contentDocument.hasFocus()")
    browser.press("ArrowLeft")
    browser.until(f"{inner}.dataset.step === '2'")
    browser.press("Home")
    browser.until(f"{inner}.dataset.step === '1'")
    browser.press("ArrowLeft")
    browser.until(f"{slide} === 0")


@pytest.mark.parametrize("key", ["ArrowRight", "o", "?"])
def test_axe_finds_nothing_serious(browser: Any, two: Path, axe: str, key: str) -> None:
    opened(browser, two)
    browser.press(key)
    browser.ask(f"{axe}; 0")
    found = browser.ask(
        "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
    )
    assert [each for each in found if each[0] in ("serious", "critical")] == []
    assert "aria-allowed-role" not in {each[1] for each in found}
