"""Real files, damaged: bytes of any file, words of texts, and what archives have inside."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

import numpy as np

_EXTREMES = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**63,
    2**64 - 1,
]
_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\w+|[\[\]{}=:,]')
_OTHER = [
    "-1",
    "0",
    "2147483648",
    "999999999999999999999",
    "9" * 5000,
    "1e999",
    "1e308",
    "-0.0",
    "1e-320",
    "NaN",
    "Infinity",
    "inf",
    "true",
    "null",
    "[]",
    "{}",
    '""',
    '"x"',
    "[[]]",
    '{"a": 1}',
    "0x10",
    '"' + "A" * 100_000 + '"',
    '"\\ud800"',
    '"\\u0000"',
    '"\x07"',
    '"{"',
    '"{0.__class__}"',
    '"{x:>99999999}"',
    '"../../../x"',
    '"/"',
    '"%s%n"',
    "1979-05-27",
    "1_000",
    "'",
]
_DEPTHS = [2, 50, 1000, 100_000]
_LARGEST = 4 << 20  # bytes of what comes out


def mutated(random: Random, content: bytes, other: bytes) -> bytes:
    """Damage `content` in one to four places; `other` is a file to splice it with."""
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        content = _fitting(random, content)(random, content, other)[:_LARGEST]
    return content


def _fitting(random: Random, content: bytes) -> Callable[[Random, bytes, bytes], bytes]:
    """A way of damaging that goes as deep into a file as it can be taken apart."""
    if random.random() < 0.3:
        return _bytes
    if content[:2] == b"PK" and _is_archive(content):
        return _member
    if content[:6] == b"\x93NUMPY" and b"'<U" in content[:100]:
        return _numpy_text
    if content[8:10] == b'{"':
        return _header
    try:
        content.decode()
    except UnicodeDecodeError:
        return random.choice([_bytes, _embedded])
    return _text


def _is_archive(content: bytes) -> bool:
    try:
        return zipfile.is_zipfile(io.BytesIO(content))
    except zipfile.BadZipFile:  # one that claims to lie on several disks
        return False


def _bytes(random: Random, content: bytes, other: bytes) -> bytes:
    data = bytearray(content)
    at = random.randrange(len(data) + 1)
    match random.randrange(8):
        case 0:
            for _ in range(random.choice([1, 1, 8])):
                if data:
                    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : at + random.choice([1, 2, 8, 100])]
        case 3:
            data[at:at] = random.randbytes(random.choice([1, 2, 8, 100]))
        case 4:
            start, length = random.randrange(len(data) + 1), random.choice([4, 16, 200, 5000])
            data[at : at + random.choice([0, length])] = data[start : start + length]
        case 5:
            cut = random.randrange(len(other) + 1)
            data[at:] = other[cut:]
        case _:
            width = random.choice([1, 2, 4, 8])
            value = (random.choice(_EXTREMES) - random.choice([0, 0, 1])) % (1 << 8 * width)
            data[at : at + width] = value.to_bytes(width, random.choice(["little", "big"]))
    return bytes(data)


def _text(random: Random, content: bytes, other: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return _bytes(random, content, other)
    start, end = random.choice(words)
    word = text[start:end]
    match random.randrange(8):
        case 0 | 1 | 2:
            new = random.choice(_OTHER)
        case 3:
            depth, (left, right) = random.choice(_DEPTHS), random.choice(["[]", "{}", "()"])
            new = left * depth + word + right * random.choice([0, depth])
        case 4:
            new = ""
        case 5:
            new = word * random.choice([2, 3, 5000])
        case 6:
            there = random.choice(words)
            new = text[slice(*there)]
        case _:
            lines = text.splitlines(keepends=True)
            line = random.choice(lines)
            lines[random.randrange(len(lines)) :] *= random.choice([0, 1, 2])
            return "".join([*lines, line]).encode("utf-8", "replace")
    return (text[:start] + new + text[end:]).encode("utf-8", "replace")


def _embedded(random: Random, content: bytes, other: bytes) -> bytes:
    """Text within other bytes, which keeps its length as long as it can."""
    runs = [match.span() for match in re.finditer(rb"[ -~]{8,}", content)]
    if not runs:
        return _bytes(random, content, other)
    start, end = random.choice(runs)
    new = _text(random, content[start:end], b"")
    if random.random() < 0.7:
        new = new.ljust(end - start)[: end - start]
    return content[:start] + new + content[end:]


def _header(random: Random, content: bytes, other: bytes) -> bytes:
    """A JSON header after its length, as .safetensors has it."""
    length = int.from_bytes(content[:8], "little")
    header = _text(random, content[8 : 8 + length], b"")
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def _numpy_text(random: Random, content: bytes, other: bytes) -> bytes:
    """A text in a .npy file: the description of our own .npz files."""
    try:
        text = str(np.load(io.BytesIO(content)))
        changed = np.array(_text(random, text.encode(), b"").decode())
    except Exception:  # it has been damaged before
        return _bytes(random, content, other)
    file = io.BytesIO()
    np.save(file, changed)
    return file.getvalue()


def _member(random: Random, content: bytes, other: bytes) -> bytes:
    """A member of an archive, which is whole again afterwards; or one twice, or none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # it has been damaged before
        return _bytes(random, content, other)
    if not members:
        return _bytes(random, content, other)
    # What is first or small tells what the others are.
    place = random.choice(
        [
            0,
            min(range(len(members)), key=lambda k: len(members[k][1])),
            random.randrange(len(members)),
        ]
    )
    name, inside = members[place]
    match random.randrange(10):
        case 0:
            del members[place]
        case 1:
            members[place] = name, random.choice(members)[1]
        case 2:
            members[place] = random.choice([f"{name}x", "meta.npy", "/x", "x/"]), inside
        case 3:
            members[place] = name, bytes(random.choice([0, 1000, 3 << 20]))
        case _:
            members[place] = name, _fitting(random, inside)(random, inside, other)
    file = io.BytesIO()
    how = random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, inside in dict(members).items():
            archive.writestr(name, inside)
    return file.getvalue()
