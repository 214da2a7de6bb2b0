"""What of a table is wanted: which columns, in which order, and what to do about gaps."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError, brief
from lstmviz.system.suggest import nearest

Array = NDArray[np.floating[Any]]
Columns = str | Sequence[str | int]
GapMarks = str | float | Sequence[float]

FILLS = ("forward", "linear", "zero", "mean")
_TOLD = 3  # gaps of a column that are told


@dataclass(frozen=True)
class Wanted:
    """The columns that are features, the one that has the times, what fills gaps, and where from.

    `columns` are names, or numbers: as text counted from 1 and parted by commas, "temp,3"; a
    whole number counts from 0. Without them all but the times are features. `time` is one of
    them; `fill` one of FILLS, without which a gap is refused; `gap` the number that stands for
    one, or several, as text parted by commas. `sheet` is that of an Excel file, `encoding` that of
    a text.

    Raises:
        UsageError: there is no such way to fill, no column is named, or a mark of gaps is no
            number.
    """

    columns: Columns | None = None
    time: str | int | None = None
    fill: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    gap: GapMarks | None = None

    def __post_init__(self) -> None:
        self.marks  # noqa: B018
        if self.fill is not None and self.fill not in FILLS:
            raise UsageError(
                f"fill= is {brief(repr(self.fill), 40)}{nearest(str(self.fill), FILLS)}; choose "
                f"one of {', '.join(FILLS)}."
            )
        if self.columns is not None and not len(self.columns):
            raise UsageError("columns= is empty; name one, or leave it out.")

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return any(getattr(self, each.name) is not None for each in fields(self))

    @property
    def marks(self) -> tuple[float, ...]:
        """The numbers that stand for gaps.

        Raises:
            UsageError: one is none, or they are none at all.
        """
        if self.gap is None:
            return ()
        told: Sequence[Any]
        if isinstance(self.gap, str):
            told = self.gap.replace("\N{MINUS SIGN}", "-").split(",")
        else:
            told = self.gap if isinstance(self.gap, Sequence) else [self.gap]
        try:
            found = tuple(float(one) for one in told)
        except (TypeError, ValueError):
            found = ()
        if not found or not all(map(math.isfinite, found)):
            raise UsageError(
                f"gap= is {brief(repr(self.gap), 40)}; give the number that stands for a gap, as "
                "in gap=-9999, or several as in '-9999,-999'. Empty cells, NaN and n/a are gaps "
                "anyway."
            )
        return found

    def features(self, names: Sequence[str], where: str) -> list[int] | None:
        """The columns that are to be features, from 0, or None where all are."""
        if self.columns is None:
            return None
        asked: Sequence[str | int]
        if isinstance(self.columns, str):
            whole = self.columns.strip()
            asked = [whole] if whole in names else [one.strip() for one in whole.split(",")]
        else:
            asked = self.columns
        found = [column_of(one, names, where) for one in asked]
        for place, k in enumerate(found):
            if k in found[:place]:
                raise UsageError(f"{where}: column {k + 1} is named twice; name each once.")
        return found


ALL = Wanted()  # all columns, and no gap


def refuse_sheet(wanted: Wanted, where: str) -> None:
    """Refuse a sheet of what has none.

    Raises:
        UsageError: one is asked for.
    """
    if wanted.sheet is not None:
        raise UsageError(f"{where} has no sheets: sheet= belongs to an .xlsx file; leave it out.")


def refuse_encoding(wanted: Wanted, where: str) -> None:
    """Refuse the encoding of what is no plain text.

    Raises:
        UsageError: one is asked for.
    """
    if wanted.encoding is not None:
        raise UsageError(
            f"{where} says itself how its letters are written: encoding= belongs to texts, as .csv "
            "and .txt are; leave it out."
        )


def refuse_beside_text(wanted: Wanted, where: str = "") -> None:
    """Refuse what belongs to tables where the input is none; `where` names its file.

    Raises:
        UsageError: something of a table is asked for.
    """
    given = [f"{each.name}=" for each in fields(wanted) if getattr(wanted, each.name) is not None]
    if given:
        place, verb = f"{where}: " if where else "", "belong" if len(given) > 1 else "belongs"
        raise UsageError(
            f"{place}{' and '.join(given)} {verb} to a table of numbers, "
            "and the input is none; give a file such as data.csv, or leave "
            f"{'them' if len(given) > 1 else 'it'} out."
        )


def column_of(asked: str | int, names: Sequence[str], where: str) -> int:
    """The column, from 0, that is meant by its name, or by its number as text from 1.

    Raises:
        UsageError: there is no such column, or several of that name.
    """
    if not isinstance(asked, str):
        try:
            number = operator.index(asked)
        except TypeError:
            raise UsageError(f"{asked!r} is no column; give its name or its number.") from None
        if -len(names) <= number < len(names):
            return number % len(names)
        raise UsageError(f"{where} has no column {number}; it has {len(names)}, from 0.")
    for same in (str.strip, lambda name: name.strip().casefold()):
        found = [k for k, name in enumerate(names) if same(name) == same(asked)]
        if len(found) > 1:
            listed = ", ".join(str(k + 1) for k in found[:_TOLD])
            raise UsageError(
                f"{where} has several columns {brief(asked, 40)} ({listed}); give the number."
            )
        if found and asked.strip():
            return found[0]
    if asked.strip().isascii() and asked.strip().isdigit() and len(asked) < 9:
        if 1 <= int(asked) <= len(names):
            return int(asked) - 1
        raise UsageError(f"{where} has no column {asked}; it has {len(names)}, counted from 1.")
    named = [name for name in names if name]
    have = f"it has {brief(', '.join(named), 200)}" if named else "its columns have no names"
    raise UsageError(f"{where} has no column '{brief(asked, 40)}'{nearest(asked, named)}; {have}.")


def filled(
    values: Array,
    how: str,
    lines: Sequence[int],
    names: Sequence[str],
    where: str,
    places: Sequence[float] | None = None,
) -> tuple[Array, tuple[str, ...]]:
    """The values (time, features) with their gaps, which are NaN, filled, and what was filled.

    A gap at the beginning has nothing before it that could go forward; `linear` continues the
    first and last numbers beyond themselves, and goes by the `places` of the rows in time where
    they are known.

    Raises:
        UsageError: a column has only gaps, or begins with one that nothing can fill.
    """
    missing, told = np.isnan(values), []
    along = np.arange(len(values), dtype=float) if places is None else np.array(places)
    for k in np.flatnonzero(missing.any(axis=0)).tolist():
        gaps, known = np.flatnonzero(missing[:, k]), np.flatnonzero(~missing[:, k])
        if not len(known) and how != "zero":
            raise UsageError(f"{where}: {names[k]} holds gaps alone; leave the column out.")
        if how == "forward":
            if gaps[0] == 0:
                raise UsageError(
                    f"{where}: row {lines[0]}, {names[k]} is empty, with nothing before it to go "
                    "forward; fill linear, zero or mean, or leave the row out."
                )
            before = np.searchsorted(known, gaps) - 1
            values[gaps, k] = values[known[before], k]
        elif how == "linear":
            values[gaps, k] = np.interp(along[gaps], along[known], values[known, k])
        else:
            values[gaps, k] = 0.0 if how == "zero" else values[known, k].mean()
        rows = ", ".join(str(lines[gap]) for gap in gaps[:_TOLD].tolist())
        more = ", …" if len(gaps) > _TOLD else ""
        told.append(f"{names[k]} in row{'s' * (len(gaps) > 1)} {rows}{more}")
    if not told:
        return values, ()
    count = int(missing.sum())
    steps = np.diff(along)
    uneven = len(steps) > 1 and not np.allclose(steps, steps[0], rtol=1e-6)
    way = f"{how} over time, whose steps are uneven" if how == "linear" and uneven else how
    return values, (
        f"{count} gap{'s are' if count > 1 else ' is'} filled ({way}): {'; '.join(told)}",
    )
