"""How a story is told: at which tick, of which units, how fast, with captions or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmviz.engine.inputs.find_tick import find_tick
from lstmviz.engine.inputs.series import Series
from lstmviz.errors import UsageError
from lstmviz.style.picture import refuse_pace
from lstmviz.system.hashing import key_of
from lstmviz.trace.units import refuse_units, units_asked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.style.look import FilmLook
    from lstmviz.trace.trace import Trace


@dataclass(frozen=True)
class OtherInput:
    """A second input that is no text; equal ones are equal, and written by what is in them."""

    given: tuple[str, ...] | Series = field(repr=False, compare=False)
    key: str


def _other(given: Any) -> str | OtherInput | None:
    """A second input, checked."""
    from lstmviz.engine.inputs.encode import taken

    if given is None or isinstance(given, str | OtherInput):
        return given
    try:
        read = taken(given)
    except UsageError as error:
        raise UsageError(f"compare=: {error}") from error
    if isinstance(read, list):
        return OtherInput(tuple(read), key_of(read))
    series = read if isinstance(read, Series) else Series(np.asarray(read))
    told = (series.shape, str(series.values.dtype), series.features, tuple(series.times))
    return OtherInput(series, key_of(series.values.tobytes(), *told))


@dataclass(frozen=True, init=False)
class Telling:
    """What of a trace a story tells, and how.

    `at` is the tick that is told, from 0, or as text what `find_tick` takes; by default the
    story picks it. `units` are drawn of a wide state: from 0, or from 1 as text, `"1,3"`; by
    default those that move most. `pace` above 1 is faster. Without `captions` nothing is
    written below the picture; the steps keep theirs. `compare` is a second input, for stories that
    compare two: a text, tokens or numbers, as of `lstmviz.run`. `loop` makes a loop of a film: of
    the steps that it names as `chosen` of `lstmviz.reel.loop` takes them, by True of those that the
    story itself thinks fit.

    Raises:
        UsageError: nobody can follow such a pace; these are no units, or this is no input.
    """

    at: int | str | None
    units: tuple[int, ...] | None
    pace: float
    captions: bool
    compare: str | OtherInput | None
    loop: str | None  # empty: what the story thinks fit

    def __init__(
        self,
        at: int | str | None = None,
        units: str | Sequence[int] | None = None,
        pace: float = 1.0,
        captions: bool = True,
        compare: str | OtherInput | ArrayLike | None = None,
        loop: str | int | bool | None = None,
    ) -> None:
        refuse_pace(pace)
        made = {
            "at": at,
            "units": None if units is None else units_asked(units),
            "pace": pace,
            "captions": captions,
            "compare": _other(compare),
            "loop": None if loop is None or loop is False else "" if loop is True else str(loop),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def of(self, trace: Trace, look: FilmLook) -> Telling:
        """Give the same of a trace at hand: with `at` as a tick, from 0.

        Raises:
            UsageError: the trace has no such tick or word, or not these units, or the picture
                has no room for them.
        """
        if self.units is not None:
            refuse_units(self.units, trace.network.hidden, look.layout.most_units)
        return self if self.at is None else replace(self, at=find_tick(trace, self.at))

    def options(self, look: FilmLook) -> dict[str, Any]:
        """Give what the class of a story is told, for a film that looks so."""
        return {
            "at": self.at,
            "units": self.units,
            "pace": self.pace,
            "captions": self.captions,
            "compare": self.compare,
            "theme": look.theme,
            "lang": look.lang,
            "layout": look.layout,
        }
