"""Jobs on a real Dask cluster of two worker processes on this machine, of which one is killed."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from clusters import Cluster, until
from distributed import Client
from making import job

from lstmviz.batch import Job, batch
from lstmviz.batch.package import OtherVersion, Packer, deliver, versions
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.style import theme

pytestmark = pytest.mark.verify

FONTS = Path(theme.__file__).parent / "fonts"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7h-7z"/></svg>'


def brand(folder: Path) -> tuple[str, str]:
    """A theme with a font and a logo, and a language, each in a file."""
    shutil.copy(FONTS / "NotoSansMono-Regular.ttf", folder / "mono.ttf")
    (folder / "logo.svg").write_text(LOGO)
    (folder / "brand.toml").write_text(
        'base = "light"\n[fonts]\nregular = "mono.ttf"\n[logo]\nfile = "logo.svg"\n'
    )
    (folder / "fr.toml").write_text(
        '[mini]\nread = "Il lit {word}, donc h est {h[0]}."\n', encoding="utf-8"
    )
    return str(folder / "brand.toml"), str(folder / "fr.toml")


def test_a_killed_worker_and_a_failing_job_stop_nothing(
    mini: str, tmp_path: Path, cluster: Cluster
) -> None:
    scenes = Path(mini).parent
    colours, words = brand(scenes)
    jobs = [
        job(mini, "good tea", "a.reel", "fr/a.srt", theme=colours, lang=words),
        job(mini, "wrong tea", "wrong.reel"),
        job(mini, "bad tea", "b.reel", "b.mp4"),
        job(mini, "but tea", "c.reel", theme=colours),
        job("tanh", "0.1 0.9", "tanh.srt"),
        job(mini, "fatal tea", "fatal.reel"),
        job(mini, "bad food", "d.reel"),
    ]
    expected = tmp_path / "here"
    batch(
        [each for each in jobs if each.outputs[0].name not in ("wrong.reel", "fatal.reel")],
        expected,
        processes=2,
    )

    # The first holds a job until it is killed; the second must do everything, in two threads.
    mortal = cluster.worker("mortal", "--nthreads", "1", "--no-nanny")
    (mortal / "linger").touch()
    cluster.worker("other", "--nthreads", "2")
    cluster.ready(2)
    notes: list[str] = []

    def kill() -> None:
        until((mortal / "at-work").exists, "work on the first worker")
        until(lambda: (mortal / "at-work").read_text(), "its number")
        os.kill(int((mortal / "at-work").read_text()), signal.SIGKILL)

    def begun(total: int, kept: int) -> None:
        scenes.rename(tmp_path / "elsewhere")  # nobody can read from it any more

    killer = threading.Thread(target=kill)
    killer.start()
    place = tmp_path / "out"
    report = batch(jobs, place, dask=cluster.address, begun=begun, note=notes.append)
    killer.join()
    assert report.made == 5
    assert set(report.failed) == {"wrong.reel", "fatal.reel"}
    assert "line 13 of mini.py: KeyError: 'what is wrong'." in report.failed["wrong.reel"]
    assert report.failed["fatal.reel"].startswith("2 workers were lost with it")
    assert [note for note in notes if "--nthreads 1" in note]
    for name in ("a.reel", "fr/a.srt", "b.reel", "c.reel", "d.reel", "tanh.srt"):
        assert (place / name).read_bytes() == (expected / name).read_bytes(), name
    assert "Il lit good" in (place / "fr/a.srt").read_text(encoding="utf-8")
    assert (place / "b.mp4").stat().st_size > 1000
    assert not list(place.glob(".*"))
    (tmp_path / "elsewhere").rename(scenes)
    assert batch(jobs[:1], place, dask="tcp://127.0.0.1:1").kept == 1, "nothing is left to ask for"


def test_jobs_wait_for_workers_that_must_have_the_same_versions(
    mini: str, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [job(mini, "good tea", "a.srt")]
    # Without lstmviz, and with one of another version.
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "sitecustomize.py").write_text("import sys; sys.modules['lstmviz'] = None\n")
    search = os.pathsep.join([str(bare), *sys.path])
    cluster.worker("bare", "--no-nanny", PYTHONPATH=search)
    cluster.ready(1)
    with pytest.raises(LstmvizError, match=r"worker tcp:.* has no lstmviz like this .*; install"):
        batch(jobs, tmp_path / "out", dask=cluster.address)
    cluster.begun.pop().kill()

    begun = time.monotonic()
    notes: list[str] = []
    made: list[Any] = []
    waiting = threading.Thread(
        target=lambda: made.append(
            batch(jobs, tmp_path / "out", dask=cluster.address, note=notes.append)
        )
    )
    with Client(cluster.address, set_as_default=False) as client:
        until(lambda: not client.nthreads(), "the end of the worker")
    waiting.start()
    until(lambda: notes, "a word about it")
    assert notes[0].endswith("has no worker yet; the jobs wait for the first.")
    cluster.worker("first", "--nthreads", "1", "--no-nanny")
    waiting.join(60)
    assert made[0].made == 1
    assert time.monotonic() - begun < 60

    # A worker that came when all others had been looked at.
    other = [job(mini, "but tea", "c.srt")]
    with monkeypatch.context() as patched:
        patched.setattr("lstmviz.batch.package.versions", lambda: {**versions(), "PyAV": "0.1"})
        with pytest.raises(LstmvizError, match=r"A worker makes other pictures: PyAV is .* here;"):
            batch(other, tmp_path / "out", dask=cluster.address)
    monkeypatch.setattr("lstmviz.batch.cluster.versions", lambda: {**versions(), "Manim": "0.1"})
    with pytest.raises(LstmvizError, match=r"makes other pictures: Manim is 0.22\S* there and 0.1"):
        batch([job(mini, "bad tea", "b.srt")], tmp_path / "out", dask=cluster.address)


def test_a_scheduler_that_is_lost_or_an_interruption_ends_it(
    mini: str, tmp_path: Path, cluster: Cluster
) -> None:
    (tmp_path / "jobs.toml").write_text(f'[[job]]\nstory = "{mini}"\noutput = "a.srt"\n')
    command = [
        sys.executable,
        "-m",
        "lstmviz",
        "batch",
        str(tmp_path / "jobs.toml"),
        "--dask",
        cluster.address,
        "-o",
        str(tmp_path / "out"),
    ]
    search = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with Client(cluster.address, set_as_default=False) as client:

        def tasks() -> int:
            count = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            return int(count)

        for wanted in ("interrupt", "loss"):
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=search
            )
            until(tasks, "a job at the scheduler")
            if wanted == "interrupt":
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=60)[0] == ""
                assert process.returncode == 130
                until(lambda: not tasks(), "the end of what nobody waits for")
    cluster.scheduler.kill()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("Error: The connection to the scheduler was lost; st")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1 within 5 s; start"),
        ("here", "here cannot be connected to (missing port number"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1 cannot be connected to (TLS expects"),
    ],
)
def test_a_scheduler_that_does_not_answer(
    address: str, told: str, mini: str, tmp_path: Path
) -> None:
    begun = time.monotonic()
    with pytest.raises(UsageError) as refused:
        batch([job(mini, "good tea", "a.srt")], tmp_path / "out", dask=address)
    assert str(refused.value).startswith(told)
    assert time.monotonic() - begun < 20
    assert not (tmp_path / "out").exists()


def test_the_library_is_named_when_it_is_missing(
    mini: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LstmvizError, match=r"install it: .*pip install 'distributed"):
        batch([job(mini, "good tea", "a.srt")], tmp_path / "out", dask="tcp://127.0.0.1:1")


def packed(made: Job) -> tuple[bytes, dict[str, str], Any]:
    """A job as a worker gets it, to whom its helper is unknown."""
    parcel, files = Packer().pack(made)
    sys.modules.pop("helper", None)
    return pickle.dumps(parcel), dict(parcel.versions), files


def test_a_worker_refuses_what_would_look_different(mini: str) -> None:
    content, ours, files = packed(job(mini, "good tea", "a.srt"))
    with pytest.raises(OtherVersion, match=r"^Manim is .* there and 0.1 here$") as refused:
        deliver(content, {**ours, "Manim": "0.1"}, files)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


def test_a_worker_forgets_the_modules_of_a_job(mini: str) -> None:
    first = packed(job(mini, "good tea", "a.reel"))
    alike = deliver(*first).contents
    assert "helper" not in sys.modules
    helper = Path(mini).with_name("helper.py")
    helper.write_text("def act(word):\n    raise ValueError('another helper')\n")
    with pytest.raises(LstmvizError, match="another helper"):
        deliver(*packed(job(mini, "good tea", "a.reel")))
    assert deliver(*first).contents == alike


def test_threads_of_a_worker_draw_one_after_the_other(mini: str) -> None:
    looks = [("draft", "dark"), ("720p", "light"), ("720p", "dark"), ("draft", "light")]
    jobs = [
        packed(job(mini, "good tea", "a.reel", quality=quality, theme=colours))
        for quality, colours in looks
    ]
    alone = [deliver(*each).contents for each in jobs]
    together: dict[int, Any] = {}

    def draw(number: int) -> None:
        together[number] = "nothing"
        together[number] = deliver(*jobs[number]).contents

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(len(jobs))] == alone


def test_a_parcel_is_small(mini: str) -> None:
    made = job(mini, "The food was great, but the waiter was rude.", "a.mp4", theme="light")
    content, _, files = packed(made)
    assert len(content) < 60_000
    assert files == {}
