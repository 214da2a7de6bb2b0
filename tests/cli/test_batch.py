"""`lstmviz batch`: the list, its faults, and what is said of the run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import Result

import lstmviz
from lstmviz.batch import Job
from lstmviz.cli import main
from lstmviz.cli.batch import duration
from lstmviz.cli.job_options import in_keys, job_options
from lstmviz.cli.jobs_file import read_jobs, template
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage.story.telling import Telling

pytestmark = pytest.mark.slow

Call = Callable[..., Result]
Refused = Callable[..., str]
QUICK = 'quality = "draft"\nfps = 2\npace = 2\n'


def listed(text: str, defaults: str = QUICK, name: str = "jobs.toml") -> str:
    Path(name).write_text(f"[defaults]\n{defaults}{text}", encoding="utf-8")
    return name


def names(jobs: list[Job]) -> list[list[str]]:
    return [[output.name for output in job.outputs] for job in jobs]


def test_a_list_becomes_films(call: Call, mini: str) -> None:
    name = listed(
        f'[[job]]\nstory = "{mini}"\ninput = ["good tea", "bad tea"]\noutput = '
        '["{number}.mp4", "sub/{number}.srt"]\n[[job]]\nstory = "mini.py:Mini"\nlang = "zh"\n'
    )
    result = call("batch", name, "--jobs", 2, "-o", "films")
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["1 of 3", "2 of 3", "3 of 3", "films"]
    assert lines[-1] == "films: 3 made."
    told = "\n".join(lines)
    for path in ("films/1.mp4", "films/sub/2.srt", "films/mini.mp4"):
        assert re.search(rf"{path} \(\d+ k?B\)", told), path
        assert Path(path).stat().st_size > 50
    assert all(re.search(r"; \d+ s left$", line) for line in lines[:2])
    again = call("batch", name, "-o", "films").stdout.splitlines()
    assert again == ["3 films of 3 are there already.", "films: 3 kept."]
    assert call("batch", name, "-o", "films", "--quiet").output == ""


def test_a_failure_is_told_at_the_end(call: Call, mini: str) -> None:
    text = Path(mini).read_text("utf-8")
    Path("bad.py").write_text(text.replace("self.wait(0.2)", "self.no()"), encoding="utf-8")
    name = listed('[[job]]\nstory = ["bad.py", "mini.py"]\noutput = "{story}-{number}.srt"\n')
    result = call("batch", name, fails=1)
    assert "mini-1.srt failed" in result.stdout
    assert Path("media/jobs/mini-2.srt").is_file()
    assert result.stdout.splitlines()[-1] == "media/jobs: 1 made, 1 failed."
    first, second = result.stderr.partition("Error: ")[2].splitlines()
    assert first == "1 film could not be made."
    assert second.startswith("  mini-1.srt: The story mini fails in the step read, line 15 of bad")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.few(1)
def test_a_terminal_has_a_bar_below_the_lines(mini: str, piped: bool) -> None:
    import pty

    name = listed('[[job]]\nstory = "mini.py"\npace = [1, 2]\noutput = "{number}.srt"\n')
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lstmviz", "batch", name, "--jobs", "1", "-o", "films"]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE if piped else theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how the end of a terminal is told
            while part := os.read(ours, 65536):
                shown += part
        printed = process.stdout.read().decode() if process.stdout else ""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.search(r"Films \S+ 0/2", text)
    assert re.search(r"Films \S+ 1/2 \d+ s left", text)
    lines = [line.strip() for line in (printed or text).splitlines()]
    assert any(re.fullmatch(r"1 of 2: films/1.srt \(\d+ B\); \d+ s left", line) for line in lines)
    assert any(re.fullmatch(r"2 of 2: films/2.srt \(\d+ B\)", line) for line in lines)
    assert lines[-1] == "films: 2 made."
    assert ("1 of 2: " in text) is not piped


def test_nothing_is_drawn_to_look_at_a_list(call: Call, mini: str) -> None:
    name = listed('[[job]]\nstory = "mini.py"\nlang = ["en", "zh"]\npace = [1, 2.0]\n')
    result = call("batch", name, "--dry-run", "-o", "films")
    assert result.stdout.splitlines() == [
        f"films/mini-{lang}-{pace}.mp4" for lang in ("en", "zh") for pace in ("1", "2.0")
    ]
    only = call("batch", name, "--dry-run", "--only", "*zh*")
    assert only.stdout == "media/jobs/mini-zh-1.mp4\nmedia/jobs/mini-zh-2.0.mp4\n"
    assert {path.name for path in Path().iterdir()} == {"mini.py", "jobs.toml"}


def test_paths_are_seen_from_the_list(call: Call, mini: str) -> None:
    place = Path("project")
    (place / "data").mkdir(parents=True)
    Path(mini).rename(place / "mini.py")
    (place / "words.toml").write_text('[mini]\nthink = "Hm."\n', encoding="utf-8")
    (place / "brand.toml").write_text('base = "light"\n', encoding="utf-8")
    (place / "data/x.csv").write_text("0.1,0.2\n0.3,0.4\n")
    seeded("lstm", inputs=2, hidden=3, seed=1).save(place / "data/net.npz")
    name = listed(
        '[[job]]\nstory = "mini.py:Mini"\ninput = "data/x.csv"\nnetwork = "data/net.npz"\n'
        'theme = "brand.toml"\nlang = "words.toml"\nat = 2\nunits = "1,3"\ncaptions = false\n'
        'output = "{story}-{input}-{network}-{theme}-{lang}-{at}-{fps}.gif"\nmax-size = "2MB"\n',
        name="project/jobs.toml",
    )
    (job,) = read_jobs(name)
    assert names([job]) == [["mini-x-net-brand-words-2-2.gif"]]
    np.testing.assert_array_equal(job.trace["x"], [[0.1, 0.2], [0.3, 0.4]])
    assert job.telling == Telling(at=1, units=(0, 2), captions=False, pace=2.0)
    assert (job.look.fps, job.look.quality, job.look.theme.name) == (2, "draft", "brand")
    assert job.look.lang.caption("mini", "think", "") == "Hm."
    assert job.outputs[0].options == {"max_size": 2_000_000}
    assert Path.cwd() == place.resolve().parent


def test_what_is_found_out_about_numbers_is_told_once(call: Call, mini: str) -> None:
    np.save("h.npy", trace := np.asarray(lstmviz.run([0.1, 0.5], cell="lstm")["h"]))
    assert trace.shape == (2, 4)
    name = listed(
        '[[job]]\nstory = "mini.py"\nlang = ["en", "zh"]\ninput = "0.1,0.5"\n'
        'check = "h.npy"\ntheme = ["dark", "light"]\n'
    )
    result = call("batch", name, "--dry-run")
    assert len(result.stdout.splitlines()) == 4
    assert len(result.stderr.splitlines()) == 1
    np.save("h.npy", trace + 0.1)
    assert "job 1 (line 5): " in call("batch", name, "--dry-run", fails=2).stderr


def test_a_loop_is_true_or_of_a_step(mini: str) -> None:
    jobs = read_jobs(
        listed(
            '[[job]]\nstory = "tanh"\n[[job]]\nstory = "tanh"\nloop = ["drop", "3"]\n'
            '[[job]]\nstory = "sigmoid"\nloop = false\n',
            "loop = true\n",
        )
    )
    assert [job.telling.loop for job in jobs] == ["", "drop", "3", None]
    assert names(jobs) == [
        ["tanh-loop.gif"],
        ["tanh-drop-loop.gif"],
        ["tanh-3-loop.gif"],
        ["sigmoid.mp4"],
    ]


def test_lists_make_every_combination(mini: str) -> None:
    jobs = read_jobs(
        listed(
            '[[job]]\nstory = ["mini.py", "tanh"]\nlang = ["en", "zh"]\nsubtitles = true\n'
            'output = "{theme}/{number:03}-{story}-{lang}.mp4"\n'
            '[[job]]\nstory = "tanh"\ntheme = "light"\nseed = [1, 2]\ninput = "0.1,0.5"\n',
            'theme = ["dark", "light"]\nmax_size = "1MB"\n',
        )
    )
    assert len(jobs) == 10
    assert names(jobs)[:3] == [
        ["dark/001-mini-en.mp4", "dark/001-mini-en.srt"],
        ["light/002-mini-en.mp4", "light/002-mini-en.srt"],
        ["dark/003-mini-zh.mp4", "dark/003-mini-zh.srt"],
    ]
    assert names(jobs)[-2:] == [["tanh-1.mp4"], ["tanh-2.mp4"]]
    films = [output for job in jobs for output in job.outputs if output.name.endswith(".mp4")]
    assert len(films) == len(jobs)
    assert all(film.options == {"max_size": 10**6} for film in films)
    assert jobs[0].trace is jobs[3].trace, "what many jobs tell is computed once"


FAULTS = [
    ("", "lists no job; write [[job]]"),
    ("[[job]\n", "jobs.toml is not valid TOML: "),
    ("[[jobs]]\n", "a table or key 'jobs' (did you mean 'job'?)"),
    ("[job]\n", "every job must be a table: [[job]]"),
    ("[[job]]\n", 'job 1 (line 5): it has no story; write, for example, story = "tanh".'),
    ('[[job]]\nstory = "tanhh"', "job 1 (line 5): There is no story 'tanhh' (did you mean 'ta"),
    ('[[job]]\nstory = "tanh"\nlangauge = "zh"', "no key 'langauge' (did you mean 'lang'?)."),
    ('[[job]]\nstory = "tanh"\nxyz = "zh"', "there is no key 'xyz'; a job has: story, input, "),
    ('[[job]]\nstory = "tanh"\njobs = 3', "there is no key 'jobs'"),
    ('[[job]]\nstory = "tanh"\nlang = "xx"', "There is no language 'xx'"),
    ('[[job]]\nstory = "tanh"\ntheme = "xx"', "There is no theme 'xx'"),
    ('[[job]]\nstory = "tanh"\ntheme = "xx.toml"', "The theme xx.toml cannot be read: no such"),
    ('[[job]]\nstory = "tanh"\nnetwork = "no.pt"', "There is no network file no.pt"),
    ('[[job]]\nstory = "no.py:Story"', "There is no Python file no.py"),
    ('[[job]]\nstory = "tanh"\ncell = "xyz"', "xyz"),
    ('[[job]]\nstory = "update-gate"\ncell = "lstm"', "The story update-gate shows"),
    ('[[job]]\nstory = "tanh"\nquality = "8k"', "quality: '8k' is not one of"),
    ('[[job]]\nstory = "tanh"\nfps = 1000', "fps: 1000 is not in the range"),
    ('[[job]]\nstory = "tanh"\nfps = 2.5', "fps: '2.5' is not a valid integer"),
    ('[[job]]\nstory = "tanh"\nfps = true', 'fps is true; write it as text, as in fps = "…".'),
    ('[[job]]\nstory = "tanh"\ncaptions = "maybe"', "captions: 'maybe' is not one of"),
    ('[[job]]\nstory = "tanh"\ntransparent = "yes"', "transparent is text; write true or false."),
    ('[[job]]\nstory = "tanh"\nlang = 2020-01-01', "lang is a date or time; write it as text"),
    ("[[job]]\nstory = 3", 'story is a number; write it as text, as in story = "…".'),
    ('[[job]]\nstory = "tanh"\ninput = [0.1, 0.5]', "input is a list, of which every value makes"),
    ('[[job]]\nstory = "tanh"\nlang = []', "lang is an empty list"),
    ('[[job]]\nstory = "tanh"\ninput = "-"', "would be standard input"),
    ('[[job]]\nstory = "tanh"\nat = "nowhere"', "nowhere"),
    ('[[job]]\nstory = "tanh"\nunits = "9"', "There is no unit 9"),
    (
        '[[job]]\nstory = "tanh"\nhidden = 8\nunits = "1,2,3,4,5"\naspect = ["16:9", "1:1"]',
        "Choose 1 to 4 different units in a picture of this shape, not 5.",
    ),
    ('[[job]]\nstory = "tanh"\nunits = "1,1"', "Choose 1 to 8 different units, not 2."),
    ('[[job]]\nstory = "tanh"\nat = "I:3"', "there is no number 3"),
    ('[[job]]\nstory = "tanh"\nat = 99', "There is no word 99"),
    ('[[job]]\nstory = "tanh"\nunits = "a"', "units: write units as 1,2"),
    ('[[job]]\nstory = "tanh"\nloop = true\noutput = "a.pdf"', "a.pdf would not: write it as .mp4"),
    (
        '[[job]]\nstory = "tanh"\noutput = "a.png"\nmax-size = "1MB"',
        "max-size is for files that end in",
    ),
    ('[[job]]\nstory = "tanh"\noutput = "a.avi"', "a.avi ends in .avi, which is no known format"),
    ('[[job]]\nstory = "tanh"\noutput = "{tehme}.mp4"', "output has {tehme}, which this job does"),
    ('[[job]]\nstory = "tanh"\noutput = "{theme!r}.mp4"', "has a field that is not plain"),
    ('[[job]]\nstory = "tanh"\noutput = "{.mp4"', "has braces that mean nothing"),
    ('[[job]]\nstory = "tanh"\noutput = "{theme:>999999999}.mp4"', "has a field that is not plain"),
    ('[[job]]\nstory = "tanh"\noutput = "{theme.__class__}.mp4"', "has a field that is not plain"),
    ('[[job]]\nstory = "tanh"\noutput = "../a.mp4"', "../a.mp4 is not below the folder"),
    ('[[job]]\nstory = "tanh"\noutput = ["a.mp4", "A.mp4"]', "output names A.mp4 twice"),
    (
        '[[job]]\nstory = "tanh"\nlang = ["en", "zh"]\noutput = "a.mp4"',
        "tell them apart, for example by {lang}.",
    ),
    (
        '[[job]]\nstory = "tanh"\n[[job]]\nstory = "tanh"',
        "job 2 (line 7): output names tanh.mp4, as job 1 (line 5) does",
    ),
    (
        f'[[job]]\nstory = "tanh"\nseed = {[*range(400)]}\nhidden = {[*range(1, 400)]}',
        "there are more than 100,000 films",
    ),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_faults_are_told_before_anything_is_drawn(
    text: str, told: str, refused: Refused, mini: str
) -> None:
    sentence = refused("batch", listed(text), "-o", "films")
    assert told in sentence
    assert "jobs.toml" in sentence
    assert not Path("films").exists()


def test_all_faults_are_told_at_once(mini: str) -> None:
    name = listed(
        '[[job]]\nstory = ["tanhh", "mini.py"]\n[[job]]\nstory = "mini.py"\nlang = ["xx", "zh"]\n',
        "fps = 0\nqualty = 3\n",
    )
    with pytest.raises(UsageError) as refused:
        read_jobs(name)
    first, *faults = str(refused.value).splitlines()
    assert first == "jobs.toml has 4 faults; nothing was rendered."
    assert [" ".join(fault.split()[:6]) for fault in faults] == [
        "[defaults]: fps: 0 is not in",
        "[defaults]: there is no key 'qualty'",
        "job 1 (line 4): There is",
        "job 2 (line 6): There is",
    ]
    text = "".join(f'[[job]]\nstory = "no{number}"\n' for number in range(30))
    with pytest.raises(UsageError) as refused:
        read_jobs(listed(text))
    assert str(refused.value).splitlines()[-1] == "  … and 10 more."


def test_what_cannot_be_asked_for_is_refused(refused: Refused, mini: str) -> None:
    assert "There is no file no.toml; `lstmviz batch --example`" in refused("batch", "no.toml")
    Path("folder").mkdir()
    assert "folder cannot be read: is a directory" in refused("batch", "folder")
    Path("film.mp4").write_bytes(b"\xff\xfe\x00")
    assert "film.mp4 is no text" in refused("batch", "film.mp4")
    assert "Name a file of jobs" in refused("batch")
    name = listed('[[job]]\nstory = "mini.py"\n')
    assert "No film is named like 'x*'; names are such as mini.mp4." in refused(
        "batch", name, "--only", "x*"
    )
    assert "--jobs is for this machine" in refused(
        "batch", name, "--jobs", 2, "--dask", "tcp://x:1"
    )


def test_what_is_said_of_a_network_names_keys(call: Call, refused: Refused, mini: str) -> None:
    seeded("lstm", 3, 4).save(Path("net.npz"))
    job = f'[[job]]\nstory = "{mini}"\nnetwork = "net.npz"\ninput = "[[1, 2, 3]]"\n'
    told = refused("batch", listed(job + 'head = "fc"\npad-side = "left"\n'))
    assert "leave out head and pad-side" in told
    assert in_keys("say head='fc' or pad_side=, not force=True or W=2.") == (
        'say head = "fc" or pad-side, not force=True or W=2.'
    )
    many = f'[[job]]\nstory = "{mini}"\ntrace = "t.npz"\ncolumns = "a,b"\n'
    lstmviz.run([1.0, 2.0]).save(Path("t.npz"))
    assert "leave out columns." in refused("batch", listed(many))


def test_the_example_is_a_list_that_can_be_made(call: Call, mini: str) -> None:
    printed = call("batch", "--example").stdout
    assert printed == template()
    Path("jobs.toml").write_text(printed, encoding="utf-8")
    assert len(read_jobs("jobs.toml")) == 12
    keys = {key for table in tomllib.loads(printed)["job"] for key in table}
    assert keys - {"story", "output"} <= set(job_options())


def test_a_job_has_every_option_of_render_that_is_about_a_film() -> None:
    """Those of others than films are listed here, so that a new one is thought about."""
    given: dict[str | None, Any] = {
        each.name: each for each in main.commands["render"].params if isinstance(each, click.Option)
    }
    missing = set(given) - {option.name for option in job_options().values()}
    assert missing <= {"outputs", "jobs", "quiet", "cache", "force"}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (3.4, "3 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (3600, "60 min"),
        (5400, "1 h 30 min"),
        (86_460, "24 h 01 min"),
    ],
)
def test_times_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert duration(seconds) == told
