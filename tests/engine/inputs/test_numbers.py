"""Numbers in the ways in which people write them: read, or refused with the way that works."""

from __future__ import annotations

import pytest

from lstmviz.engine.inputs.numbers import numbers_in, refuse_unclear
from lstmviz.errors import UsageError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5", [5]),
        ("0.1,0.5,-1", [0.1, 0.5, -1]),
        ("0.1, 0.5, -1", [0.1, 0.5, -1]),
        ("0.1 0.5 -1", [0.1, 0.5, -1]),
        ("0.1\t0.5", [0.1, 0.5]),
        ("0.1;0.5", [0.1, 0.5]),
        ("0.1\n0.2\n0.3\n", [0.1, 0.2, 0.3]),
        ("0.1,\n0.5,\n-1", [0.1, 0.5, -1]),
        ("1e-3 1E2", [0.001, 100]),
        ("−0.5 –1", [-0.5, -1]),
        ("0.1，0.5；".rstrip("；"), [0.1, 0.5]),
        ("1, 2, 3", [1, 2, 3]),
        ("1,2,3", [1, 2, 3]),
        ("[0.1, 0.5, -1]", [0.1, 0.5, -1]),
        ("[ 0.1  0.5\n -1. ]", [0.1, 0.5, -1]),
        ("[0,1]", [0, 1]),
        ("(3)", [3]),
        ("tensor([0.1, 0.5], dtype=torch.float64)", [0.1, 0.5]),
        ("[[0.1, 0.5], [0.2, 0.4]]", [[0.1, 0.5], [0.2, 0.4]]),
        ("np.array([[1 2]\n [3 4]])", [[1, 2], [3, 4]]),
    ],
)
def test_numbers_are_read(text: str, values: list[float]) -> None:
    found = numbers_in(text)
    assert found is not None
    assert found.values == values
    assert found.note == ""


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        ("0,1 0,5 -1,0", [0.1, 0.5, -1], "as 3 numbers with decimal commas: 0.1, 0.5 and -1."),
        ("0,1 0,5 -1", [0.1, 0.5, -1], "with decimal commas"),
        ("0,1;0,5", [0.1, 0.5], "as 2 numbers with decimal commas: 0.1 and 0.5."),
        ("0,1\t0,5", [0.1, 0.5], "'0,1 0,5' is read as 2 numbers with decimal commas"),
        ("0,1 0,2 0,3 0,4 0,5", [0.1, 0.2, 0.3, 0.4, 0.5], "0.1, 0.2, 0.3, 0.4, …"),
        ("0,1", [0, 1], "'0,1' is read as 2 numbers: 0 and 1; write a single one as 0.5"),
        ("-1,5", [-1, 5], "as 2 numbers: -1 and 5;"),
        ("1.234,56", [1.234, 56], "as 2 numbers"),
        ("1,234.5", [1, 234.5], "as 2 numbers"),
        ("1,000,000", [1, 0, 0], "as 3 numbers"),
    ],
)
def test_what_may_be_misread_is_told(text: str, values: list[float], note: str) -> None:
    found = numbers_in(text)
    assert found is not None
    assert found.values == values
    assert note in found.note


@pytest.mark.parametrize(
    "text",
    [
        "0,1, 0,5, -1,0",
        "1,2, 3",
        "0.1 0.5, -1",
        "0.1,0.5 0.2,0.4",
        "0.1,0.5;0.2,0.4",
        "1 050",
        "0.1 0.5\n0.2 0.4",
        "[[[1, 2]]]",
        "[0.1, 0.5",
        "0,5 0.5",
        "1) 2)",
        "0,1\n0,5",
        "[1 2] [3 4]",
    ],
)
def test_numbers_that_are_not_clear_are_refused(text: str) -> None:
    assert numbers_in(text) is None
    with pytest.raises(UsageError, match=r"not clear where one number ends .* write 0\.1,0\.5,-1"):
        refuse_unclear(text)


@pytest.mark.parametrize("text", ["3/4", "10:30", "1.2.3", "5 stars", "", ";)", "2024-01-02", "[]"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert numbers_in(text) is None
    refuse_unclear(text)
