"""A quick copy is what Manim's own would be."""

from __future__ import annotations

import copy
from typing import Any

import manim as mn
import numpy as np
import pytest

from lstmviz.stage.manim.fast_copy import quick_copies

pytestmark = pytest.mark.slow


class Strict(mn.Square):
    """Somebody's own mobject, which counts what is set."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        self.__dict__["count"] = self.__dict__.get("count", 0) + 1


def some() -> mn.VGroup:
    square = mn.Square(fill_opacity=0.5).set_fill([mn.RED, mn.BLUE])
    turned = np.asfortranarray(square.points)
    group = mn.VGroup(square, mn.Circle(), mn.VGroup(mn.Dot(), mn.Line()))
    bag: Any = group
    bag.shared = bag.again = np.arange(3.0)  # one array under two names stays one
    bag.turned, bag.target, bag.words, bag.told = turned, group[1], ["a", ["b"]], {"k": group[0]}
    bag.others = np.array([group[1], None], dtype=object)
    group[0].add_updater(lambda m: m)
    return group


def same(one: Any, other: Any, seen: set[int]) -> None:
    assert type(one) is type(other)
    if isinstance(one, mn.Mobject):
        if id(one) in seen:
            return
        seen.add(id(one))
        assert list(one.__dict__) == list(other.__dict__)
        for name in set(one.__dict__) - {"original_id"}:
            same(one.__dict__[name], other.__dict__[name], seen)
    elif isinstance(one, np.ndarray) and one.dtype.hasobject:
        same(list(one), list(other), seen)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert (one.dtype, one.strides) == (other.dtype, other.strides)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            same(*pair, seen)
    elif isinstance(one, dict):
        same([*one.items()], [*other.items()], seen)
    else:
        assert one == other or repr(one) == repr(other)


def test_a_copy_is_the_same_and_stands_alone() -> None:
    group: Any = some()
    expected: Any = copy.deepcopy(group)
    manims = mn.Mobject.__deepcopy__
    with quick_copies():
        quick = mn.Mobject.__deepcopy__
        assert quick is not manims
        with quick_copies():
            made: Any = copy.deepcopy(group)
        assert mn.Mobject.__deepcopy__ is quick
    assert mn.Mobject.__deepcopy__ is manims
    same(made, expected, set())
    assert made.original_id == expected.original_id == str(id(group))
    assert made.shared is made.again is not group.shared
    assert made.target is made[1] is not group[1]
    assert made.others[0] is made[1]
    before = group[0].points.copy()
    made[0].shift(mn.RIGHT).set_color(mn.GREEN)
    made.words[1].append("c")
    np.testing.assert_array_equal(group[0].points, before)
    assert group.words == ["a", ["b"]]
    assert group[0].get_fill_rgbas().shape == (2, 4)


def test_what_somebody_sets_in_a_way_of_their_own_is_copied_by_manim() -> None:
    strict = Strict()
    with quick_copies():
        made = copy.deepcopy(strict)
    assert made.__dict__["count"] > 10


def test_a_manim_that_copies_otherwise_copies_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    manims = mn.Mobject.__deepcopy__

    def another(self: mn.Mobject, memo: Any) -> Any:
        return manims(self, memo)

    monkeypatch.setattr(mn.Mobject, "__deepcopy__", another)
    with quick_copies():
        assert mn.Mobject.__deepcopy__ is another
