"""The options of `render` that a job of a list may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import click

from lstmviz.cli.errors import AS_IN_PYTHON, OF_PYTHON_ALONE
from lstmviz.cli.films import render
from lstmviz.errors import UsageError

_OF_A_RUN = ("cache", "force", "jobs", "progress")  # say nothing of a film


@dataclass(frozen=True)
class Row:
    """One film of a list: its values by key, which of them its own table says, which vary."""

    where: str
    number: int  # among all films, from 1
    values: Mapping[str, Any]
    own: frozenset[str]
    varying: tuple[str, ...]


@cache
def job_options() -> Mapping[str, click.Option]:
    """Give the options of `render` that a job may say, by their keys: those about a film."""
    from lstmviz.export.formats import FORMATS
    from lstmviz.films.trace_request import TraceRequest
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook

    known = {"subtitles"}
    for kind in (TraceRequest, Telling, FilmLook):
        known.update(field.name for field in fields(kind))
    for each in FORMATS.values():
        known.update(each.options())
    known.difference_update(_OF_A_RUN)
    given = [each for each in render.params if isinstance(each, click.Option)]
    return {key_of(option): option for option in given if option.name in known}


def key_of(option: click.Parameter) -> str:
    """Give the key of an option: `max-size` is that of `--max-size`."""
    return max(option.opts, key=len).lstrip("-")


def may_stand_alone(option: click.Option | None) -> bool:
    """Tell whether an option may be given without a value, as `--loop`; `loop = true` is that."""
    return option is not None and not option.is_flag and option.flag_value == ""


def in_keys(text: str) -> str:
    """Say a sentence in the words of a list of jobs: `pad_side=` of Python is the key `pad-side`.

    So `head='fc'` is `head = "fc"`, and `force=True` is `force = true`.
    """
    keys = {str(option.name): key for key, option in job_options().items()}

    def said(found: re.Match[str]) -> str:
        key, value = keys.get(found[1]), found[2]
        if key is None:
            return OF_PYTHON_ALONE.get(found[1], found[0])
        if value[:1] == "'":
            value = f'"{value[1:-1]}"'
        return f"{key} = {value.lower() if value in ('True', 'False') else value}" if value else key

    return AS_IN_PYTHON.sub(said, text)


def as_given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Have the command line read values by their keys, and give what it makes of each option.

    Raises:
        UsageError: one is not possible.
    """
    known = job_options()
    given = dict(_usual())
    for key, value in values.items():
        if key in known:
            given[str(known[key].name)] = _as_option(key, value)
    return given


@cache
def _usual() -> Mapping[str, Any]:
    """What the options are when nothing is said."""
    params = _read([])
    return {str(option.name): params[str(option.name)] for option in job_options().values()}


@cache
def _as_option(key: str, value: str | bool) -> Any:
    option = job_options()[key]
    if isinstance(value, bool) and may_stand_alone(option):
        return option.flag_value if value else None
    words = [f"--{key}={value}"]
    if option.is_flag:
        words = (option.opts if value else option.secondary_opts)[:1]
    try:
        return _read(words)[str(option.name)]
    except click.UsageError as error:
        raise UsageError(f"{key}: {error.message}") from None


def _read(words: list[str]) -> dict[str, Any]:
    alone = copy(render)  # which else would remember that here it has no -h
    alone.add_help_option = False
    return alone.make_context("render", [*words, "--", "any"]).params
