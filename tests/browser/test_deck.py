"""The deck in a real Chromium: plays a step, stops at its last frame, goes on when told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

DECK = "document.querySelector('.deck')"
STATE = f"{DECK}.dataset.state"
STEP = f"Number({DECK}.dataset.step)"
SHOWN = "document.querySelector('.stage video:not([hidden])')"
GREY = 4


def opened(browser: Any, path: Path, fragment: str = "") -> None:
    browser.open(path, fragment)
    browser.until(f"{STATE} === 'ready'")
    browser.until("[...document.querySelectorAll('video')].every(v => v.readyState >= 3)")


def ended(browser: Any, step: int) -> None:
    browser.until(f"{STEP} === {step} && {STATE} === 'ended' && !{SHOWN}?.seeking")


def frame(browser: Any, path: Path, expected: float | None = None) -> float:
    """The number of the frame on screen, told by its grey; what fades in must have come.

    A busy machine may be late to show the one that is expected.
    """
    until = time.monotonic() + 5
    while True:
        time.sleep(0.15)
        with Image.open(browser.screenshot(path / "shot.png")) as image:
            picture = np.asarray(image.convert("L"), float)
        found = float(np.median(picture[150:250, 500:780]) / GREY)
        if expected is None or abs(found - expected) < 0.6 or time.monotonic() > until:
            return found


def test_it_waits_with_a_still_until_told(browser: Any, deck: Path, tmp_path: Path) -> None:
    opened(browser, deck)
    assert browser.ask(STEP) == 1
    assert frame(browser, tmp_path, 19) == pytest.approx(19, abs=0.6)
    box = browser.ask(
        "(b => [b.x, b.y, b.width])(document.querySelector('.begin').getBoundingClientRect())"
    )
    assert box[2] > 40


def test_it_stops_at_each_step_and_goes_on_by_key(browser: Any, deck: Path, tmp_path: Path) -> None:
    opened(browser, deck)
    for step, key in ((1, " "), (2, "ArrowRight"), (3, "Enter")):
        browser.press(key)
        ended(browser, step)
        assert browser.ask(f"{SHOWN}.paused")
        assert frame(browser, tmp_path) == pytest.approx(20 * step - 1, abs=0.6)
    browser.press("ArrowRight")
    assert (browser.ask(STEP), browser.ask(STATE)) == (3, "ended")


def test_it_plays_and_does_not_jump(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.ask(
        f"window.times = []; {SHOWN} || 0; setInterval(() => {{ const v = {SHOWN};"
        f" if (v && !v.paused) times.push(v.currentTime); }}, 20); 0"
    )
    browser.press("ArrowRight")
    ended(browser, 1)
    times = browser.ask("times")
    assert len(times) >= 5
    assert times == sorted(times)
    assert times[0] < 0.35
    assert max(np.diff(times)) < 0.3


def test_it_goes_back_and_plays_a_step_again(browser: Any, deck: Path, tmp_path: Path) -> None:
    opened(browser, deck)
    for step in (1, 2):
        browser.press("ArrowRight")
        ended(browser, step)
    browser.press("ArrowLeft")
    ended(browser, 1)
    assert frame(browser, tmp_path, 19) == pytest.approx(19, abs=0.6)
    browser.press("r")
    browser.until(f"{STATE} === 'playing' && {SHOWN}.currentTime < 0.5")
    ended(browser, 1)
    browser.press("End")
    ended(browser, 3)
    assert frame(browser, tmp_path, 59) == pytest.approx(59, abs=0.6)
    browser.press("Home")
    ended(browser, 1)


def test_it_goes_by_mouse_and_by_buttons(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.click(900, 300)
    ended(browser, 1)
    browser.click(900, 300)
    ended(browser, 2)
    browser.click(60, 300)
    ended(browser, 1)
    for do, step in (("next", 2), ("back", 1), ("replay", 1)):
        box = f"document.querySelector('[data-do={do}]').getBoundingClientRect()"
        x, y = browser.ask(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({box})")
        browser.click(x, y)
        ended(browser, step)


def test_it_goes_by_touch(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    for step in (1, 2):
        browser.swipe((900, 300), (500, 300))
        ended(browser, step)
    browser.swipe((500, 300), (900, 300))
    ended(browser, 1)


def test_a_button_under_the_keyboard_acts_once(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.press("ArrowRight")
    ended(browser, 1)
    browser.ask("document.querySelector('[data-do=next]').focus()")
    browser.press("Enter")
    ended(browser, 2)


def test_captions_are_on_the_page_and_can_be_put_away(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    seen = "document.querySelector('.caption').getBoundingClientRect().height > 20"
    assert browser.ask(seen)
    browser.press("ArrowRight")
    ended(browser, 1)
    browser.press("ArrowRight")
    ended(browser, 2)
    assert browser.ask("document.querySelector('.caption').textContent") == "The second caption."
    browser.press("c")
    assert not browser.ask(seen)
    assert browser.ask("document.querySelector('.caption').getAttribute('aria-live')") == "polite"


def test_a_screen_reader_is_told_what_there_is(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.press("ArrowRight")
    ended(browser, 1)
    browser.send("Accessibility.enable")
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    told = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored") and "role" in node
    }
    for wanted in (
        ("region", "A deck"),
        ("group", "1 / 3"),
        ("button", "Back"),
        ("button", "Go on"),
        ("button", "Replay this step"),
        ("button", "Captions"),
        ("button", "Full screen"),
    ):
        assert wanted in told
    assert "What the first step shows." in {name for _, name in told}
    assert "The first caption." in {name for _, name in told}


def test_who_wants_no_motion_gets_stills(browser: Any, deck: Path, tmp_path: Path) -> None:
    calm = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.send("Emulation.setEmulatedMedia", features=calm)
    opened(browser, deck)
    for step in (1, 2, 3):
        browser.press("ArrowRight")
        assert (browser.ask(STEP), browser.ask(STATE)) == (step, "ended")
        assert frame(browser, tmp_path) == pytest.approx(20 * step - 1, abs=0.6)
        assert browser.ask(f"{SHOWN}?.paused ?? true")


def test_a_place_in_the_deck_has_an_address(browser: Any, deck: Path) -> None:
    opened(browser, deck, "#2")
    assert browser.ask(STEP) == 2
    browser.press("ArrowRight")
    ended(browser, 2)
    assert browser.ask("location.hash") == "#2"


def test_one_story_leads_to_the_next_by_its_title(browser: Any, two: Path, tmp_path: Path) -> None:
    opened(browser, two, "#4")
    card = "document.querySelector('.card')"
    browser.press("ArrowRight")
    ended(browser, 4)
    browser.press("ArrowRight")
    ended(browser, 5)
    assert browser.ask(f"[{card}.hidden, {card}.textContent]") == [False, "A deck"]
    assert browser.ask("document.querySelectorAll('.stage video:not([hidden])').length") == 0
    browser.press("ArrowRight")
    ended(browser, 6)
    assert frame(browser, tmp_path, 19) == pytest.approx(19, abs=0.6)
    assert browser.ask("document.querySelectorAll('.stage video:not([hidden])').length") == 1
    for step in (5, 4):
        browser.press("ArrowLeft")
        ended(browser, step)
    assert frame(browser, tmp_path, 59) == pytest.approx(59, abs=0.6)


def test_inside_another_deck_it_plays_when_reached_and_leads_out(
    browser: Any, deck: Path, tmp_path: Path
) -> None:
    """The messages are those of reveal.js to and from the frames in its slides."""
    outer = tmp_path / "talk.html"
    outer.write_text(
        f'<iframe src="{deck.resolve().as_uri()}" width="640" height="400"></iframe><script>'
        "window.heard = []; addEventListener('message', e => heard.push(JSON.parse(e.data).method))"
        "</script>"
    )
    browser.open(outer)
    inner = f"document.querySelector('iframe').contentDocument.{DECK.removeprefix('document.')}"
    send = "document.querySelector('iframe').contentWindow.postMessage"
    browser.until(f"{inner}?.dataset.state === 'ready'")
    browser.ask(f"{send}('slide:start', '*')")
    browser.until(f"{inner}.dataset.state === 'ended'")
    browser.ask("document.querySelector('iframe').contentWindow.focus()")
    browser.press("ArrowLeft")
    browser.until("heard.includes('prev')")
    browser.press("End")
    browser.until(f"{inner}.dataset.step === '3'")
    browser.press("ArrowRight")
    browser.until("heard.includes('next')")


def test_on_paper_and_without_scripts_every_step_has_its_picture(browser: Any, deck: Path) -> None:
    opened(browser, deck)
    browser.send("Emulation.setEmulatedMedia", media="print")
    seen = "[...document.querySelectorAll('.pages img')].map(i => i.getBoundingClientRect().height)"
    assert min(browser.ask(seen)) > 100
    browser.send("Emulation.setEmulatedMedia", media="screen")
    assert max(browser.ask(seen)) == 0
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    browser.send("Page.navigate", url=deck.resolve().as_uri())
    time.sleep(0.5)
    tall = browser.send("Page.getLayoutMetrics")["cssContentSize"]["height"]
    assert tall > 1200, "three pictures, one below the other"


def test_a_film_in_a_notebook_plays_in_a_page(browser: Any, reel: Any, tmp_path: Path) -> None:
    page = tmp_path / "notebook.html"
    page.write_text(
        f"<!DOCTYPE html><body style='margin:0'>{reel._repr_mimebundle_()['text/html']}",
        encoding="utf-8",
    )
    browser.open(page)
    video = "document.querySelector('video')"
    browser.until(f"{video}.readyState >= 1")
    time.sleep(0.2)
    with Image.open(browser.screenshot(tmp_path / "poster.png")) as image:
        grey = np.asarray(image.convert("L"), float)[60:100, 100:200]
    # (The controls lie over it and darken it a little.)
    assert np.median(grey) / GREY == pytest.approx(59, abs=4), "the poster is the end"
    browser.ask(f"{video}.currentTime = 0; {video}.play()")
    browser.until(f"{video}.ended")
    browser.ask(f"{video}.textTracks[0].mode = 'showing'; 0")
    browser.until(f"{video}.textTracks[0].cues.length === 3")
