"""The encoding of a text: shown by its first bytes, or judged by what each makes of its letters.

`charset-normalizer` was weighed: of the few letters that stand above the columns of a table it
reads Chinese as Korean, and "°C" as Chinese.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from lstmviz.errors import UsageError, brief

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = {
    b"PK\3\4": "a workbook or an archive; end its name in .xlsx, or unpack it",
    b"\x1f\x8b": "compressed (gzip); unpack it",
    b"\xd0\xcf\x11\xe0": "an old file of Office; save its sheet as .xlsx or .csv",
    b"%PDF": "a PDF; copy its numbers into a .csv file",
    b"PAR1": "of Parquet; end its name in .parquet",
    b"\x93NUMPY": "an array of NumPy; end its name in .npy",
}
_USUAL = "cp1252"
# Each with what it is called; of several that fit equally well the first.
_OTHERS = {
    _USUAL: "Windows-1252",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "code page 866 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "mac_roman": "Mac Roman",
    "cp850": "code page 850",
}
_LATIN = (_USUAL, "mac_roman", "cp850")
# The rows of characters that their makers put first, as they are common: by their first byte.
_COMMON_ROWS = {
    "gb2312": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "cp932": range(0x88, 0x99),
    "euc_jp": range(0xB0, 0xD0),
}
_HANGUL = frozenset(  # the most frequent of 2350 syllables that stand side by side in EUC-KR
    "가각간값강개거건격결경계고공과관교구국군균그금급기길나날남내년농높다단당대더데도동두드등디라락"
    "량레력로록료류률르름리마만명모목무물미민밀및발방배번별보복부분북비사산상색생서선설성세센소속"
    "수순스습승시식신실심아안압액야양어업에여역연열영예오온와외요용우운원월위유율은을음의이인일임입"
    "자작장재저적전점정제조종주중증지직진질차채처천체초총최추출측층치코크타태터토통트파판평폭표풍"
    "프하학한할함합항해행향현형호화환활황회횟효후흐"
)
_SYMBOLS = frozenset("°µ²³¹·±×÷–—‘’“”«»€£§©®™…½¼¾¢¥º√∆Ω≤≥\u00a0㎡℃№")
_FEWER = frozenset("°№µ±\u00a0–—«»’·")
_RAISED = str.maketrans("²³¹µ", "231°")  # which count as letters
_BROKEN = re.compile(r"[^\W\d_][¡-¯´-¹»-¿†‡•‰‹›¬√∆≤≥¨˜ˆ]+[^\W\d_]")  # Gr§e
_ALONE = frozenset("àáèéêíóöåýÀÁÈÉÊÍÓÖÅÝØø")  # letters that are words
_WIDE = re.compile("[\u3000-\u303f\uff01-\uff65℃°±×Ωμ㎡㎥‰％]")
_KANA = re.compile("[\u3041-\u30ff]")
_WITHIN = re.compile(r"[A-Za-z][^\x00-\x7f]{1,2}[a-z]")  # as in année, and in no Chinese
_AFTER = re.compile(r"(?<=[a-z]{2})[^\x00-\x7f](?![^\x00-\x7f])")  # as in naïveté
_LETTERS = re.compile(r"[^\W\d_]+")
_AT_ONCE = 2**16  # bytes
_LOOKED_AT = 2**12  # bytes of lines with other letters
_OTHER = re.compile(rb"[^\x00-\x7f]")
_TO_A_CUT = re.compile(rb".*[,;\t \r\n]", re.DOTALL)
_KOREAN, _SURE = "cp949", 0.75  # Chinese has few of the frequent syllables
_ENOUGH = 0.6  # of the letters, that are as an encoding has them


@dataclass(frozen=True)
class Encoding:
    """How Python calls an encoding, and what a reader is told of it, if anything."""

    name: str
    note: str = ""


def encoding_of(path: Path, told: str | None = None) -> Encoding:
    """The encoding of a file of text: the one that is `told`, or that it shows.

    Without a mark in front it is UTF-8 if all of it can be, or else the one whose letters look
    most like words.

    Raises:
        OSError: it cannot be read.
        UsageError: it is no text, there is no such encoding, or most of it is in UTF-8, but not
            all.
    """
    with path.open("rb") as file:
        start = file.read(256)
    for mark, what in _NO_TEXT.items():
        if start.startswith(mark):
            raise UsageError(f"{path} is no text, whatever its ending says, but {what}.")
    if told is not None:
        return Encoding(_known(told))
    for mark, name in _BOMS:
        if start.startswith(mark):
            return Encoding(name)
    if len(start) > 3:  # every other byte of plain text in UTF-16 is 0
        for name, high in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
            if start.count(0) == high.count(0) > 0.4 * len(high):
                return Encoding(name)
    lines = _lines_not_in_utf8(path)
    if not lines:
        return Encoding("utf-8-sig")
    name = judged(b"\n".join(lines))
    called = _OTHERS[name]
    return Encoding(
        name,
        f"the text is not in UTF-8 and is read as {called}; if letters look wrong, name its "
        "encoding in encoding=, or save it as UTF-8",
    )


def notes_of(encoding: Encoding) -> tuple[str, ...]:
    """What is to be told of an encoding, as the notes of a series."""
    return (encoding.note,) if encoding.note else ()


def not_decoded(where: object, name: str) -> str:
    """What is to be said where a text is not in an encoding."""
    called = _OTHERS.get(name, name.removesuffix("-sig").upper())
    return (
        f"{where} is not a text in {called}; save it as UTF-8, or name its encoding in encoding=."
    )


def decoded(content: bytes, where: str, told: str) -> str:
    """The text of some bytes in an encoding.

    Raises:
        UsageError: there is no such encoding, or they are in another one.
    """
    name = _known(told)
    try:
        return content.decode(name)
    except UnicodeError:
        raise UsageError(not_decoded(where, name)) from None


def judged(content: bytes) -> str:
    """The encoding in which some lines, which are not in UTF-8, look most like words."""
    shares = {name: _share(content, name) for name in _OTHERS}
    if shares[_USUAL] >= 1:
        return _USUAL
    if shares[_KOREAN] >= _SURE:
        return _KOREAN
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _ENOUGH else _USUAL


def _known(told: str) -> str:
    """An encoding of text as Python calls it."""
    try:
        found = codecs.lookup(told.strip())
    except (LookupError, ValueError):
        found = None
    # Python's own list says so of base64 and the like, which are no text.
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise UsageError(
            f"encoding= is {brief(repr(told), 40)}, which is none that is known; give one such as "
            "utf-8, gbk, shift_jis, big5, cp1251 or latin-1."
        )
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _lines_not_in_utf8(path: Path) -> list[bytes]:
    """Some of the lines that have other letters than ASCII, if the text is not in UTF-8."""
    if _is_utf8(path):
        return []
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for line in iter(partial(file.readline, _AT_ONCE), b""):
            if first := _OTHER.search(line):
                # Cut where no letter of several bytes can be cut.
                before = _TO_A_CUT.match(line[: first.start()])
                part = line[before.end() if before else 0 :][:_LOOKED_AT]
                cut = _TO_A_CUT.match(part)
                found.append(cut[0] if cut and _OTHER.search(cut[0]) else part)
                size += len(found[-1])
                if size > _LOOKED_AT:
                    break
    content = b"\n".join(found)
    _refuse_broken_utf8(path, content)
    return found


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while part := file.read(_AT_ONCE):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_broken_utf8(path: Path, content: bytes) -> None:
    """Refuse what is in UTF-8 but for a few bytes, rather than to take all of it for another."""
    text = content.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong
    whole = any(line and "\ufffd" not in line for line in text.splitlines())
    if right > (1 if whole else 2) * wrong:
        raise UsageError(
            f"{path} is in UTF-8, but some bytes of it are not; save it as UTF-8 again, or name "
            "its encoding in encoding=."
        )


def _share(content: bytes, name: str) -> float:
    """How many of the letters beyond ASCII are as words of that encoding have them, up to 1."""
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        return 0.0
    if name in ("gb18030", "big5", "cp932", "euc_jp", "cp949"):
        return _share_of_signs(text, name)
    return _share_of_words(text, name)


def _share_of_signs(text: str, name: str) -> float:
    text = _AFTER.sub("\0", text)
    if _WITHIN.search(text) or not re.sub(r"[\x00-\x7f]", "", _WIDE.sub("", text)):
        return 0.0
    others = [one for one in text if not one.isascii()]
    if name == _KOREAN:
        known = sum(one in _HANGUL for one in others)
        return (known + sum(bool(_WIDE.match(one)) for one in others) * bool(known)) / len(others)
    rows = "gb2312" if name == "gb18030" else name
    good = 0.0
    for one in others:
        if _WIDE.match(one):
            good += 1
        elif _KANA.match(one):
            good += name in ("cp932", "euc_jp")
        elif "\uff66" <= one <= "\uff9f":  # narrow kana, as every other byte can be
            good += 0.8 * (name == "cp932")
        else:
            good += _first_byte(one, rows) in _COMMON_ROWS[rows]
    return good / len(others)


def _first_byte(sign: str, name: str) -> int:
    try:
        coded = sign.encode(name)
    except UnicodeEncodeError:
        return 0
    return coded[0] if len(coded) == 2 else 0


def _share_of_words(text: str, name: str) -> float:
    text = text.translate(_RAISED)
    total, good = sum(not one.isascii() for one in text), 0.0
    for found in _LETTERS.finditer(text):
        word = found[0]
        if not word.isascii():
            own = sum(not one.isascii() for one in word)
            good += own * _plausible(word, name)
    if name in _LATIN and _BROKEN.search(text):
        return 0.0
    outside = _LETTERS.sub(" ", text)
    good += sum(one in (_SYMBOLS if name in _LATIN else _FEWER) for one in outside)
    good += 0.5 * sum(one in "¿¡" for one in outside)
    return good / total if total else 1.0


def _plausible(word: str, name: str) -> float:
    """Whether a word is written as people write words, to 1: in one script, of one case."""
    scripts = {unicodedata.name(one, "?").split()[0] for one in word}
    if name in _LATIN:
        capital = any(b.isupper() and not b.isascii() and a.islower() for a, b in pairwise(word))
        if scripts - {"LATIN", "MASCULINE", "FEMININE"} or capital:
            return 0.0
        if all(not one.isascii() for one in word):
            return float(word in _ALONE or word == "º")
        return 0.0 if re.search(r"[^\x00-\x7f]{3}", word) else 1.0
    wanted = "GREEK" if name == "cp1253" else "CYRILLIC"
    if scripts != {wanted} or not _one_case(word):
        return 0.0
    if wanted == "GREEK":
        accents = sum(one in "άέήίόύώΐΰΆΈΉΊΌΎΏ" for one in word)
        return 1.0 if accents == 1 or (word.isupper() and not accents) else 0.4
    if word[0] in "ъьыЪЬЫ":
        return 0.0
    return 0.7 if len(word) > 1 and word.isupper() else 1.0


def _one_case(word: str) -> bool:
    return word.islower() or word.isupper() or (word[:1].isupper() and word[1:].islower())
