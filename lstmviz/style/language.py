"""The words on screen in a language: one TOML file each, also the user's own by its path."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.system.patterns import Field, filled, parsed
from lstmviz.system.texts import read_text, short, toml_of

_RATES = 1, 1000  # letters a second that anybody could read


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
        return filled(self.terms.get(pattern, pattern), values)

    def caption(self, story: str, step: str, english: str) -> str:
        """Give the caption of a step, in English where the file has none."""
        return self.captions.get(story, {}).get(step, english)


def languages() -> tuple[str, ...]:
    """Name the languages that come with the package."""
    names = (entry.name for entry in (files("lstmviz.style") / "languages").iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml")))


def language(name: str) -> Language:
    """Load a language by its code (`en`, `zh`) or from the path of a TOML file.

    Raises `UsageError` for an unknown code, and for a file that is not such a language.
    """
    if name in languages():
        text = (files("lstmviz.style") / "languages" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse(name, name, text)
    path = Path(name)
    if path.suffix != ".toml":
        known = ", ".join(languages())
        raise UsageError(
            f"There is no language {name!r}; choose one of {known}, or give a TOML file."
        )
    return _parse(path.stem, name, read_text(path, f"The language file {name}"))


def _parse(code: str, where: str, text: str) -> Language:
    content: dict[str, Any] = toml_of(text, f"The language file {where}")
    terms = content.pop("terms", {})
    rate = content.pop("letters_per_second", 15)
    tables = {"terms": terms, **content}
    for table, entries in tables.items():
        if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
            raise UsageError(
                f"In the language file {where}, [{short(table)}] must hold lines like "
                'name = "text".'
            )
        for name, entry in entries.items():
            try:
                _check(name if table == "terms" else None, entry)
            except UsageError as error:
                raise UsageError(
                    f"In the language file {where}, {short(name)} of [{short(table)}]: {error}"
                ) from None
    least, most = _RATES
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not least <= rate <= most:
        raise UsageError(
            f"In the language file {where}, letters_per_second must be a number from {least} to "
            f"{most}."
        )
    return Language(code, terms, content, float(rate))


def _check(term: str | None, entry: str) -> None:
    """Refuse a sentence that cannot be filled; of a caption only its story knows every field."""
    names = _names(entry)
    known = set() if term is None else _names(term) | _names(_english().get(term, ""))
    if term is not None and (known or term in _english()) and not names <= known:
        fields = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
        raise UsageError(f"it has {{{min(names - known)}}}, but its fields are: {fields}.")


def _names(pattern: str) -> set[str]:
    return {piece.name for piece in parsed(pattern) if isinstance(piece, Field)}


@cache
def _english() -> Mapping[str, str]:
    """The terms that come with the package."""
    text = (files("lstmviz.style") / "languages" / "en.toml").read_text(encoding="utf-8")
    terms: dict[str, str] = tomllib.loads(text)["terms"]
    return terms
