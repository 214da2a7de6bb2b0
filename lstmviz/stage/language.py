"""The words on screen in a language: one TOML file each, also the user's own by its path."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError


@dataclass(frozen=True)
class Language:
    """Terms, and the captions of the stories, of one language."""

    code: str
    terms: Mapping[str, str]
    captions: Mapping[str, Mapping[str, str]]
    letters_per_second: float

    def word(self, term: str) -> str:
        """Give a term (`forget`, `cell state`); one that the file lacks stands as it is."""
        return self.terms.get(term, term)

    def say(self, pattern: str, **values: object) -> str:
        """Fill the term with this name, or else the pattern itself."""
        return string.Formatter().vformat(self.terms.get(pattern, pattern), (), values)

    def caption(self, story: str, step: str, english: str) -> str:
        """Give the caption of a step, in English where the file has none."""
        return self.captions.get(story, {}).get(step, english)


def languages() -> tuple[str, ...]:
    """Name the languages that come with the package."""
    names = (entry.name for entry in (files("lstmviz") / "languages").iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml")))


def language(name: str) -> Language:
    """Load a language by its code (`en`, `zh`) or from the path of a TOML file.

    Raises `UsageError` for an unknown code, and for a file that is not such a language.
    """
    if name in languages():
        text = (files("lstmviz") / "languages" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse(name, name, text)
    path = Path(name)
    if path.suffix != ".toml":
        known = ", ".join(languages())
        raise UsageError(
            f"There is no language {name!r}; choose one of {known}, or give a TOML file."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The language file {name} cannot be read: {error}.") from None
    return _parse(path.stem, name, text)


def _parse(code: str, where: str, text: str) -> Language:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The language file {where} is not valid TOML: {error}.") from None
    terms = content.pop("terms", {})
    rate = content.pop("letters_per_second", 15)
    tables = {"terms": terms, **content}
    for table, entries in tables.items():
        if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
            raise UsageError(
                f'In the language file {where}, [{table}] must hold lines like name = "text".'
            )
    if not isinstance(rate, int | float) or not rate > 0:
        raise UsageError(
            f"In the language file {where}, letters_per_second must be a number above 0."
        )
    return Language(code, terms, content, float(rate))
