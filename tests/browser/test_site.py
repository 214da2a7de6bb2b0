"""The site of docs/ from disk, in a real Chromium: whole, quiet, and readable on a telephone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted({path.stem for kind in ("*.md", "*.ipynb") for path in (ROOT / "docs").glob(kind)})
# Text is readable from 4.5:1 on; what it stands on is the nearest ground that is not clear.
CONTRAST = """
(() => {
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92
    : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, k) => sum + v * [.2126, .7152, .0722][k], 0);
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return parts(getComputedStyle(document.body).backgroundColor);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.querySelector("article"), 4);
  for (let text; text = walker.nextNode();) {
    const node = text.parentElement, box = node.getBoundingClientRect();
    if (!text.data.trim() || !box.width || getComputedStyle(node).visibility === "hidden") continue;
    if (node.closest("video, script, style, .headerlink, .copybtn")) continue;
    const [a, b] = [parts(getComputedStyle(node).color), ground(node)].map(light);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) faint.push(`${text.data.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
})()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-d", folder / "trees", ROOT / "docs"]
    subprocess.run([*command, folder / "site"], check=True, capture_output=True, timeout=300)
    return folder / "site"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read(browser: Any, site: Path, scheme: str) -> None:
    browser.send(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
    )
    for name in PAGES:
        browser.open(site / f"{name}.html")
        assert browser.ask(CONTRAST) == [], (name, scheme)
        assert browser.problems == [], name


def test_nothing_is_wider_than_a_telephone(browser: Any, site: Path) -> None:
    browser.send(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=844,
        deviceScaleFactor=1,
        mobile=True,
    )
    for name in PAGES:
        browser.open(site / f"{name}.html")
        assert browser.ask("document.documentElement.scrollWidth") <= 390, name


def test_the_gallery_loads_its_films_as_they_are_reached(browser: Any, site: Path) -> None:
    browser.open(site / "gallery.html")
    count = browser.ask("document.querySelectorAll('section.figure img').length")
    assert count >= 22
    for number in range(count):
        image = f"document.querySelectorAll('section.figure img')[{number}]"
        browser.ask(f"{image}.scrollIntoView()")
        browser.until(f"{image}.complete && {image}.naturalWidth > 300")


def test_the_film_of_the_notebook_plays_in_its_page(browser: Any, site: Path) -> None:
    browser.open(site / "example.html")
    video = "document.querySelector('video')"
    browser.until(f"{video}.readyState >= 1")
    browser.ask(f"{video}.play()")
    browser.until(f"{video}.currentTime > 0.5")


def test_search_finds_a_page_from_disk(browser: Any, site: Path) -> None:
    browser.open(site / "search.html")
    browser.ask("location.search = '?q=keynote'")
    browser.until("document.querySelectorAll('#search-results li a').length > 0")
    found = browser.ask("[...document.querySelectorAll('#search-results li a')].map(a => a.href)")
    assert any("slides.html" in address for address in found)
