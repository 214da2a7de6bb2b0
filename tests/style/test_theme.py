"""The colours: can everything be read, in both themes?"""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.errors import UsageError
from lstmviz.style.theme import (
    READABLE,
    THEMES,
    Theme,
    contrast,
    luminance,
    mix,
)
from lstmviz.style.themes import theme_named

themes = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48), ("#3D7DFF", "#3D7DFF", 1.0)],
)
def test_contrast_is_that_of_the_guidelines(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.005)
    assert contrast(second, first) == contrast(first, second)


def test_luminance() -> None:
    assert luminance("#000000") == 0
    assert luminance("#FFFFFF") == pytest.approx(1)
    assert luminance("#00FF00") == pytest.approx(0.7152)


def test_mix() -> None:
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mix("#123456", "#FFFFFF", 0) == "#123456"
    assert mix("#123456", "#ABCDEF", 1) == "#ABCDEF"


@themes
def test_ink_and_faint_text_can_be_read(theme: Theme) -> None:
    for ground in (theme.background, theme.panel):
        assert contrast(theme.ink, ground) >= 7
        assert contrast(theme.faint, ground) >= READABLE


@themes
def test_every_role_can_be_read_as_text(theme: Theme) -> None:
    assert set(theme.roles) == {"x", "h", "c", "forget", "input", "candidate", "output"}
    for role in (*theme.roles, "ink", "unknown"):
        colour = theme.role(role)
        fills = [mix(theme.panel, colour, share) for share in (0.07, 0.1, 0.22)]
        for ground in (theme.background, theme.panel, *fills):
            assert contrast(theme.readable(colour, ground), ground) >= READABLE
            assert contrast(theme.resting_text(colour, ground), ground) >= READABLE


@themes
def test_a_lit_line_stands_out(theme: Theme) -> None:
    for role in theme.roles:
        for ground in (theme.background, theme.panel):
            assert contrast(theme.role(role), ground) >= 3, role  # what graphics need


@themes
def test_what_rests_stands_back(theme: Theme) -> None:
    for role in theme.roles:
        colour = theme.role(role)
        lit, resting = (contrast(c, theme.background) for c in (colour, theme.resting(colour)))
        assert 1.05 < resting < lit


@themes
@pytest.mark.parametrize("scale", ["gate", "signed", "free"])
def test_a_number_can_be_read_on_every_value(theme: Theme, scale: str) -> None:
    for value in np.linspace(-1.2, 1.2, 481):
        fill = theme.value(float(value), scale)  # type: ignore[arg-type]
        assert contrast(theme.on(fill), fill) >= READABLE, value


@themes
def test_values_go_from_one_end_to_the_other(theme: Theme) -> None:
    assert theme.value(0, "signed") == theme.neutral
    assert theme.value(1, "signed") == theme.value(7, "free") == theme.positive
    assert theme.value(-1, "signed") == theme.value(-7, "free") == theme.negative
    assert theme.value(0, "gate") == theme.closed
    assert theme.value(1, "gate") == theme.open
    light = [luminance(theme.value(v, "gate")) for v in np.linspace(0, 1, 11)]
    assert light == sorted(light, reverse=theme.name == "light")


def test_themes_are_found_by_name() -> None:
    assert theme_named("dark").name == "dark"
    with pytest.raises(UsageError, match="dark, light"):
        theme_named("sepia")
