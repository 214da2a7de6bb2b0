from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import Result
from PIL import Image

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.reel.reel import Reel

pytestmark = pytest.mark.slow

QUICK = ("--quality", "draft", "--fps", "2", "--pace", "2")
Call = Callable[..., Result]
Refused = Callable[..., str]


def names() -> set[str]:
    return {path.name for path in Path().rglob("*") if path.is_file()} - {"mini.py"}


def test_one_rendering_gives_every_file(call: Call, mini: str) -> None:
    outputs = [part for name in ("a.mp4", "a.gif", "a.png", "a.reel") for part in ("-o", name)]
    result = call("render", mini, *QUICK, *outputs, "--subtitles")
    assert names() == {"a.mp4", "a.gif", "a.png", "a.reel", "a.srt"}
    lines = result.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        f"Wrote a.{ending}" for ending in ("mp4", "gif", "png", "reel", "srt")
    ]
    with av.open("a.mp4") as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (854, 480, 2)
        assert sum(1 for _ in film.decode(video=0)) == Reel.load("a.reel").frame_count
    assert "Then h is" in Path("a.srt").read_text(encoding="utf-8")


def test_a_log_gets_a_line_per_film(call: Call, mini: str) -> None:
    (line,) = call("render", mini, *QUICK, "-o", "a.png", "-o", "a.gif").stderr.splitlines()
    assert re.fullmatch(r"Rendering \d+ frames", line)


@pytest.mark.parametrize("folder", ["films", "films/", "new/"])
def test_a_file_in_a_folder_has_the_name_of_the_story(call: Call, mini: str, folder: str) -> None:
    Path("films").mkdir()
    made = Path(folder, "mini-storyboard.png")
    assert f"Wrote {made}" in call("storyboard", mini, "--quality", "draft", "-o", folder).stdout
    assert made.is_file()


def test_a_folder_that_is_made_and_stays_empty_goes_again(refused: Refused, mini: str) -> None:
    refused("storyboard", mini, "--at", "nix", "-o", "new/")
    assert not Path("new").exists()


def test_where_no_folder_can_be_made_another_is_named(refused: Refused, mini: str) -> None:
    Path("media").touch()
    assert "choose another path, with -o" in refused("render", mini)


def test_quiet_says_nothing(call: Call, mini: str) -> None:
    result = call("render", mini, *QUICK, "-o", "a.png", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_the_default_place_is_media(call: Call, mini: str) -> None:
    assert "Wrote media" in call("render", mini, *QUICK).stdout
    assert names() == {"mini.mp4"}
    assert Path("media/mini.mp4").is_file()


def test_a_loop_goes_into_media_as_a_gif(call: Call, mini: str) -> None:
    said = call("render", mini, "--quality", "draft", "--fps", 5, "--loop", "read:think").stdout
    assert [path.name for path in Path("media").iterdir()] == ["mini-loop.gif"]
    assert "pictures a second, 256 colours)" in said


def test_a_loop_of_what_is_not_there_or_would_not_move(refused: Refused, mini: str) -> None:
    few = (mini, "--quality", "draft", "--fps", 5)
    assert "there are: read, think" in refused("render", *few, "--loop", "nix", "-o", "a.gif")
    assert "loop='first:last'" not in refused("render", *few, "--pace", 4, "--loop", "-o", "a.gif")
    assert "Nothing moves in the step read" in refused(
        "render", *few, "--loop", "read", "-o", "a.gif"
    )
    for ending in (".png", ".html", ".srt"):
        said = refused("render", *few, "--loop", "-o", f"a{ending}")
        assert said.startswith(f"A loop moves, and a{ending} would not: write it as .mp4")
        assert "leave out --loop" in said
    assert "leave out --loop" in refused("render", *few, "--loop", "--subtitles", "-o", "a.mp4")


def test_a_folder_that_was_made_for_nothing_goes_again(refused: Refused, mini: str) -> None:
    refused("render", mini, "--theme", "purple")
    assert not Path("media").exists()


@pytest.mark.parametrize(
    ("at", "number", "word"),
    [
        ("2", 2, "but"),
        ("dull", 3, "dull"),
        ("Good", 1, "good"),
        ("good:2", 5, "good"),
        ("dull, good", 3, "dull"),
        (",", 4, ","),
    ],
)
@pytest.mark.few(2)
def test_at_is_a_number_from_one_or_a_word(
    call: Call, mini: str, at: str, number: int, word: str
) -> None:
    call("render", mini, *QUICK, "--at", at, "-o", "a.reel")
    assert Reel.load("a.reel").steps[0].caption == f"It reads {word}, number {number} of 5."


def test_without_at_the_story_picks(call: Call, mini: str) -> None:
    trace = lstmviz.run("good but dull , good", cell="lstm")
    most = int(np.abs(trace["h"] - trace["h_prev"]).sum(axis=1).argmax())
    call("render", mini, *QUICK, "-o", "a.reel")
    assert f"number {most + 1} of 5." in Reel.load("a.reel").steps[0].caption


def test_language_and_theme_reach_the_picture(call: Call, mini: str) -> None:
    call("render", mini, *QUICK, "--theme", "light", "--lang", "zh", "-o", "a.reel")
    reel = Reel.load("a.reel")
    assert (reel.background, reel.language) == ("#FFFFFF", "zh")
    assert reel.frame(0)[..., :3].min(axis=2).mean() > 200


def test_numbers_of_a_file_run_on_random_weights(call: Call, mini: str) -> None:
    np.save("data.npy", np.linspace(-1, 1, 12).reshape(6, 2))
    call(
        "render",
        mini,
        *QUICK,
        "--input",
        "data.npy",
        "--hidden",
        3,
        "--seed",
        5,
        "--at",
        6,
        "-o",
        "a.reel",
    )
    trace = lstmviz.run(np.load("data.npy"), hidden=3, seed=5)
    value = f"{trace['h'][5, 0]:+.2f}".replace("-", "−")
    assert Reel.load("a.reel").steps[1].caption == f"Then h is {value}."


def test_a_trace_is_rendered_with_no_network_at_hand(call: Call, mini: str) -> None:
    call("trace", "--cell", "gru", "--input", "good but again", "-o", "x.npz")
    call("render", mini, *QUICK, "--trace", "x.npz", "--at", "again", "-o", "a.reel")
    assert Reel.load("a.reel").steps[0].caption == "It reads again, number 3 of 3."


@pytest.mark.parametrize("named", [True, False])
def test_a_network_from_its_file_or_by_its_name(call: Call, mini: str, named: bool) -> None:
    network = "gru" if named else "mine.npz"
    if not named:
        seeded("gru", 2, 3, 1, vocabulary=("good", "<unk>")).save("mine.npz")
    call("render", mini, *QUICK, "--network", network, "--at", "1", "-o", "a.reel")


@pytest.mark.parametrize(("at", "number"), [("</s>", 2), ("[SEP]", 4), ("good [SEP]", 3)])
@pytest.mark.few(1)
def test_special_tokens_are_told(call: Call, mini: str, at: str, number: int) -> None:
    vocabulary = ("<unk>", "the", "</s>", "good", "[SEP]")
    seeded("gru", 2, 3, 1, vocabulary=vocabulary).save("mine.npz")
    text = "the </s> good[SEP]"
    call(
        "render", mini, *QUICK, "--network", "mine.npz", "--input", text, "--at", at, "-o", "a.reel"
    )
    word = vocabulary[number]
    assert Reel.load("a.reel").steps[0].caption == f"It reads {word}, number {number} of 4."


def test_ten_thousand_words(call: Call, mini: str) -> None:
    text = " ".join(["the", "tea", "was", "good", "."] * 2000)
    call("render", mini, *QUICK, "--input", "-", "--at", "9999", "-o", "a.reel", stdin=text)
    assert Reel.load("a.reel").steps[0].caption == "It reads good, number 9999 of 10000."


def test_a_storyboard_has_a_picture_per_step(call: Call, mini: str) -> None:
    result = call("storyboard", mini, "--across", 2, "-o", "sheet.png", "--quality", "draft")
    assert "Wrote sheet.png" in result.stdout
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 2 * 640
        assert sheet.height < 480
    call("storyboard", mini, "--quality", "draft", "--quiet")
    assert Path("media/mini-storyboard.png").is_file()


def test_further_files_come_from_a_saved_reel(call: Call, mini: str) -> None:
    call("render", mini, *QUICK, "-o", "a.reel")
    Path("mini.py").unlink()
    call("export", "a.reel", "-o", "a.gif", "-o", "first.png", "--step", "1")
    call("export", "a.reel", "-o", "last.png", "-o", "b.mp4", "--subtitles")
    assert names() == {"a.reel", "a.gif", "first.png", "last.png", "b.mp4", "b.srt"}
    reel = Reel.load("a.reel")
    for name, step in (("first.png", 0), ("last.png", 1)):
        frame = reel.frame(reel.steps[step].last_frame)
        np.testing.assert_array_equal(np.asarray(Image.open(name)), frame[..., :3])


def test_check_ends_with_one_when_it_finds_something(call: Call, mini: str) -> None:
    scene = Path(mini).read_text(encoding="utf-8")
    scene = scene.replace(
        'self.add(self.column("h"))', 'self.add(TextLine("too small", size=0.08))'
    ).replace("import Story", "import Story, TextLine")
    Path("small.py").write_text(scene.replace("Mini", "Small"), encoding="utf-8")
    assert "too small" in call("check", "small.py", fails=1).stdout


def test_check_says_that_there_is_nothing(call: Call, mini: str) -> None:
    scene = Path(mini).read_text(encoding="utf-8")
    Path(mini).write_text(scene.replace('self.add(self.column("h"))', "pass"), encoding="utf-8")
    assert call("check", mini).stdout.startswith("mini: nothing overlaps")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["forgetgate"], "There is no story 'forgetgate' (did you mean 'forget-gate'?)"),
        (["nowhere.py:Mini"], "There is no Python file nowhere.py"),
        (["mini.py:Maxi"], "mini.py has no story Maxi"),
        (["mini.py", "--input", ""], "The text is empty"),
        (["mini.py", "--input", "   "], "The text is empty"),
        (["mini.py", "--at", "banana"], "There is no 'banana' in the input; it has: good, but"),
        (["mini.py", "--at", "banana:2"], "There is no 'banana:2' in the input"),
        (["mini.py", "--at", "but:2"], "“but” stands 1 × in the input"),
        (["mini.py", "--at", "6"], "There is no word 6; the input has 5, counted from 1"),
        (["mini.py", "--at", "0"], "There is no word 0"),
        (["mini.py", "--at", "-1"], "There is no word -1"),
        (["mini.py", "--at", ""], "There is no '' in the input"),
        (["mini.py", "--cell", "lsmt"], "There is no cell 'lsmt'"),
        (["forget-gate", "--cell", "rnn"], "cells that do: lstm"),
        (["mini.py", "--theme", "purple"], "There is no theme 'purple'"),
        (["mini.py", "--lang", "xx"], "There is no language 'xx'"),
        (["mini.py", "--units", "9"], "There is no unit 9; the network has 4"),
        (["mini.py", "--units", "1,x"], "write units as 1,2, counted from 1, not '1,x'"),
        (["mini.py", "--units", "0"], "write units as 1,2"),
        (["mini.py", "--pace", "3"], "3.0 is not in the range"),
        (["mini.py", "--pace", "nan"], "A pace of nan is not possible"),
        (["mini.py", "--fps", "0"], "0 is not in the range"),
        (["mini.py", "--quality", "5k"], "'5k' is not one of"),
        (["mini.py", "--network", "lstmm"], "did you mean 'lstm'"),
        (["mini.py", "--network", "foreign.npz"], "it is cut off; copy or download it again"),
        (["mini.py", "--network", "foreign.npz", "--cell", "gru"], "it is cut off"),
        (["mini.py", "--network", "gru", "--cell", "lstm"], "of gru cells, not of lstm"),
        (["mini.py", "--trace", "foreign.npz"], "is damaged or not a trace"),
        (["mini.py", "--trace", "arrays.npz"], "not a trace"),
        (["mini.py", "--trace", "none.npz"], "none.npz"),
        (["mini.py", "--trace", "foreign.npz", "--input", "good"], "leave out --input"),
        (["mini.py", "--input", "1,nan"], "row 2, column 1 is NaN"),
        (["mini.py", "--input", "0.1,inf"], "row 2, column 1 is infinite"),
        (["mini.py", "--input", "cube.npy"], "has 3 axes"),
        (["mini.py", "--input", "ragged.csv"], "row 2 has 1 column, the first has 2"),
        (["mini.py", "--input", "none.csv"], "There is no file none.csv"),
        (["mini.py", "--input", "1,2", "--network", "three.npz"], "1 feature at each tick"),
        (["mini.py", "-o", "nowhere/a.mp4"], "The folder nowhere does not exist"),
        (["mini.py", "-o", "a.avi"], "a.avi ends in .avi, which is no known format"),
        (["mini.py", "-o", "a"], "a has no ending"),
        (["mini.py", "-o", "a.mp4", "-o", "./a.mp4"], "a.mp4 is named twice"),
        (["mini.py", "-o", "folder.mp4"], "folder.mp4 is a folder"),
        (["mini.py", "-o", "a.gif", "--subtitles"], "--subtitles go beside a video"),
        ([], "Missing argument 'STORY'"),
        (["mini.py", "--colour", "red"], "No such option"),
    ],
)
def test_wrong_input_gets_one_sentence(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    Path("foreign.npz").write_bytes(b"PK\x03\x04 is not the whole story")
    np.savez("arrays.npz", h=np.zeros((3, 2)))
    np.save("cube.npy", np.zeros((2, 2, 2)))
    Path("ragged.csv").write_text("1,2\n3\n")
    Path("folder.mp4").mkdir()
    seeded("lstm", 3, 4, 0).save("three.npz")
    before = names()
    assert sentence in refused("render", *arguments)
    assert names() == before
    assert not Path("media").exists()


def test_a_folder_that_may_not_be_written_to(
    refused: Refused, mini: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere, so that a locked folder would prove nothing there.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    sentence = refused("render", mini, "-o", "a.mp4", fails=1)
    assert "is not writable; choose another path." in sentence
    assert names() == set()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["storyboard", "mini.py", "-o", "sheet.jpg"], "sheet.jpg must end in .png"),
        (["storyboard", "mini.py", "-o", "nowhere/sheet.png"], "nowhere does not exist"),
        (["export", "a.reel"], "say where with -o"),
        (["export", "a.reel", "-o", "a.mp4"], "The reel a.reel cannot be read"),
        (["export", "mini.py", "-o", "a.mp4"], "mini.py is not a reel"),
        (["export", "mini.py", "-o", "a.xyz"], "a.xyz ends in .xyz"),
        (["check", "nothing"], "There is no story 'nothing'"),
    ],
)
def test_wrong_input_of_the_other_commands(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused(*arguments)
    assert names() == set()


@pytest.mark.parametrize("step", ["9", "nothing"])
def test_a_step_that_is_not_in_the_reel(call: Call, refused: Refused, mini: str, step: str) -> None:
    call("render", mini, *QUICK, "-o", "a.reel", "--quiet")
    sentence = refused("export", "a.reel", "--step", step, "-o", "a.png")
    assert "its steps are: read, think" in sentence
    sentence = refused("export", "a.reel", "--step", "1", "-o", "a.gif")
    assert "--step chooses the picture" in sentence
    assert names() == {"a.reel"}


def test_a_full_disk_is_one_sentence(
    refused: Refused, mini: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from lstmviz.reel.frame_store import PictureWriter

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PictureWriter, "write", full)
    result = refused_progress(refused, "render", mini, *QUICK, "-o", "a.mp4")
    assert "no space left on device" in result
    assert names() == set()


def refused_progress(refused: Refused, *arguments: str) -> str:
    return refused(*arguments, "--quiet", fails=1)


@pytest.mark.parametrize(
    ("aspect", "size"), [("4:3", (640, 480)), ("1:1", (480, 480)), ("9:16", (480, 854))]
)
@pytest.mark.few(1)
def test_a_film_has_the_shape_that_is_asked_for(
    call: Call, mini: str, aspect: str, size: tuple[int, int]
) -> None:
    call("render", mini, *QUICK, "--aspect", aspect, "-o", "a.mp4", "--quiet")
    with av.open("a.mp4") as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height) == size


def test_every_command_that_draws_knows_the_shapes(call: Call, mini: str) -> None:
    call(
        "storyboard",
        mini,
        "--quality",
        "draft",
        "--aspect",
        "9:16",
        "--across",
        "1",
        "-o",
        "sheet.png",
        "--quiet",
    )
    with Image.open("sheet.png") as sheet:
        assert sheet.height > 2 * 1.7 * (sheet.width - 40)  # two tall pictures, one below the other
    call("still", mini, "--aspect", "1:1", "--quality", "draft", "-o", "a.svg", "--quiet")
    assert 'width="480px" height="480px"' in Path("a.svg").read_text(encoding="utf-8")
    call("slides", mini, *QUICK, "--aspect", "4:3", "-o", "a.html", "--quiet")
    assert 'width="640" height="480"' in Path("a.html").read_text(encoding="utf-8")
    said = call("check", mini, "--aspect", "9:16").stdout
    assert said == "mini: nothing overlaps, leaves the frame or is hard to read.\n"


def test_an_unknown_shape_is_refused(refused: Refused, mini: str) -> None:
    for command in ("render", "storyboard", "slides", "still", "check"):
        said = refused(command, mini, "--aspect", "2:1")
        assert "'2:1' is not one of '16:9', '4:3', '1:1', '9:16'" in said
    assert names() == set()


def test_a_square_has_room_for_fewer_units(refused: Refused, mini: str) -> None:
    said = refused(
        "render",
        mini,
        "--input",
        "1,2,3",
        "--hidden",
        "8",
        "--units",
        "1,2,3,4,5",
        "--aspect",
        "1:1",
        "-o",
        "a.png",
    )
    assert said == "Choose 1 to 4 different units in a picture of this shape, not 5."
