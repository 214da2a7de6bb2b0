"""The texts that viewers and readers see, by language: one TOML file each, also the user's own.

Every file has the keys of `languages/en.toml`. That one is the list of what there is to
translate; in English the stories are told as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.style.bidi import beside, keeping, pattern_runs_left
from lstmviz.style.plurals import PluralRule, plural_rule
from lstmviz.system.clusters import is_wide
from lstmviz.system.patterns import Field, filled, parsed
from lstmviz.system.suggest import named, nearest
from lstmviz.system.texts import read_text, short, toml_of

SOURCE = "en"  # the language that the stories are written in
UNKNOWN = "und"  # of a language that nobody named, in ISO 639
SOFT_HYPHEN = "\u00ad"
Tables = Mapping[str, Mapping[str, str]]

_RATES = 1, 1000  # letters a second that anybody could read
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # of a language, as web pages name it
_TERM = 6  # characters of a term that is one word
_FEW = 4  # missing texts that are named, where all of them are counted


@dataclass(frozen=True)
class Language:
    """The texts of one language: terms, titles and captions of stories, the words of files.

    `words` are those that stay whole where a script has no spaces. `missing` names the texts that
    its file lacks; these are English.
    """

    code: str
    terms: Mapping[str, str]
    captions: Tables
    letters_per_second: float
    titles: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    article: Mapping[str, str] = field(default_factory=dict)
    plural: str = SOURCE
    words: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()

    @cached_property
    def unbroken(self) -> frozenset[str]:
        """The words within which no line ends, where a script has no spaces: also its terms."""
        short = (term for term in self.terms.values() if 1 < len(term) <= _TERM)
        return self.words | {term for term in short if all(map(is_wide, term))}

    @property
    def form(self) -> Callable[[int], int]:
        """Which form of a word stands with a number."""
        return _rule(self.plural).form

    def word(self, term: str) -> str:
        """Give a term (`forget`, `cell state`); one that nobody knows stands as it is."""
        return self.label(term).replace(SOFT_HYPHEN, "")

    def label(self, term: str) -> str:
        """Give a term with the soft hyphens at which a narrow box may break it."""
        return self.terms.get(term, term)

    def say(self, pattern: str, **values: object) -> str:
        """Fill the term with this name, or else the pattern itself."""
        said = self.word(pattern)
        left = pattern_runs_left(said)
        told = {k: beside(v, left=left) if isinstance(v, str) else v for k, v in values.items()}
        return keeping(filled(said, told, self.form), left=left)

    def caption(self, story: str, step: str, english: str) -> str:
        """Give the caption of a step, in English where the file has none."""
        return self.captions.get(story, {}).get(step, english)

    def told(self, story: str, step: str, english: str, unit: str) -> str:
        """Give the caption of a step for an input of words, characters, tokens or steps.

        Where it reads badly with another word in the place of `word`, the file has one of its own
        for it, as `join@step`.
        """
        own = self.captions.get(story, {}).get(f"{step}@{unit}")
        return own or self.told_of(self.caption(story, step, english), unit)

    def told_of(self, pattern: str, unit: str) -> str:
        """Say of each `character`, `token` or `step` what a caption says of each word."""
        if unit == "word":
            return pattern
        word, other = self.word("word"), self.word(unit)

        def instead(found: re.Match[str]) -> str:
            return other.capitalize() if found[0][0].isupper() else other

        # Not in {word}, which is a field, nor in keyword.
        return re.sub(rf"(?<![A-Za-z{{]){re.escape(word)}", instead, pattern, flags=re.IGNORECASE)

    def title(self, story: str, english: str) -> str:
        """Give the line that says what a story shows, in English where the file has none."""
        return self.titles.get(story, english)

    def heading(self, story: str, english: str) -> str:
        """Give the same as the article has it."""
        return self.article.get(story, self.title(story, english))


def languages() -> tuple[str, ...]:
    """Name the languages that come with the package."""
    names = (entry.name for entry in (files("lstmviz.style") / "languages").iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml")))


def language(name: str) -> Language:
    """Load a language by its code (`en`, `zh`) or from the path of a TOML file.

    Raises `UsageError` for an unknown code, and for a file that is not such a language.
    """
    if (code := named(name, languages())) is not None:
        return _parse(code, code, _shipped(code))
    path = Path(name)
    if path.suffix != ".toml":
        known = languages()
        raise UsageError(
            f"There is no language {name!r}{nearest(name, known)}; choose one of "
            f"{', '.join(known)}, or give a TOML file."
        )
    return _parse(path.stem, name, read_text(path, f"The language file {name}"))


def words_of_files(code: str) -> Mapping[str, str]:
    """Give the words of decks and notes by the code of a language; English for an unknown one."""
    known = code.partition("-")[0]
    if known in languages():
        return language(known).files
    return {**texts()["files"], "code": UNKNOWN}


@cache
def texts() -> Tables:
    """Give every text that a language has, in English, by table and key."""
    content = toml_of(_shipped(SOURCE), f"The language file {SOURCE}")
    tables = {name: dict(table) for name, table in content.items() if isinstance(table, dict)}
    # A heading of the article that is not the story's title is a matter of each language.
    tables["article"] = {k: v for k, v in tables["article"].items() if k not in tables["titles"]}
    return tables


def missing_note(name: str, words: Language) -> str:
    """Say in a sentence which texts the language file `name` lacks; nothing if it has them all."""
    if not words.missing:
        return ""
    total = sum(map(len, texts().values()))
    some = ", ".join(words.missing[:_FEW]) + (", …" if len(words.missing) > _FEW else "")
    stay = (
        "text is missing in {} and stays"
        if len(words.missing) == 1
        else ("texts are missing in {} and stay")
    )
    return (
        f"{len(words.missing)} of {total} {stay.format(name)} English: {some}; "
        f"see lstmviz check --lang {name}"
    )


def said(words: Language) -> Iterator[str]:
    """Give all texts of a language."""
    for table in (words.terms, words.files, words.article, words.titles, *words.captions.values()):
        yield from table.values()


def _rule(code: str) -> PluralRule:
    rule = plural_rule(code)
    assert rule is not None  # as every language file is asked for one that is known
    return rule


def _shipped(code: str) -> str:
    return (files("lstmviz.style") / "languages" / f"{code}.toml").read_text(encoding="utf-8")


def _parse(code: str, where: str, text: str) -> Language:
    content: dict[str, Any] = toml_of(text, f"The language file {where}")
    base = content.pop("base", SOURCE)
    if not isinstance(base, str) or base not in languages():
        raise UsageError(
            f"In the language file {where}, base must be one of: {', '.join(languages())}."
        )
    if base != SOURCE:
        under = language(base)
        code = under.code
    else:
        under = _english()
    told = content.pop("code", code if _TAG.fullmatch(code) else UNKNOWN)
    rate = content.pop("letters_per_second", under.letters_per_second)
    least, most = _RATES
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not least <= rate <= most:
        raise UsageError(
            f"In the language file {where}, letters_per_second must be a number from {least} to "
            f"{most}."
        )
    if not isinstance(told, str) or not _TAG.fullmatch(told):
        raise UsageError(f"In the language file {where}, code must be one such as es or pt-BR.")
    rule = content.pop("plural", told if plural_rule(told) else under.plural)
    if not isinstance(rule, str) or plural_rule(rule) is None:
        raise UsageError(
            f"In the language file {where}, plural must be the code of a language whose plural "
            "forms are known, such as pl or pt-PT."
        )
    whole = content.pop("words", " ".join(under.words))
    if not isinstance(whole, str):
        raise UsageError(f"In the language file {where}, words must be a text of words and spaces.")
    _check_tables(content, where, len(_rule(rule).forms))
    # An empty text is one that is still to be written.
    own = {name: {k: v for k, v in table.items() if v} for name, table in content.items()}
    if where == SOURCE:
        # In English a story says what it says itself, also a changed copy of one of ours.
        own = {name: own[name] for name in ("terms", "files", "article")}
    missing = () if where == SOURCE or base != SOURCE else tuple(_missing(own))

    def table(name: str, below: Mapping[str, str]) -> dict[str, str]:
        return {**below, **own.pop(name, {})}

    return Language(
        code=told,
        letters_per_second=float(rate),
        terms=table("terms", under.terms),
        files=table("files", under.files),
        article=table("article", under.article),
        titles=table("titles", under.titles),
        captions={
            story: {**under.captions.get(story, {}), **own.get(story, {})}
            for story in {**under.captions, **own}
        },
        plural=rule,
        words=frozenset(whole.split()),
        missing=missing,
    )


def _english() -> Language:
    """The texts that stand where a language has none; stories have their own."""
    english = texts()
    return Language(
        code=SOURCE,
        terms=english["terms"],
        captions={},
        letters_per_second=15,
        files={**english["files"], "code": UNKNOWN},
        article=english["article"],
    )


def _check_tables(content: Mapping[str, Any], where: str, forms: int) -> None:
    for table, entries in content.items():
        if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
            raise UsageError(
                f"In the language file {where}, [{short(table)}] must hold lines like "
                'name = "text".'
            )
        for name, entry in entries.items():
            try:
                _check(table, name, entry, forms)
            except UsageError as error:
                raise UsageError(
                    f"In the language file {where}, {short(name)} of [{short(table)}]: {error}"
                ) from None


def _missing(own: Tables) -> Iterator[str]:
    for table, entries in texts().items():
        for name in entries:
            if name not in own.get(table, {}):
                yield name if table == "terms" else f"{table}.{name}"


def _check(table: str, name: str, entry: str, forms: int) -> None:
    """Refuse a text that cannot be filled; of a caption only its story knows every field."""
    for piece in parsed(entry):
        if isinstance(piece, Field) and piece.choices and len(piece.choices) != forms:
            raise UsageError(
                f"{piece} has {len(piece.choices)} forms, but the plural of this language has "
                f"{forms}."
            )
    english = texts().get(table, {})
    if table not in ("terms", "files"):
        return
    names = _names(entry)
    known = _names(name) | _names(english.get(name, ""))
    if (known or name in english) and not names <= known:
        fields = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
        raise UsageError(f"it has {{{min(names - known)}}}, but its fields are: {fields}.")


def _names(pattern: str) -> set[str]:
    return {piece.name for piece in parsed(pattern) if isinstance(piece, Field)}
