"""A reel gives back what was recorded, bit for bit, or says what is wrong."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.reel.atoms import Broken, append_description, atoms
from lstmviz.reel.frame_store import PictureWriter, read_index, read_pictures
from lstmviz.reel.reel import Reel, ReelWriter, Step


def noise(number: int, width: int = 40, height: int = 30) -> np.ndarray:
    """Every value in every channel, another picture for each number."""
    return np.random.default_rng(number).integers(0, 256, (height, width, 4), np.uint8)


def record(path: Path, *repeats: int, size: tuple[int, int] = (40, 30)) -> Reel:
    with ReelWriter(path, width=size[0], height=size[1], fps=30) as writer:
        for number, repeat in enumerate(repeats):
            writer.write(noise(number, *size), repeat)
        return writer.close()


@pytest.mark.parametrize("size", [(40, 30), (41, 31), (1, 1), (3, 2)])
def test_frames_come_back_bit_for_bit(tmp_path: Path, size: tuple[int, int]) -> None:
    repeats = [1, 1, 7, 1, 100, 1, 2]
    reel = record(tmp_path / "film.reel", *repeats, size=size)
    frames = list(reel.frames())
    assert [frame.repeat for frame in frames] == repeats
    assert [frame.number for frame in frames] == [0, 1, 2, 9, 10, 110, 111]
    for number, frame in enumerate(frames):
        np.testing.assert_array_equal(frame.pixels, noise(number, *size))
    assert reel.frame_count == 113
    assert reel.duration == pytest.approx(113 / 30)


def test_colour_under_full_transparency_survives(tmp_path: Path) -> None:
    pixels = noise(0)
    pixels[..., 3] = 0
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(pixels)
        reel = writer.close()
    np.testing.assert_array_equal(reel.frame(0), pixels)


def test_long_films_keep_small_changes(tmp_path: Path) -> None:
    """A picture differs from the one before in one pixel, over several key frames."""
    pixels = np.zeros((10, 100, 4), np.uint8)
    expected = []
    with ReelWriter(tmp_path / "film.reel", width=100, height=10, fps=60) as writer:
        for number in range(150):
            pixels[number % 10, number % 100, number % 4] ^= 1 + number
            expected.append(pixels.copy())
            writer.write(pixels)
        reel = writer.close()
    for frame, picture in zip(reel.frames(), expected, strict=True):
        np.testing.assert_array_equal(frame.pixels, picture)
    for number in (149, 0, 59, 60, 61, 120):
        np.testing.assert_array_equal(reel.frame(number), expected[number])


def test_equal_pictures_become_one(tmp_path: Path) -> None:
    pixels = noise(0)
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(pixels)
        writer.write(pixels.copy(), 3)
        pixels[29, 39, 3] ^= 1  # reused and changed a little: another picture
        writer.write(pixels)
        reel = writer.close()
    assert [frame.repeat for frame in reel.frames()] == [4, 1]
    assert len(read_index(tmp_path / "film.reel").entries) == 2


def test_any_frame_is_found(tmp_path: Path) -> None:
    repeats = [3] * 70
    reel = record(tmp_path / "film.reel", *repeats)
    for number in (0, 1, 2, 3, 100, 181, 207, 209):
        np.testing.assert_array_equal(reel.frame(number), noise(number // 3))
    with pytest.raises(IndexError):
        reel.frame(210)


def test_views_say_what_changed(tmp_path: Path) -> None:
    """What lies outside of the boxes is the picture before; they are part of those given."""
    width, height = 200, 150
    pixels = noise(0, width, height)
    pictures = []
    with ReelWriter(tmp_path / "film.reel", width=width, height=height, fps=30) as writer:
        for number in range(130):
            box = (number % 150, number % 100, number % 150 + 40, number % 100 + 30)
            left, top, right, bottom = box
            if number % 3:
                pixels[top:bottom, left:right] = noise(number, 40, 30)
            given = [box, (0, 0, 10, 10)] if number % 2 and number else None
            writer.write(pixels, 1 + number % 2, given)
            pictures.append(pixels.copy())
        reel = writer.close()
    expected = [picture for k, picture in enumerate(pictures) for _ in range(1 + k % 2)]
    for start, stop in ((0, None), (0, 50), (37, 120), (100, 101), (180, None)):
        shown: list[np.ndarray] = []
        for view in reel.views(start, stop):
            assert view.number == start + len(shown)
            assert (view.changed is None) == (not shown), "of the first nothing is known"
            if view.changed is not None:
                known = shown[-1].copy()
                for left, top, right, bottom in view.changed:
                    known[top:bottom, left:right] = view.pixels[top:bottom, left:right]
                np.testing.assert_array_equal(known, view.pixels)
                area = sum((right - left) * (low - top) for left, top, right, low in view.changed)
                assert area <= 40 * 30, "no more than was drawn anew"
            shown += [view.pixels.copy()] * view.repeat
        for picture, true in zip(shown, expected[start:stop], strict=True):
            np.testing.assert_array_equal(picture, true)


def test_colours_are_made_others_where_they_are_read(tmp_path: Path) -> None:
    """A film at once, and a part that begins between two whole pictures."""
    reel = record(tmp_path / "film.reel", *[2] * 70)
    for start in (0, 130):
        views = reel.views(start, None, lambda pixels: pixels[..., ::-1] ^ np.uint8(9))
        for view in views:
            other = noise(view.number // 2)[..., ::-1] ^ np.uint8(9)
            np.testing.assert_array_equal(view.pixels, other)


def test_parts_are_spliced(tmp_path: Path) -> None:
    """A part that begins with the picture that stands already only lengthens it."""
    films = {"one": [0, 1, 1, 2], "two": [2, 2, 3], "three": [3], "four": [4, 5]}
    for name, numbers in films.items():
        part = PictureWriter(tmp_path / name, 40, 30)
        for number in numbers:
            part.write(noise(number), 2)
        part.close()
    whole = PictureWriter(tmp_path / "whole", 40, 30)
    for name in films:
        whole.splice(tmp_path / name)
    whole.close()
    read = [
        (begin, end, pixels.copy()) for begin, end, pixels, _ in read_pictures(tmp_path / "whole")
    ]
    assert [(begin, end) for begin, end, _ in read] == [
        (0, 2),
        (2, 6),
        (6, 12),
        (12, 16),
        (16, 18),
        (18, 20),
    ]
    for number, (_, _, pixels) in enumerate(read):
        np.testing.assert_array_equal(pixels, noise(number))
    other = PictureWriter(tmp_path / "other", 30, 40)
    with pytest.raises(Broken):
        other.splice(tmp_path / "one")


def test_a_long_description_in_chinese_survives(tmp_path: Path) -> None:
    caption = "这里保留了百分之九十八的记忆。\n“”\0😀" * 5000  # above 100 kB
    steps = (
        Step("read", caption, 0.0, 0.1, 0, 2, "章节", "一扇门"),
        Step("遗忘", "", 0.1, 0.2, 3, 5),
    )
    with ReelWriter(
        tmp_path / "film.reel",
        width=40,
        height=30,
        fps=30,
        background="#FFFFFF",
        title="遗忘门",
        alt="A gate.",
        language="zh",
    ) as writer:
        writer.write(noise(0), 6)
        reel = writer.close(steps)
    loaded = Reel.load(str(tmp_path / "film.reel"))
    assert loaded == reel
    assert loaded.steps == steps
    assert (loaded.background, loaded.title, loaded.language) == ("#FFFFFF", "遗忘门", "zh")


def test_a_saved_copy_is_a_reel_of_its_own(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2, 3)
    copy = reel.save(tmp_path / "copy.reel")
    reel.path.unlink()
    assert copy == Reel.load(tmp_path / "copy.reel")
    assert [frame.repeat for frame in copy.frames()] == [2, 3]


def test_steps_are_found_by_name_and_by_number(tmp_path: Path) -> None:
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(noise(0), 6)
        reel = writer.close([Step("read", "", 0, 0.1, 0, 2), Step("forget", "", 0.1, 0.2, 3, 5)])
    assert reel.step("forget") is reel.step(2) is reel.step("2") is reel.steps[1]
    for unknown in ("frget", 0, 3, -1):
        with pytest.raises(UsageError, match="its steps are: read, forget"):
            reel.step(unknown)


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt])
def test_an_aborted_film_leaves_nothing(tmp_path: Path, reason: type[BaseException]) -> None:
    with (
        pytest.raises(reason),
        ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer,
    ):
        writer.write(noise(0))
        raise reason
    assert not os.listdir(tmp_path)


def test_a_film_without_close_leaves_nothing(tmp_path: Path) -> None:
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(noise(0))
    assert not os.listdir(tmp_path)
    with pytest.raises(ValueError, match="closed"):
        writer.write(noise(1))


def test_wrong_frames_and_steps_are_refused(tmp_path: Path) -> None:
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        for wrong in (
            noise(0)[..., :3],
            noise(0).astype(np.uint16),
            noise(0)[:, ::-1],
            noise(0, 30, 40),
        ):
            with pytest.raises(ValueError, match="C-contiguous uint8 array"):
                writer.write(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="at least once"):
            writer.write(noise(0), 0)
        with pytest.raises(LstmvizError, match="no frames"):
            writer.close()
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(noise(0), 3)
        with pytest.raises(ValueError, match="step late"):
            writer.close([Step("late", "", 0, 1, 1, 3)])
    assert not os.listdir(tmp_path)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2, 3)
    content = reel.path.read_bytes()
    for length in (0, 1, 7, 8, 20, len(content) // 2, len(content) - 1):
        (tmp_path / "cut.reel").write_bytes(content[:length])
        with pytest.raises(UsageError, match=r"cut\.reel is not a reel of lstmviz, or it was cut"):
            Reel.load(tmp_path / "cut.reel")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.reel"
    for content in (b"hello, world", b"PK\3\4" + bytes(100), b"\0\0\0\x08free"):
        foreign.write_bytes(content)
        with pytest.raises(UsageError, match="is not a reel of lstmviz"):
            Reel.load(foreign)
    with av.open(foreign, "w", format="mov") as container:
        stream = container.add_stream("qtrle", rate=30)
        stream.width = stream.height = 16
        stream.pix_fmt = "argb"
        picture = av.VideoFrame.from_ndarray(noise(0, 16, 16), format="rgba")
        container.mux([*stream.encode(picture), *stream.encode()])
    with pytest.raises(UsageError, match="is not a reel of lstmviz"):
        Reel.load(foreign)
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        Reel.load(tmp_path / "away.reel")
    with pytest.raises(UsageError):
        Reel.load(tmp_path)


STEP = {"name": "a", "caption": "", "start": 0, "end": 0.1, "first_frame": 0, "last_frame": 1}


def reworked(
    folder: Path,
    packed: bytes,
    *,
    entries: list[tuple[int, int]] | None = None,
    size: tuple[int, int] = (40, 30),
    frames: int = 2,
) -> Path:
    """A reel of a chunk of pixels, with an index of (frame, place in the chunks) each."""
    film = record(folder / "film.reel", 2)
    told = described(film.path)
    listed = [(0, 0)] if entries is None else entries
    index = struct.pack("<IIII", *size, frames, len(listed)) + bytes(32)
    for frame, at in listed:
        index += struct.pack("<QQII", frame, (16 + at) % 2**64, len(packed), 1)
    film.path.write_bytes(
        struct.pack(">I4sQ", 1, b"mdat", 16 + len(packed))
        + packed
        + struct.pack(">I4s", 8 + len(index), b"indx")
        + index
    )
    append_description(film.path, told)
    return film.path


def chunk(boxes: list[tuple[int, int, int, int]], runs: int, table: bytes) -> bytes:
    places = b"".join(struct.pack("<HHHH", *box) for box in boxes)
    return struct.pack("<II", len(boxes), runs) + places + zlib.compress(table)


WHOLE = [(0, 0, 40, 30)]
RUN = struct.pack("<II", 0, 1200)


def test_a_reworked_reel_is_read_where_it_is_sound(tmp_path: Path) -> None:
    (frame,) = Reel.load(reworked(tmp_path, chunk(WHOLE, 1, RUN))).frames()
    assert (frame.repeat, frame.pixels.any()) == (2, False)


@pytest.mark.parametrize(
    ("packed", "options"),
    [
        (chunk(WHOLE, 1, RUN + bytes(1 << 20)), {}),  # more than it says: what is deflated
        (chunk(WHOLE, 1, RUN[:4]), {}),
        (chunk(WHOLE, 1, struct.pack("<II", 0, 2**32 - 1)), {}),  # a run of gigabytes
        (chunk(WHOLE, 2, struct.pack("<IIII", 0, 0, 2**32 - 1, 1201)), {}),
        (chunk(WHOLE, 2**31, RUN), {}),
        (chunk(WHOLE * 3, 1, struct.pack("<II", 0, 3600)), {}),  # the same pixels again and again
        (chunk([(0, 0, 65535, 65535)], 1, RUN), {}),
        (chunk([(30, 0, 20, 30)], 1, RUN), {}),
        (chunk(WHOLE, 1, RUN), {"size": (65535, 65535)}),
        (chunk(WHOLE, 1, RUN), {"size": (0, 30)}),
        (chunk(WHOLE, 1, RUN), {"size": (20, 30)}),
        (chunk(WHOLE, 1, RUN), {"frames": 1}),
        (chunk(WHOLE, 1, RUN), {"entries": [(0, 0), (1, 0)]}),  # one chunk for many pictures
        (chunk(WHOLE, 1, RUN), {"entries": [(0, -20)]}),
        (chunk(WHOLE, 1, RUN), {"entries": []}),
        (b"", {}),
    ],
    ids=range(16),
)
def test_pictures_that_hold_more_than_they_say_are_damaged(
    tmp_path: Path, packed: bytes, options: dict[str, Any]
) -> None:
    reel = Reel.load(reworked(tmp_path, packed, **options))
    tracemalloc.start()
    try:
        with pytest.raises(LstmvizError, match=r"film\.reel are damaged; render it again"):
            list(reel.frames())
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_file_of_endless_atoms_is_no_reel(tmp_path: Path) -> None:
    (tmp_path / "film.reel").write_bytes(b"\0\0\0\x08free" * 10_001)
    with pytest.raises(UsageError, match="is not a reel"):
        Reel.load(tmp_path / "film.reel")


def test_no_film_is_longer_than_can_be_read_again(tmp_path: Path) -> None:
    with ReelWriter(tmp_path / "film.reel", width=40, height=30, fps=30) as writer:
        writer.write(noise(0), 6 * 3600 * 30)
        with pytest.raises(LstmvizError, match="longer than 6 hours; tell it in parts"):
            writer.write(noise(1))


def test_texts_have_nothing_that_no_file_can_hold(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2)
    step = {**STEP, "caption": "a\0b", "alt": "\x0b", "notes": "\x1b[2J", "chapter": "\x02"}
    append_description(reel.path, {**described(reel.path), "title": "T\x01", "steps": [step]})
    found = Reel.load(reel.path)
    assert found.title == "T�"
    told = found.steps[0]
    assert (told.caption, told.alt, told.notes, told.chapter) == ("a�b", "�", "�[2J", "�")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "another"}, "is not a reel"),
        ({"version": 99}, "newer lstmviz"),
        ({"version": 1}, "older lstmviz"),
        ({"steps": [{"name": "read"}]}, "description .* is damaged"),
        ({"steps": 3}, "description .* is damaged"),
        ({"fps": "fast"}, "description .* is damaged"),
        ({"width": 0}, "description .* is damaged"),
        ({"width": 65535, "height": 65535}, "description .* is damaged"),
        ({"width": True}, "description .* is damaged"),
        ({"frame_count": 2**32 - 1}, "description .* is damaged"),
        ({"fps": 10**9}, "description .* is damaged"),
        ({"language": ["en"]}, "description .* is damaged"),
        ({"title": None}, "description .* is damaged"),
        ({"background": "red"}, "description .* is damaged"),
        ({"captions": 1}, "description .* is damaged"),
        ({"steps": [{**STEP, "last_frame": 2}]}, "description .* is damaged"),
        ({"steps": [{**STEP, "end": float("nan")}]}, "description .* is damaged"),
        ({"steps": [{**STEP, "caption": "x" * 100_001}]}, "description .* is damaged"),
        ({"steps": [STEP] * 10_001}, "description .* is damaged"),
        ({"version": "2"}, "description .* is damaged"),
    ],
)
def test_a_strange_description_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    reel = record(tmp_path / "film.reel", 2)
    append_description(reel.path, {**described(reel.path), **change})
    with pytest.raises(UsageError, match=message):
        Reel.load(reel.path)


def test_what_a_later_version_adds_is_passed_over(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2)
    append_description(reel.path, {**described(reel.path), "smell": "roses"})
    assert Reel.load(reel.path) == reel


def described(path: Path) -> dict[str, object]:
    kind, start, length = atoms(path)[-1]
    assert kind == "uuid"
    description: dict[str, object] = json.loads(
        path.read_bytes()[start + 16 : start + length].decode()
    )
    return description


@pytest.mark.parametrize("kind", ["mdat", "indx"])
def test_damaged_frames_are_reported(tmp_path: Path, kind: str) -> None:
    reel = record(tmp_path / "film.reel", 2, 3)
    content = bytearray(reel.path.read_bytes())
    start, length = next((at, size) for name, at, size in atoms(reel.path) if name == kind)
    for damage in (bytes(length), content[start : start + length][::-1]):
        content[start : start + length] = damage
        reel.path.write_bytes(content)
        with pytest.raises(LstmvizError, match="frames in the reel .* are damaged"):
            list(Reel.load(reel.path).frames())
    reel.path.unlink()
    with pytest.raises(LstmvizError, match="damaged"):
        list(reel.frames())


def test_another_film_under_the_same_description_is_reported(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2, size=(40, 30))
    other = record(tmp_path / "other.reel", 2, size=(30, 40))
    append_description(other.path, described(reel.path))
    with pytest.raises(LstmvizError, match="damaged"):
        list(Reel.load(other.path).frames())


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """The system's limit on the size of a file stands for a disk that is full."""
    pytest.importorskip("resource")
    script = """
import os, resource, sys
import numpy as np
from lstmviz.errors import LstmvizError
from lstmviz.reel.reel import ReelWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
random = np.random.default_rng(0)
try:
    with ReelWriter("film.reel", width=200, height=100, fps=30) as writer:
        for _ in range(10):
            writer.write(random.integers(0, 256, (100, 200, 4), np.uint8))
        writer.close()
except LstmvizError as error:
    assert "written" in str(error), error
    assert os.listdir(".") == []
    sys.exit(7)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 7, done.stderr


def test_the_nouns_are_cheap() -> None:
    script = "import sys, lstmviz.reel.reel, lstmviz.export; sys.exit('av' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_the_file_is_a_row_of_atoms_with_the_description_last(tmp_path: Path) -> None:
    reel = record(tmp_path / "film.reel", 2)
    found = atoms(reel.path)
    assert found[-1][0] == "uuid"
    assert [kind for kind, _, _ in found] == ["mdat", "indx", "uuid"]
    assert all(one[1] + one[2] <= other[1] for one, other in pairwise(found))
