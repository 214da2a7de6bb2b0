"""Completion in the shell: what is offered, quickly and without a word of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from lstmviz.cli import main
from lstmviz.stage.story.outlines import outlines


def offered(typed: str, begun: str = "") -> list[str]:
    shell = ShellComplete(main, {}, "lstmviz", "_LSTMVIZ_COMPLETE")
    return [each.value for each in shell.get_completions(_parts(typed), begun)]


def _parts(typed: str) -> list[str]:
    import shlex

    return shlex.split(typed)


@pytest.mark.parametrize(
    ("typed", "begun", "expected"),
    [
        ("", "sl", ["slides"]),
        ("render", "forg", ["forget-gate"]),
        ("render", "FORG", ["forget-gate"]),
        ("slides tanh", "sigm", ["sigmoid"]),
        ("watch", "lstm-co", ["lstm-code"]),
        ("render tanh --cell", "gru-r", ["gru-reset-before"]),
        ("render tanh --theme", "", ["dark", "light"]),
        ("article --lang", "z", ["zh"]),
        ("trace --network", "recall-", ["recall-gru", "recall-rnn"]),
        ("render tanh --quality", "1", ["1080p"]),
        ("render tanh --input 'good but dull, good' --at", "", ["good", "but", "dull", ","]),
        ("render tanh --input 'good but dull' --at", "du", ["dull"]),
        ("still tanh --step", "cu", ["curve"]),
        ("render tanh --loop", "cu", ["curve"]),
        ("article --only", "upd", ["update-gate"]),
        ("help", "comp", ["completion"]),
        ("list", "sto", ["stories"]),
        ("cache", "", ["clear"]),
    ],
)
def test_names_are_offered(typed: str, begun: str, expected: list[str]) -> None:
    assert offered(typed, begun) == expected


def test_the_words_and_steps_of_files_are_offered(mini: str) -> None:
    Path("review.txt").write_text("plain but true", encoding="utf-8")
    assert offered(f"render {mini} --input review.txt --at") == ["plain", "but", "true"]
    assert offered(f"still {mini} --step") == ["read", "think"]


@pytest.mark.parametrize(
    "typed",
    [
        "render nothing --loop",
        "still lost.py --step",
        "export lost.reel --step",
        "render tanh --at",
        "render tanh --input '' --at",
        "render tanh --quality 5 --at",
        "render tanh --xyz 1 --at",
        "render tanh sigmoid --cell lstm --cell gru --at",
    ],
)
def test_where_nothing_is_known_nothing_is_offered(typed: str) -> None:
    assert offered(typed) == []


def test_after_a_command_that_is_none_those_that_there_are_follow() -> None:
    assert "render" in offered("rendr tanh --cell")


def test_a_file_is_offered_where_no_name_fits() -> None:
    shell = ShellComplete(main, {}, "lstmviz", "_LSTMVIZ_COMPLETE")
    (item,) = shell.get_completions(["render"], "./my")
    assert (item.value, item.type) == ("./my", "file")


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_the_shell_is_told_what_to_do(kind: str) -> None:
    # As `eval` has it; bash is asked for its version, which is not there everywhere.
    script = click.shell_completion.get_completion_class(kind)
    assert script is not None
    assert "_LSTMVIZ_COMPLETE" in script(main, {}, "lstmviz", "_LSTMVIZ_COMPLETE").source()


@pytest.mark.slow
def test_completion_is_quick_and_imports_no_manim() -> None:
    code = (
        "import atexit, sys, lstmviz.cli\n"
        "atexit.register(lambda: print(int('manim' in sys.modules), file=sys.stderr))\n"
        "lstmviz.cli.main(prog_name='lstmviz')"
    )
    words = "lstmviz render tanh --cell "
    times = []
    for _ in range(2):
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"_LSTMVIZ_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"},
            capture_output=True,
            text=True,
            check=False,
        )
        times.append(time.perf_counter() - begun)
        assert "plain,lstm" in done.stdout.splitlines()
        assert done.stderr == "0\n"
    assert min(times) < 1.5, "0.3 seconds, on a machine that has nothing else to do"


def test_every_story_has_its_outline() -> None:
    from lstmviz.stage.story.discovery import stories

    assert {each.name for each in stories() if isinstance(each.source, Path)} == {*outlines()}


@pytest.mark.verify
@pytest.mark.parametrize("name", sorted(outlines()))
def test_an_outline_is_that_of_the_story(name: str) -> None:
    """What is wrong here is mended by `python tools/make_outlines.py`."""
    from lstmviz.films.render import trace_for
    from lstmviz.films.trace_request import TraceRequest
    from lstmviz.stage.drawing.forked_workers import dry_run
    from lstmviz.stage.drawing.slices import Teller
    from lstmviz.stage.manim.renderers import canvas
    from lstmviz.stage.story.discovery import find_story
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook

    story, look = find_story(name), FilmLook()
    trace = trace_for(story, TraceRequest())
    with canvas(look.theme, *look.picture, look.layout):
        told = Teller(story, trace, Telling().of(trace, look).options(look))
        steps = dry_run(told, look.picture, None).outline
    assert outlines()[name].steps == tuple(step.name for step in steps)
    assert outlines()[name].seconds == round(steps[-1].end)
