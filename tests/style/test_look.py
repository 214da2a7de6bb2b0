from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from lstmviz.style.language import language
from lstmviz.style.look import FilmLook
from lstmviz.style.themes import theme_named


def test_names_and_what_they_name_make_the_same_look() -> None:
    named = FilmLook("light", "zh", "9:16", fps=10)
    assert named == FilmLook(theme_named("light"), language("zh"), "9:16", fps=10)
    assert named.picture == (720, 1280, 10)
    assert named.layout.name == "9:16"
    assert replace(named, quality="draft", fps=None).picture == (480, 854, 15)
    assert pickle.loads(pickle.dumps(named)) == named


def test_a_look_stays_as_it_was_checked() -> None:
    with pytest.raises(FrozenInstanceError):
        FilmLook().aspect = "2:1"  # type: ignore[misc]
