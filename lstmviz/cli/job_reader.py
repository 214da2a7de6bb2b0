"""The reader of jobs: one for each row of a list, checked; what many of them name is read once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.batch.job import Job, Output
from lstmviz.cli import options
from lstmviz.cli.films import telling_of, with_subtitles
from lstmviz.cli.job_options import as_given, in_keys, job_options
from lstmviz.errors import UsageError
from lstmviz.export.formats import format_of
from lstmviz.films.render import (
    refuse_still_loops,
    refuse_untaken,
    taken,
    tell_of_other,
    trace_for,
)
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.telling import Telling
from lstmviz.style.language import language
from lstmviz.style.look import FilmLook
from lstmviz.style.themes import theme_named
from lstmviz.system.atomic_files import named_files
from lstmviz.system.patterns import parsed
from lstmviz.system.texts import said, writable

if TYPE_CHECKING:
    from lstmviz.cli.job_options import Row
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Trace

_LONGEST = 60  # letters of a value in the name of a file
_OF_THE_FILM = {each.name for kind in (TraceRequest, Telling, FilmLook) for each in fields(kind)}


class JobReader:
    """Reads rows; paths in them are seen from the current folder."""

    def __init__(self, listed: Path, tell: Callable[[str], None] | None = None) -> None:
        self._listed = listed  # the file of the list
        self._tell = None if tell is None else lambda text: tell(in_keys(text))
        self._known: dict[tuple[str, str], Any] = {}  # what was read already, and of what
        self._traces: dict[tuple[Any, ...], Trace] = {}
        self._writers: dict[str, Row] = {}
        self._named: set[str] = set()

    def job(self, row: Row, where: str) -> Job:
        """Give the job of a row; `where` names it when it fails.

        Raises:
            UsageError: something that it says is not possible.
        """
        try:
            return self._job(row, where)
        except UsageError as error:
            raise UsageError(in_keys(str(error))) from error

    def _job(self, row: Row, where: str) -> Job:
        given = as_given(row.values)
        told = row.values["story"]
        story: type[Story] = self._once("story", told, find_story)
        read = {"theme": theme_named, "lang": language}
        read_once = {name: self._once(name, given[name], how) for name, how in read.items()}
        look = FilmLook(**{**options.fields_of(FilmLook, given), **read_once})
        telling = self._telling(given)
        request = options.fields_of(TraceRequest, given)
        trace = self._trace(story, request, look.theme.fonts)
        if self._tell is not None:
            tell_of_other(trace, telling, self._tell)
        telling = telling.of(trace, look)
        asked = {
            name: value
            for name, value in given.items()
            if name not in {"subtitles", *_OF_THE_FILM} and value is not None
        }
        paths = self._paths(row, story, given)
        own = {name for name in asked if _key(name) in row.own}
        refuse_untaken(paths, own)
        if telling.loop is not None:
            refuse_still_loops(paths)
        outputs = tuple(Output(path.as_posix(), taken(path, asked)) for path in paths)
        named = named_files([value for key, value in row.values.items() if key != "output"])
        reads = map(os.path.realpath, [self._listed, *named, *look.theme.files])
        return Job(where, told, story, trace, outputs, telling, look, tuple(map(Path, reads)))

    def _once(self, what: str, name: str, read: Any) -> Any:
        if (what, name) not in self._known:
            self._known[what, name] = read(name)
        return self._known[what, name]

    def _telling(self, given: dict[str, Any]) -> Telling:
        if given.get("compare") == "-":
            raise UsageError('compare = "-" would be standard input; write the sentence itself.')
        return telling_of(given, self._tell)

    def _trace(self, story: type[Story], given: dict[str, Any], fonts: Mapping[str, str]) -> Trace:
        if given.get("input") == "-":
            raise UsageError('input = "-" would be standard input; write the sentence itself.')
        key = (story, *sorted((name, repr(value)) for name, value in given.items()))
        if key not in self._traces:
            request = options.request_of(given)
            self._traces[key] = trace_for(story, request, self._tell, fonts)
        return self._traces[key]

    def _paths(self, row: Row, story: type[Story], given: Mapping[str, Any]) -> list[Path]:
        """The files of a row, of names that no other row has."""
        patterns = row.values.get("output")
        if patterns is None:
            varying = "".join(f"-{{{key}}}" for key in row.varying if key != "story")
            patterns = f"{{story}}{varying}{'.mp4' if given['loop'] is None else '-loop.gif'}"
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
