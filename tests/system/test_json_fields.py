"""Objects of JSON: what is asked for is there, and of its kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lstmviz.errors import UsageError
from lstmviz.system.json_fields import Fields

TOLD = {"text": "a", "whole": 3, "flag": True, "list": ["a"], "object": {"k": "v"}, "null": None}


def test_what_is_there_is_given() -> None:
    told = Fields(TOLD, "it")
    assert (told.text("text"), told.whole("whole"), told.flag("flag")) == ("a", 3, True)
    assert (told.texts("list"), told.named_texts("object")) == (("a",), {"k": "v"})
    assert told.object("object").text("k") == "v"
    assert told.text("none", "default") == "default"
    assert (told.texts("none", []), told.named("none")) == ((), {})
    assert (told.has("text"), told.has("null"), told.has("none")) == (True, False, False)


@pytest.mark.parametrize("name", [*TOLD, "none"])
@pytest.mark.parametrize("kind", ["text", "whole", "flag", "items", "object"])
def test_what_is_missing_or_of_another_kind_is_refused(name: str, kind: str) -> None:
    ask: Callable[[str], object] = getattr(Fields(TOLD, "it"), kind)
    if (name, kind) in {(kind, kind), ("list", "items"), ("whole", "whole"), ("text", "text")}:
        ask(name)
        return
    with pytest.raises(UsageError, match=f"'{name}' (is|has)"):
        ask(name)


@pytest.mark.parametrize("number", [-1, 2**48 + 1, 10**4000, 1.0, True, float("inf"), "1"])
def test_a_number_that_is_none_of_ours_is_refused(number: object) -> None:
    with pytest.raises(UsageError, match="'n' is no whole number from 0 on"):
        Fields({"n": number}, "it").whole("n")


@pytest.mark.parametrize("told", [None, [], "a", 3])
def test_what_is_no_object_is_refused(told: object) -> None:
    with pytest.raises(UsageError, match="it is no object"):
        Fields(told, "it")


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UsageError, match="half a character"):
        Fields({"t": "\ud800"}, "it").text("t")
