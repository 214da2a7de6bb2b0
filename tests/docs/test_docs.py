"""The pages in docs/: what they say can be run, what they show is there, their examples render."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from filming import check_story, record

import lstmviz
from lstmviz.article.figures import FIGURES
from lstmviz.engine.find_cell import find_cell_in_file
from lstmviz.engine.model.network import seeded
from lstmviz.stage.story.discovery import find_story, stories

pytestmark = pytest.mark.verify

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
EXAMPLE = DOCS / "examples" / "turning_point.py"
CHINESE = DOCS / "examples" / "turning-point.zh.toml"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_give_what_they_say(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith("http"):
            assert (page.parent / link).resolve().exists(), link


def test_the_errata_name_a_figure_each() -> None:
    text = (DOCS / "errata.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(sections) >= 9
    for section in sections:
        shown = re.findall(r"\[`([\w-]+)`\]\(\.\./media/gallery/\1\.gif\)", section)
        assert shown, section.partition("\n")[0]
        assert set(shown) <= set(FIGURES)


def test_the_page_holds_the_example_as_it_is() -> None:
    text = (DOCS / "own-story.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert code == EXAMPLE.read_text(encoding="utf-8")
    (toml, _) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert toml == CHINESE.read_text(encoding="utf-8")
    assert set(tomllib.loads(toml)) == {"base", "turning-point"}


@pytest.mark.parametrize("lang", ["en", str(CHINESE)], ids=["en", "zh"])
@pytest.mark.parametrize(
    ("theme", "given"),
    [("dark", {}), ("light", {"cell": "lstm"}), ("light", {"input": [0.1, 0.9, -1], "hidden": 8})],
)
def test_the_example_can_be_read(theme: str, given: dict[str, object], lang: str) -> None:
    story = find_story(EXAMPLE)
    trace = lstmviz.run(**{"input": story.input, "cell": story.cell, **given})  # type: ignore[arg-type]
    assert check_story(story, trace, theme=theme, lang=lang) == []


def test_the_example_renders() -> None:
    reel = lstmviz.render(EXAMPLE, quality="draft", fps=2, pace=2)
    assert [step.name for step in reel.steps] == ["before", "after", "unit", "history"]
    said = reel.steps[2].caption
    told = record(
        find_story(EXAMPLE),
        lstmviz.run(find_story(EXAMPLE).input, cell="gru"),
        lang=str(CHINESE),
        size=(320, 180),
        stills=True,
    )
    assert re.findall(r"[+−]?\d+\.\d+", told.steps[2].caption) == re.findall(r"[+−]?\d+\.\d+", said)
    first, last = (np.asarray(told.frame(k)) for k in (0, told.frame_count - 1))
    assert np.abs(first.astype(int) - last).max() > 100


def test_the_story_that_begins_with_is_there() -> None:
    text = (DOCS / "own-story.md").read_text(encoding="utf-8")
    assert "forget_gate.py" in text
    assert "forget-gate" in {story.name for story in stories()}


MGU = DOCS / "examples" / "mgu.py"


def test_the_minimal_gated_unit_computes_its_paper_s_equations() -> None:
    mgu = find_cell_in_file(f"{MGU}:mgu")
    network = seeded(mgu, inputs=2, hidden=3, seed=5)
    trace = lstmviz.run(np.random.default_rng(0).normal(size=(4, 2)), network=network)
    w = network.layers[0][0].weights
    h = np.zeros(3)
    for tick, x in enumerate(trace["x"]):
        parts = [np.split(each, 2) for each in (w.W, w.R, w.b + w.rb)]
        (Wf, Wn), (Rf, Rn), (bf, bn) = parts
        f = 1 / (1 + np.exp(-(Wf @ x + Rf @ h + bf)))
        h = (1 - f) * h + f * np.tanh(Wn @ x + Rn @ (f * h) + bn)
        np.testing.assert_allclose(trace["h"][tick], h, atol=1e-12)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_minimal_gated_unit_is_drawn(theme: str) -> None:
    story = find_story(f"{MGU}:MinimalGatedUnit")
    trace = lstmviz.run([0.1, 0.9, -1.0], cell=story.cell)
    assert check_story(story, trace, theme=theme) == []
    reel = record(story, trace, theme=theme, size=(160, 90), fps=2)
    assert [step.name for step in reel.steps] == ["join", "weigh", "squash", "new", "history"]
