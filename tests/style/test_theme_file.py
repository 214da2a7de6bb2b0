"""A theme of one's own is taken from its file, and one that cannot be read is refused."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from filming import record

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.stage import Story
from lstmviz.stage.text.fonts import branded
from lstmviz.stage.text.text import TextLine
from lstmviz.style.theme import DARK, LIGHT
from lstmviz.style.theme_file import read_theme, template
from lstmviz.style.themes import theme_named

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    '<rect width="40" height="20" fill="#FF00FF"/></svg>'
)


class Plain(Story):
    """A story of one step."""

    needs = ("h",)

    def construct(self) -> None:
        with self.step("only", "One sentence."):
            self.wait(0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    mono = files("lstmviz.style") / "fonts" / "NotoSansMono-Regular.ttf"
    with mono.open("rb") as source, (tmp_path / "brand.ttf").open("wb") as target:
        shutil.copyfileobj(source, target)
    (tmp_path / "noise.ttf").write_bytes(b"no font at all")
    (tmp_path / "noise.svg").write_bytes(b"no drawing at all")
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_is_the_dark_theme(tmp_path: Path) -> None:
    theme = read_theme(written(tmp_path, template()))
    for name in ("background", "panel", "ink", "faint", "positive", "neutral", "roles"):
        assert getattr(theme, name) == getattr(DARK, name)
    settings = [line.removeprefix("# ") for line in template().splitlines()]
    assert {"[fonts]", "[logo]", "[roles]"} <= set(settings), "every part is there to be taken"


def test_what_is_not_said_comes_from_the_base(tmp_path: Path) -> None:
    theme = theme_named(str(written(tmp_path, 'base = "light"\nink = "#102a43"\n')))
    assert (theme.name, theme.ink, theme.panel) == ("mine", "#102A43", LIGHT.panel)


def test_a_logo_stands_in_its_corner(folder: Path) -> None:
    trace = lstmviz.run("good but dull")
    for corner, columns in (("bottom-left", slice(0, 40)), ("bottom-right", slice(-40, None))):
        text = f'[logo]\nfile = "logo.svg"\ncorner = "{corner}"\nheight = 0.4\n'
        theme = read_theme(written(folder, text))
        reel = record(Plain, trace, theme=theme, size=(320, 180), fps=2, stills=True)
        pixels = reel.frame(0)[-12:, :, :3].astype(int)
        pink = (pixels[..., 0] > 200) & (pixels[..., 2] > 200) & (pixels[..., 1] < 60)
        assert pink[:, columns].sum() > 60
        assert pink.sum() == pink[:, columns].sum()


def test_text_is_set_in_the_fonts_of_the_brand(folder: Path) -> None:
    theme = read_theme(written(folder, '[fonts]\nregular = "brand.ttf"\n'))
    usual = TextLine("million", size=1.0)
    with branded(theme.fonts):
        ours = TextLine("million", size=1.0)
        chinese = TextLine("门", size=1.0)
    assert ours.advance == pytest.approx(TextLine("million", size=1.0, weight="mono").advance)
    assert ours.advance != pytest.approx(usual.advance)
    assert len(chinese.points), "what the brand's font lacks comes from the package"
    assert TextLine("million", size=1.0).advance == usual.advance


@pytest.mark.slow
def test_a_film_is_set_in_it_and_the_next_is_not(folder: Path) -> None:
    trace = lstmviz.run("good but dull")
    options = {"size": (320, 180), "fps": 2, "stills": True}
    theme = read_theme(written(folder, '[fonts]\nregular = "brand.ttf"\n'))
    before = record(Plain, trace, **options).frame(0)  # type: ignore[arg-type]
    branded_one = record(Plain, trace, theme=theme, **options).frame(0)  # type: ignore[arg-type]
    after = record(Plain, trace, **options).frame(0)  # type: ignore[arg-type]
    assert not np.array_equal(before, branded_one)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'ink = "#777777"\nbackground = "#888888"',
            r"ink #777777 on background #888888 has a "
            r"contrast of 1\.\d:1, and needs 4\.5:1",
        ),
        ('[roles]\nforget = "#101010"', r"roles\.forget #101010 on background .* needs 3:1"),
        ('open = "#0A0A0A"', "closed #08090B and open #0A0A0A can hardly be told apart"),
        ('ink = "red"', "ink must be a colour like #1F2328"),
        ('inc = "#FFFFFF"', "inc is unknown; A theme has: background, panel, ink"),
        ('[roles]\nforgot = "#FFFFFF"', r"forgot is unknown; \[roles\] has: x, h, c, forget"),
        ('base = ["dark"]', "base must be one of dark, light"),
        ("ink = [1]", "ink must be a colour"),
        (f"ink = {'9' * 5_000}", "a number of too many digits"),
        (f"{'roles.' * 9_999}x = 1", "more than 16 levels"),
        ('[logo]\nfile = "\\u0000"', "names a file that is not there"),
        (f'[logo]\nfile = "{"x" * 999}"', "names a file that is not there"),
        ('[logo]\nfile = "logo.svg"\nheight = nan', "logo.height is a number"),
        ('[logo]\nfile = "noise.svg"', r"The logo .*noise\.svg is not valid SVG"),
        ('base = "grey"', "base must be one of dark, light"),
        ("ink = ", "is not valid TOML"),
        ('[logo]\nfile = "none.svg"', "names a file that is not there"),
        ('[logo]\nfile = "brand.ttf"', "must be an .svg"),
        ('[logo]\nfile = "logo.svg"\ncorner = "top"', "logo.corner is one of bottom-left"),
        ('[logo]\nfile = "logo.svg"\nheight = 3', "logo.height is a number from 0.05 to 0.4"),
        ('[fonts]\nregular = "noise.ttf"', "is no font with Latin letters"),
        ("fonts = 3", r"fonts must be a table: \[fonts\]"),
    ],
)
def test_what_cannot_be_used_is_told(folder: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_theme(written(folder, text))


def test_a_lost_file() -> None:
    with pytest.raises(UsageError, match=r"The theme lost\.toml cannot be read: no such file"):
        theme_named("lost.toml")
