"""Boxes of pixels cover what they must, and little else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstmviz.reel.rectangles import TILE, Differences, Rect, Tiles, around, on_grid, united


@st.composite
def pictures_and_boxes(draw: Any) -> tuple[np.ndarray, list[Rect]]:
    """A picture of which pixels changed, all of them inside some boxes."""
    width, height = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    boxes = draw(st.lists(box_in(width, height), min_size=1, max_size=5))
    changed = np.zeros((height, width), np.uint32)
    for x, y, box in draw(st.lists(st.tuples(*[st.integers(0, 300)] * 2, st.sampled_from(boxes)))):
        left, top, right, bottom = box
        changed[top + y % (bottom - top), left + x % (right - left)] = 1 + x
    return changed, boxes


def box_in(width: int, height: int) -> st.SearchStrategy[Rect]:
    across, down = (
        st.lists(st.integers(0, most), min_size=2, max_size=2, unique=True).map(sorted)
        for most in (width, height)
    )
    return st.tuples(across, down).map(lambda box: (box[0][0], box[1][0], box[0][1], box[1][1]))


def pixels_of(boxes: list[Rect], shape: tuple[int, ...]) -> np.ndarray:
    """How many boxes lie over each pixel."""
    covered = np.zeros(shape, int)
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= shape[1]
        assert 0 <= top < bottom <= shape[0]
        covered[top:bottom, left:right] += 1
    return covered


@given(pictures_and_boxes())
@pytest.mark.slow
def test_boxes_are_drawn_around_what_differs(case: tuple[np.ndarray, list[Rect]]) -> None:
    changed, boxes = case
    before = np.arange(changed.size, dtype=np.uint32).reshape(changed.shape)
    differences = Differences(changed.shape[1], changed.shape[0])
    assert differences(before, before, boxes) == []
    for _ in range(2):  # it forgets what it found before
        found = differences(before + changed, before, boxes)
        assert (pixels_of(found, changed.shape) > 0)[changed > 0].all()
        for left, top, right, bottom in found:
            inside = changed[top:bottom, left:right]
            assert all(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))
    assert differences(before, before, []) == []


def test_changes_far_apart_have_boxes_of_their_own() -> None:
    before = np.zeros((720, 1280), np.uint32)
    after = before.copy()
    after[10:40, 20:60] = after[600:610, 1200:1210] = after[605, 1280 - 1] = 1
    found = Differences(1280, 720)(after, before, [(0, 0, 1280, 720)])
    assert sorted(found) == [(20, 10, 60, 40), (1200, 600, 1280, 610)]


@given(st.lists(box_in(200, 200), max_size=8))
def test_boxes_are_united_where_that_costs_little(boxes: list[Rect]) -> None:
    made = united(boxes)
    assert len(made) <= len(boxes)
    covered = pixels_of(made, (200, 200)) > 0
    assert covered[pixels_of(boxes, (200, 200)) > 0].all()
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in boxes]
    assert covered.sum() <= sum(areas) + 4000 * (len(boxes) - len(made))
    assert united([(0, 0, 10, 10), (1000, 1000, 1010, 1010)]) == [
        (0, 0, 10, 10),
        (1000, 1000, 1010, 1010),
    ]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((17, 9, 18, 17), (16, 0, 32, 20)),
        ((16, 10, 32, 20), (16, 10, 32, 20)),
        ((90, 0, 95, 1), (80, 0, 95, 10)),
    ],
)
def test_boxes_end_where_a_grid_or_the_picture_does(box: Rect, expected: Rect) -> None:
    assert on_grid(box, (16, 10), (95, 73)) == expected


def test_a_box_is_drawn_around_others() -> None:
    assert around((5, 6, 7, 8)) == (5, 6, 7, 8)
    assert around((5, 6, 7, 8), (1, 7, 6, 20)) == (1, 6, 7, 20)


@given(
    st.integers(1, 200).flatmap(
        lambda width: st.integers(1, 200).flatmap(
            lambda height: st.tuples(
                st.just(Tiles(width, height)),
                hnp.arrays(bool, (-(-height // TILE), -(-width // TILE))),
            )
        )
    )
)
@pytest.mark.slow
def test_rectangles_cover_the_marked_tiles_once(case: tuple[Tiles, np.ndarray]) -> None:
    tiles, mask = case
    covered = pixels_of(tiles.rectangles(mask), (tiles.height, tiles.width))
    expected = mask.repeat(TILE, 0).repeat(TILE, 1)[: tiles.height, : tiles.width]
    np.testing.assert_array_equal(covered, expected)
