"""Languages of one's own on the command line: a file to fill in, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from click.testing import Result

from lstmviz.reel.reel import Reel
from lstmviz.style.language import language, texts

Call = Callable[..., Result]
QUICK = ("--quality", "draft", "--fps", "2", "--pace", "2")
TOTAL = sum(map(len, texts().values()))


def test_a_file_is_printed_filled_in_and_looked_at(
    call: Call, refused: Callable[..., str], mini: str
) -> None:
    Path("eo.toml").write_text(call("language", "--template", "eo").stdout, encoding="utf-8")
    checked = call("check", "--lang", "eo.toml", fails=1)
    assert checked.stdout.splitlines() == [*language("eo.toml").missing]
    assert checked.stderr == f"{TOTAL} of {TOTAL} texts are missing in eo.toml.\n"
    whole = call("language", "--template", "es").stdout
    Path("es.toml").write_text(whole, encoding="utf-8")
    assert call("check", "--lang", "es.toml").stdout == f"es.toml: all {TOTAL} texts are there.\n"
    assert call("check", "--lang", "zh", "--quiet").stdout == ""
    assert call("language", "--template", "es.toml").stdout == whole
    call("language", "--template", "es.toml", "-o", "new.toml")
    assert Path("new.toml").read_text(encoding="utf-8") == whole
    Path("new.toml").write_text(f"{whole}# mine", encoding="utf-8")
    assert "--force" in refused("language", "--template", "es", "-o", "new.toml")


@pytest.mark.slow
def test_what_is_missing_is_said_once(call: Call, mini: str) -> None:
    whole = call("language", "--template", "es").stdout
    Path("my.toml").write_text(whole.replace('"Reproducir"', '""'), encoding="utf-8")
    asked = ("render", mini, *QUICK, "--lang", "my.toml", "-o", "a.reel")
    note = (
        f"Note: 1 of {TOTAL} text is missing in my.toml and stays English: files.play; "
        "see lstmviz check --lang my.toml\n"
    )
    assert call(*asked).stderr.count(note) == 1
    assert call(*asked, "--quiet").stderr == ""
    job = '[[job]]\nstory = "mini.py"\nlang = "my.toml"\npace = [1, 2]\noutput = "{number}.srt"\n'
    Path("jobs.toml").write_text(job, encoding="utf-8")
    assert call("batch", "jobs.toml", "-o", "films").stderr.count("missing in my.toml") == 1
    assert "missing" not in call("render", mini, *QUICK, "--lang", "zh", "-o", "b.srt").stderr


@pytest.mark.slow
def test_what_no_font_has_is_said(call: Call, mini: str) -> None:
    Path("my.toml").write_text("[terms]\nforget = '\U00013001'\n", encoding="utf-8")
    asked = (mini, *QUICK, "--input", "\U00013000 is old", "-o", "a.reel", "--lang", "my.toml")
    said = call("render", *asked).stderr
    for character in ("\U00013000 (U+13000)", "\U00013001 (U+13001)"):
        assert f"Note: no font has {character}; each is drawn as its code point in a box" in said
    assert "U+13000" in Reel.load("a.reel").steps[0].notes
    job = '[[job]]\nstory = "mini.py"\ninput = "\U00013000"\noutput = "a.srt"\n'
    Path("jobs.toml").write_text(job, encoding="utf-8")
    assert call("batch", "jobs.toml", "-o", "films").stderr.count("U+13000") == 1


@pytest.mark.slow
def test_files_speak_the_user_s_own_language(call: Call, mini: str) -> None:
    whole = call("language", "--template", "es").stdout.replace('code = "es"', 'code = "ast"')
    whole = whole.replace('"spa"', '"ast"').replace('"Pantalla completa"', '"Pantalla enteru"')
    whole = whole.replace("[titles]", '[titles]\nmini = "Lo más pequeño."')
    Path("my.toml").write_text(f'{whole}\n[mini]\nread = "Lee {{word}}."\n', encoding="utf-8")
    call("render", mini, *QUICK, "--lang", "my.toml", "-o", "a.reel")
    reel = Reel.load("a.reel")
    assert (reel.language, reel.title) == ("ast", "Lo más pequeño")
    assert reel.alt.startswith("Lo más pequeño. Lee ")
    call("export", "a.reel", "-o", "a.html", "-o", "a.mp4")
    page = Path("a.html").read_text(encoding="utf-8")
    assert '<html lang="ast">' in page
    assert "Pantalla enteru" in page
    assert "Full screen" not in page
    with av.open("a.mp4") as film:
        assert film.streams.subtitles[0].language == "ast"


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "The tanh function: every"), ("zh", "tanh 函数：无")]
)
@pytest.mark.few(1)
@pytest.mark.slow
def test_stills_have_their_title_in_the_language(
    call: Call, mini: str, lang: str, title: str
) -> None:
    call("still", "tanh", "--step", "values", "--lang", lang, "--quality", "draft", "-o", "a.svg")
    assert f'<title id="title">{title}' in Path("a.svg").read_text(encoding="utf-8")
