"""Transparent films and pictures lie on a page without a fringe, as Chromium shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lstmviz.export.formats import export
from lstmviz.reel.reel import Reel, ReelWriter, Step

GROUND = (14, 17, 22)
DISC = (228, 87, 46)


@pytest.fixture(scope="session")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """A soft-edged orange disc, blended with the ground as Manim does it."""
    large = Image.new("L", (1280, 720), 0)
    ImageDraw.Draw(large).ellipse((400, 120, 880, 600), fill=255)
    share = np.asarray(large.resize((320, 180), Image.Resampling.BOX), float)[..., None] / 255
    blended = share * (*DISC, 255) + (1 - share) * (*GROUND, 0)
    path = tmp_path_factory.mktemp("disc") / "disc.reel"
    with ReelWriter(path, width=320, height=180, fps=10) as writer:
        writer.write(np.rint(blended).astype(np.uint8), 5)
        return writer.close([Step("disc", "", 0, 0.5, 0, 4)])


@pytest.mark.parametrize("ground", ["#ffffff", "#000000"])
@pytest.mark.parametrize("ending", [".webm", ".webp", ".apng", ".png"])
def test_no_fringe_on_a_page(
    browser: Any, disc: Reel, tmp_path: Path, ending: str, ground: str
) -> None:
    name = export(disc, tmp_path / f"disc{ending}", transparent=True).name
    tag = f'<video src="{name}" muted></video>' if ending == ".webm" else f'<img src="{name}">'
    page = tmp_path / "page.html"
    page.write_text(f'<body style="margin:0; background:{ground}">{tag}', encoding="utf-8")
    browser.open(page)
    element = "document.querySelector('video, img')"
    browser.until(f"{element}.readyState >= 2 || ({element}.complete && {element}.naturalWidth)")
    with Image.open(browser.screenshot(tmp_path / "shot.png")) as image:
        shot = np.asarray(image.convert("RGB"), float)[:180, :320]
    with Image.open(export(disc, tmp_path / "true.png", transparent=True)) as image:
        share = np.asarray(image, float)[..., 3:] / 255
    paper = 255.0 if ground == "#ffffff" else 0.0
    expected = share * DISC + (1 - share) * paper
    edge = (share[..., 0] > 0.05) & (share[..., 0] < 0.95)
    assert edge.sum() > 100
    assert np.abs(shot - expected)[edge].mean() < (8 if ending == ".webm" else 2)
    np.testing.assert_allclose(shot[90, 160], DISC, atol=4)
    np.testing.assert_allclose(shot[5, 5], paper, atol=2)
