"""The jobs file: a list of films in TOML, whose keys are the options of `lstmviz render`.

Which keys there are, and what may stand behind them, follows from the options of `render`.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli.job_options import Row, as_given, job_options, may_stand_alone
from lstmviz.cli.meant import meant_option
from lstmviz.errors import LstmvizError, UsageError, brief
from lstmviz.system.suggest import nearest
from lstmviz.system.texts import read_text, said, toml_of

if TYPE_CHECKING:
    from lstmviz.batch import Job

MOST = 100_000  # films in one run
_MOST_FAULTS = 20  # told at once
_LONGEST = 1_000  # letters of a fault, which may have a word of the list in it
_TABLES = ("defaults", "job")
_JOB = re.compile(r"\s*\[\[\s*job\s*\]\]")


def template() -> str:
    """Give a list of jobs, explained, to start from."""
    return (files("lstmviz.cli") / "jobs.toml").read_text(encoding="utf-8")


def read_jobs(path: str | Path, tell: Callable[[str], None] | None = None) -> list[Job]:
    """Read a list of jobs, and everything that it names, from beside it.

    `tell` hears what is assumed of networks, and how closely numbers agree with those to check.

    Raises:
        UsageError: something in it is not possible; every fault is told, with its job and key.
    """
    from lstmviz.cli.job_reader import JobReader

    place = Path(path)
    text = _text(place)
    content = _content(place, text)
    lines = [n for n, line in enumerate(text.split("\n"), 1) if _JOB.match(line)]
    faults: dict[str, None] = {}  # in their order, each once
    jobs: list[Job] = []
    with contextlib.chdir(place.resolve().parent):
        reader = JobReader(place.resolve(), tell)
        for row in _rows(content, lines, faults):
            try:
                jobs.append(reader.job(row, f"{path}, {row.where}"))
            except LstmvizError as error:
                faults[f"{row.where}: {error}"] = None
    if faults:
        raise UsageError(_told(path, [brief(fault, _LONGEST) for fault in faults]))
    if not jobs:
        raise UsageError(f'{path} lists no job; write [[job]] and, below it, story = "tanh".')
    return jobs


def _text(path: Path) -> str:
    if not path.exists():
        raise UsageError(
            f"There is no file {path}; `lstmviz batch --example` prints one to start from."
        )
    return read_text(path, str(path))


def _content(path: Path, text: str) -> dict[str, Any]:
    content = toml_of(text, str(path))
    for name in content:
        if name not in _TABLES:
            raise UsageError(
                f"{path} has a table or key {said(name)}{nearest(name, _TABLES)}; there are "
                "[defaults], once, and [[job]], as often as you like."
            )
    if not isinstance(content.get("defaults", {}), dict):
        raise UsageError(f"In {path}, defaults must be a table: [defaults].")
    tables = content.get("job", [])
    if not (isinstance(tables, list) and all(isinstance(each, dict) for each in tables)):
        raise UsageError(f"In {path}, every job must be a table: [[job]], in double brackets.")
    return content


def _rows(content: dict[str, Any], lines: list[int], faults: dict[str, None]) -> Iterator[Row]:
    """Give every film: a job has one for each combination of the values that are lists."""
    defaults = _checked(content.get("defaults", {}), "[defaults]", faults)
    tables = content.get("job", [])
    number = 0
    for count, table in enumerate(tables, 1):
        line = f" (line {lines[count - 1]})" if len(lines) == len(tables) else ""
        where = f"job {count}{line}"
        own = _checked(table, where, faults)
        values = {**own, **{key: each for key, each in defaults.items() if key not in own}}
        if "story" not in values and "story" not in table:
            faults[f'{where}: it has no story; write, for example, story = "tanh".'] = None
        if "story" not in values or len(own) < len(table):
            continue  # what else there is would only mislead
        lists = {k: v for k, v in values.items() if isinstance(v, list) and k != "output"}
        size = math.prod(map(len, lists.values()))
        if number + size > MOST:
            faults[f"{where}: there are more than {MOST:,} films; split the list."] = None
            return
        varying = tuple(key for key, each in lists.items() if len(each) > 1)
        for chosen in itertools.product(*lists.values()):
            number += 1
            one = {**values, **dict(zip(lists, chosen, strict=True))}
            yield Row(where, number, one, frozenset(own), varying)


def _checked(table: Mapping[str, Any], where: str, faults: dict[str, None]) -> dict[str, Any]:
    """The values of a table that could be those of a job; what is wrong goes to the faults."""
    good = {}
    for name, value in table.items():
        key = name.replace("_", "-")
        try:
            good[key] = _value(key, value)
        except UsageError as error:
            faults[f"{where}: {error}"] = None
    return good


def _value(key: str, value: Any) -> Any:
    known = job_options()
    if key not in known and key not in ("story", "output"):
        names = ["story", *known, "output"]
        meant = meant_option(f"--{key}", {f"--{name}" for name in names}).replace("--", "")
        meant = meant or nearest(key, names) or f"; a job has: {', '.join(names)}"
        raise UsageError(f"there is no key {said(key)}{meant}.")
    option = known.get(key)
    if not isinstance(value, list):
        return _possible(key, _single(key, option, value))
    if not value:
        raise UsageError(f"{key} is an empty list; leave the key out, or give it a value.")
    textual = option is None or option.type is click.STRING
    if textual and not all(isinstance(each, str) for each in value):
        raise UsageError(
            f"{key} is a list, of which every value makes a film of its own; write each as text, "
            f'as in {key} = ["1,2", "3,4"].'
        )
    return [_possible(key, _single(key, option, each)) for each in value]


def _possible(key: str, value: Any) -> Any:
    as_given({key: value})
    return value


def _single(key: str, option: click.Option | None, value: Any) -> Any:
    """Give a value as the command line would have it: text, or true or false for a flag."""
    if option is not None and option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{key} is {_kind(value)}; write true or false.")
        return value
    choices = getattr(option and option.type, "choices", ())
    if isinstance(value, bool) and {"on", "off"} <= set(choices):
        return "on" if value else "off"
    if isinstance(value, bool) and may_stand_alone(option):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and option is not None:
        return str(value)
    raise UsageError(f'{key} is {_kind(value)}; write it as text, as in {key} = "…".')


def _kind(value: Any) -> str:
    names = {
        bool: str(value).lower(),
        str: "text",
        int: "a number",
        float: "a number",
        dict: "a table",
        list: "a list",
    }
    return names.get(type(value), "a date or time")


def _told(path: str | Path, faults: list[str]) -> str:
    if len(faults) == 1:
        return f"{path}, {faults[0]}"
    shown = [f"  {fault}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        shown.append(f"  … and {len(faults) - _MOST_FAULTS} more.")
    return "\n".join([f"{path} has {len(faults)} faults; nothing was rendered.", *shown])
