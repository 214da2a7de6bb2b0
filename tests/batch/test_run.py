"""Many films as one run on this machine: files, failures, kills, and going on where it was."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import QUICK, job

from lstmviz.batch import Done, Job, batch
from lstmviz.batch.job import Output
from lstmviz.batch.manifest import RECORD, Keys, Record
from lstmviz.batch.package import Packer
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films.render import render
from lstmviz.reel.reel import Reel
from lstmviz.stage.story.discovery import find_story

pytestmark = pytest.mark.slow


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_films_are_those_that_render_makes(mini: str, tmp_path: Path) -> None:
    told: list[Done] = []
    jobs = [job(mini, "good tea", "a.reel", "sub/a.srt"), job(mini, "bad tea", "b.reel")]
    report = batch(jobs, tmp_path / "out", processes=2, tell=told.append)
    assert (report.made, report.kept, report.failed) == (2, 0, {})
    assert set(files(tmp_path / "out")) == {"a.reel", "sub/a.srt", "b.reel", "batch.jsonl"}
    for name, text in (("a", "good tea"), ("b", "bad tea")):
        render(mini, [f"{name}.reel", f"{name}.srt"], input=text, **QUICK)  # type: ignore[arg-type]
        assert (tmp_path / f"out/{name}.reel").read_bytes() == Path(f"{name}.reel").read_bytes()
    assert (tmp_path / "out/sub/a.srt").read_bytes() == Path("a.srt").read_bytes()
    assert [(done.done, done.total, done.failure) for done in told] == [(1, 2, None), (2, 2, None)]
    assert told[-1].left == 0 < told[0].left
    films = [Reel.load(tmp_path / f"out/{name}.reel") for name in "ab"]
    assert report.film == sum(film.duration for film in films)
    assert 0 < report.processor < 60


def test_a_failing_and_a_killed_film_fail_alone(mini: str, tmp_path: Path) -> None:
    words = ("good", "wrong", "fatal", "bad", "once")
    jobs = [job(mini, f"{word} tea", f"{word}.srt") for word in words]
    report = batch(jobs, tmp_path / "out", processes=2)
    assert report.made == 3
    assert set(files(tmp_path / "out")) == {"good.srt", "bad.srt", "once.srt", "batch.jsonl"}
    assert set(report.failed) == {"wrong.srt", "fatal.srt"}
    assert "line 13 of mini.py: KeyError: 'what is wrong'." in report.failed["wrong.srt"]
    assert report.failed["fatal.srt"].startswith("A process was killed, perhaps for want of mem")


def test_a_second_run_makes_what_is_missing_or_has_changed(mini: str, tmp_path: Path) -> None:
    place = tmp_path / "out"

    def made(*jobs: Job, force: bool = False) -> list[str]:
        names: list[str] = []
        report = batch(
            jobs,
            place,
            processes=1,
            force=force,
            tell=lambda done: names.append(done.job.outputs[0].name),
        )
        assert report.made + report.kept == len(jobs)
        return names

    one, two = job(mini, "good tea", "1.srt", "1.png"), job(mini, "bad tea", "2.srt")
    assert made(one) == ["1.srt"]
    assert made(one, two) == ["2.srt"]
    assert made(one, two) == []
    (place / "1.png").unlink()
    assert made(one, two) == ["1.srt"]
    (place / "2.srt").write_bytes(b"half")
    assert made(one, two, force=True) == ["2.srt"]
    assert made(job(mini, "bad tea", "2.srt", pace=1.5)) == ["2.srt"]
    with (place / "batch.jsonl").open("a", encoding="utf-8") as record:
        record.write('{"file": "2.srt", "ke')  # interrupted
    assert made(job(mini, "bad tea", "2.srt", pace=1.5)) == []
    assert made(two) == ["2.srt"]
    assert made(one, two) == []
    (place / "batch.jsonl").write_text("[]\n{}\n3\n", encoding="utf-8")
    assert made(one, two) == ["1.srt", "2.srt"]
    known = [json.loads(line) for line in (place / "batch.jsonl").read_text("utf-8").splitlines()]
    assert [line["file"] for line in known[3:]] == ["1.srt", "1.png", "2.srt"]


def test_the_key_changes_with_all_that_a_film_is_made_of(
    mini: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(made: Job) -> str:
        return Keys().key(*Packer().pack(made))

    def again(**changes: Any) -> str:
        return key(replace(one, **changes))

    one = job(mini, "good tea", "1.gif")
    first = key(one)
    assert key(job(mini, "good tea", "other.gif")) == first
    colours = replace(one.look.theme, ink="#FFFFFF")
    words = replace(one.look.lang, terms={"tea": "thé"})
    others = [
        key(job(mini, "bad tea", "1.gif")),
        key(job(mini, "good tea", "1.mp4")),
        key(job(mini, "good tea", "1.gif", "1.png")),
        again(outputs=(Output("1.gif", {"max_size": 10**6}),)),
        again(look=replace(one.look, fps=3)),
        again(telling=replace(one.telling, units=(0, 1))),
        again(telling=replace(one.telling, captions=False)),
        again(look=replace(one.look, theme=colours)),
        again(look=replace(one.look, lang=words)),
        key(job("tanh", "good tea", "1.gif")),
        key(job("sigmoid", "good tea", "1.gif")),
    ]
    helper = Path(mini).with_name("helper.py")
    helper.write_text(helper.read_text("utf-8") + "# another line\n", encoding="utf-8")
    others.append(key(one))
    font = tmp_path / "font.ttf"
    for content in (b"one", b"two"):
        font.write_bytes(content)
        others.append(again(look=replace(one.look, theme=replace(colours, fonts={"bold": font}))))
    monkeypatch.setattr("lstmviz.batch.package.versions", lambda: {"Manim": "another"})
    others.append(key(one))
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((["a.mp4"], ["b.mp4", "A.mp4"]), "the job b.mp4 writes A.mp4, as the job a.mp4 does"),
        ((["a.mp4", "./a.mp4"],), "twice"),
        ((["../a.mp4"],), "not below the folder"),
        ((["/a.mp4"],), "not below the folder"),
        ((["a.avi"],), "no known format"),
    ],
)
def test_names_that_cannot_be_are_refused(
    names: tuple[list[str], ...], told: str, mini: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=told):
        batch([job(mini, "good tea", *each) for each in names], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_refused(mini: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="out is not a folder"):
        batch([job(mini, "good tea", "a.srt")], tmp_path / "out")


def test_an_interruption_is_gone_on_from(mini: str, tmp_path: Path) -> None:
    def stop(done: Done) -> None:
        raise KeyboardInterrupt

    jobs = [job(mini, f"{word} tea", f"{word}.srt") for word in ("good", "bad", "but")]
    with pytest.raises(KeyboardInterrupt):
        batch(jobs, tmp_path / "out", processes=1, tell=stop)
    assert batch(jobs, tmp_path / "out", processes=1).kept == 1


def test_where_films_are_few_several_processes_draw_one(
    mini: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def as_done(work: Any, tasks: Any, jobs: int) -> Any:
        asked.extend((jobs, work.keywords["jobs"]))
        yield from ()

    monkeypatch.setattr("lstmviz.batch.run.as_done", as_done)
    jobs = [job(mini, "good tea", f"{number}.srt") for number in range(5)]
    for processes, count, expected in ((8, 2, [2, 4]), (4, 5, [4, 1]), (1, 5, [1, 1])):
        batch(jobs[:count], tmp_path / "out", processes=processes)
        assert asked == expected
        asked.clear()


def test_a_disk_that_is_full_ends_the_run(
    mini: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    jobs = [job(mini, f"{word} tea", f"{word}.srt") for word in ("good", "bad")]
    monkeypatch.setattr("lstmviz.batch.run.Path.write_bytes", full)
    with pytest.raises(LstmvizError, match="could not be written"):
        batch(jobs, tmp_path / "out", processes=1)
    assert files(tmp_path / "out") == {}


def test_a_job_travels_by_the_file_of_its_story(mini: str) -> None:
    one = job(mini, "good tea", "a.srt")
    other = pickle.loads(pickle.dumps(one))
    assert (other.story.__name__, other.told, other.outputs) == ("Mini", mini, one.outputs)
    np.testing.assert_array_equal(other.trace["h"], one.trace["h"])
    assert pickle.loads(pickle.dumps(job("tanh", "good tea", "a.srt"))).story.summary() == (
        find_story("tanh").summary()
    )


@pytest.mark.parametrize("line", ["[" * 100_000, '{"file": "a", "key": "k", "size": 1e999}', "3"])
def test_a_damaged_line_of_the_record_tells_of_nothing(tmp_path: Path, line: str) -> None:
    (tmp_path / RECORD).write_text(line + "\n", encoding="utf-8")
    (tmp_path / "a").touch()
    assert not Record(tmp_path).has(["a"], "k")
