"""Makes jobs of the rows of a list: reads once what many of them name, and checks all of it."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.batch.job import Job, Output
from lstmviz.cli import options
from lstmviz.cli.films import with_subtitles
from lstmviz.cli.job_options import as_given, job_options
from lstmviz.errors import UsageError
from lstmviz.export.formats import format_of
from lstmviz.films.render import record, refuse_untaken, taken, trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language
from lstmviz.style.picture import picture_format, refuse_units
from lstmviz.style.themes import theme_named
from lstmviz.system.atomic_files import named_files
from lstmviz.system.patterns import parsed
from lstmviz.system.texts import said, writable

if TYPE_CHECKING:
    from lstmviz.cli.job_options import Row
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Trace

_LONGEST = 60  # letters of a value in the name of a file
_SOURCE = frozenset(field.name for field in fields(TraceRequest))
_DRAWN = frozenset(inspect.signature(record).parameters)


class JobReader:
    """Reads rows; paths in them are seen from the current folder."""

    def __init__(self, listed: Path, tell: Callable[[str], None] | None = None) -> None:
        self._listed = listed  # the file of the list
        self._tell = tell
        self._known: dict[tuple[str, str], Any] = {}  # what was read already, and of what
        self._traces: dict[tuple[Any, ...], Trace] = {}
        self._writers: dict[str, Row] = {}
        self._named: set[str] = set()

    def job(self, row: Row, where: str) -> Job:
        """Give the job of a row; `where` names it when it fails.

        Raises:
            UsageError: something that it says is not possible.
        """
        given = as_given(row.values)
        told = row.values["story"]
        story: type[Story] = self._once("story", told, find_story)
        trace = self._trace(story, {name: given[name] for name in given if name in _SOURCE})
        drawn = {name: given[name] for name in given if name in _DRAWN}
        drawn["at"] = options.tick_of(trace, given["at"])
        drawn["theme"] = self._once("theme", given["theme"], theme_named)
        drawn["lang"] = self._once("lang", given["lang"], language)
        picture_format(drawn["quality"], drawn["fps"])
        refuse_units(drawn["units"], trace.network.hidden)
        asked = {
            name: value
            for name, value in given.items()
            if name not in _SOURCE | _DRAWN | {"subtitles"} and value is not None
        }
        paths = self._paths(row, story, given)
        own = {name for name in asked if _key(name) in row.own}
        refuse_untaken(paths, own)
        outputs = tuple(Output(path.as_posix(), taken(path, asked)) for path in paths)
        read = named_files([value for key, value in row.values.items() if key != "output"])
        reads = map(os.path.realpath, [self._listed, *read, *drawn["theme"].files])
        return Job(where, told, story, trace, outputs, drawn, tuple(map(Path, reads)))

    def _once(self, what: str, name: str, read: Any) -> Any:
        if (what, name) not in self._known:
            self._known[what, name] = read(name)
        return self._known[what, name]

    def _trace(self, story: type[Story], given: dict[str, Any]) -> Trace:
        if given.get("input") == "-":
            raise UsageError('input = "-" would be standard input; write the sentence itself.')
        key = (story, *sorted((name, repr(value)) for name, value in given.items()))
        if key not in self._traces:
            source, _ = options.source_of(given)
            self._traces[key] = trace_for(story, source, self._tell)
        return self._traces[key]

    def _paths(self, row: Row, story: type[Story], given: Mapping[str, Any]) -> list[Path]:
        """The files of a row, of names that no other row has."""
        patterns = row.values.get("output")
        if patterns is None:
            varying = "".join(f"-{{{key}}}" for key in row.varying if key != "story")
            patterns = f"{{story}}{varying}.mp4"
        if isinstance(patterns, str):
            patterns = [patterns]
        said = {key: given.get(str(option.name)) for key, option in job_options().items()}
        said |= {**row.values, "story": story.story_name()}
        del said["subtitles"]
        said.pop("output", None)
        values: dict[str, Any] = {"number": row.number}
        values |= {key: _in_a_name(value) for key, value in said.items() if value is not None}
        paths = [Path(_filled(pattern, values)) for pattern in patterns]
        for path in paths:
            format_of(path)
        paths = with_subtitles(paths, given["subtitles"])
        for path in paths:
            self._refuse_twice(row, path, patterns)
        return paths

    def _refuse_twice(self, row: Row, path: Path, patterns: list[str]) -> None:
        name = path.as_posix().casefold()  # as disks of macOS and Windows see names
        other = self._writers.setdefault(name, row)
        if other is row and name not in self._named:
            self._named.add(name)
            return
        if other is row:
            raise UsageError(f"output names {path} twice; give each file a name of its own.")
        if other.where == row.where:
            fields = [key for key in row.varying if not any(f"{{{key}" in p for p in patterns)]
            raise UsageError(
                f"output names {path} for several of its films; tell them apart, for example by "
                f"{{{(*fields, 'number')[0]}}}."
            )
        raise UsageError(
            f"output names {path}, as {other.where} does; tell them apart, "
            "for example by {number}."
        )


def _key(name: str) -> str:
    return next(key for key, option in job_options().items() if option.name == name)


def _in_a_name(value: Any) -> str:
    """Give a value as a part of a file's name: a file by its stem, a text by its letters."""
    text = str(value)
    if os.path.isfile(text):  # False for what can be no name, too
        text = Path(text).stem
    return re.sub(r"[^\w.]+", "-", text)[:_LONGEST].strip("-.") or "-"


def _filled(pattern: str, values: Mapping[str, Any]) -> str:
    """Put values into the name of a file, where it has {fields}."""
    try:
        pieces = parsed(pattern)
    except UsageError as error:
        raise UsageError(f"output = {error}") from None
    if writable(pattern) != pattern:
        raise UsageError(f"output = {said(pattern)} has a character that no file's name can have.")
    filled = ""
    for piece in pieces:
        if isinstance(piece, str):
            filled += piece
            continue
        key = piece.name.replace("_", "-")
        if key not in values or piece.key is not None or piece.choices:
            raise UsageError(
                f"output has {piece}, which this job does not say; it can have: "
                f"{', '.join(f'{{{name}}}' for name in values)}."
            )
        filled += piece.written(values[key])
    return filled
