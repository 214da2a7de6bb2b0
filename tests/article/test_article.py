"""The article: files, pages, going on after an interruption, and failures that stop nothing."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from lstmviz import UsageError
from lstmviz.article import article, pages
from lstmviz.article.figures import FIGURES, Figure, as_sentence, chosen, heading, recorded
from lstmviz.article.pages import split
from lstmviz.cli import main
from lstmviz.films.render import Progress
from lstmviz.reel.reel import Step
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.style.language import language
from lstmviz.system import hashing

pytestmark = pytest.mark.slow

QUICK: dict[str, Any] = {"quality": "draft", "fps": 2, "pace": 2.0}
SCENE = '''from lstmviz.stage import Story


class {name}(Story):
    """The <{name}> & its curve: every value leaves."""

    def construct(self) -> None:
        with self.step("read", "It reads “{{word}}” & more, so that h is {{h[0]}}."):
            self.add(self.column("h"))
        with self.step("think", "Then it *thinks*."):
            self.wait(0.2)
'''


FIGURE = Figure(
    "tanh",
    9,
    "t",
    "t",
    "en",
    "dark",
    1,
    16,
    9,
    "16:9",
    (Step("a", "c", 0, 1, 0, 1),),
    {"09-tanh.mp4": 1, "09-tanh.png": 1},
    "",
)


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Small scenes of two figures in place of the shipped ones."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    for name in ("Tanh", "Sigmoid"):
        (folder / f"{name.lower()}.py").write_text(SCENE.format(name=name), encoding="utf-8")
    monkeypatch.setattr("lstmviz.stage.story.discovery.scenes_folder", lambda: folder)
    for module in ("film_key", "story_files"):
        monkeypatch.setattr(f"lstmviz.films.{module}.scenes_folder", lambda: folder)
    # So that somebody who works on the package meanwhile does not disturb.
    monkeypatch.setattr("lstmviz.films.film_key.package", lambda: "as it is")
    names = ("tanh", "sigmoid", "film")
    before = {name: sys.modules.get(f"lstmviz.scenes.{name}") for name in names}
    yield folder
    for name, module in before.items():
        sys.modules.pop(f"lstmviz.scenes.{name}", None)
        if module is not None:
            sys.modules[f"lstmviz.scenes.{name}"] = module


def make(folder: Path, *only: str, **options: Any) -> article.Report:
    return article.article(folder, only=only or ("tanh", "sigmoid"), **{**QUICK, **options})


class Page(HTMLParser):
    """What stands in a page: tags with their attributes, and text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, wanted: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == wanted]


def test_every_figure_is_numbered_in_the_order_of_the_article(scenes: Path, tmp_path: Path) -> None:
    report = make(tmp_path / "a", "sigmoid", "tanh", films="both")
    assert report.drawn == ("tanh", "sigmoid")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        f"{stem}.{ending}"
        for stem in ("09-tanh", "13-sigmoid")
        for ending in ("mp4", "gif", "png", "srt", "vtt")
    } | {"article.json", "index.html", "index.md"}
    assert Image.open(tmp_path / "a/09-tanh.png").size == (854, 480)


def test_the_page_shows_each_figure_with_its_words(scenes: Path, tmp_path: Path) -> None:
    make(tmp_path / "a")
    page = Page(tmp_path / "a/index.html")
    films = page.all("video")
    assert [film["src"] for film in films] == ["09-tanh.mp4", "13-sigmoid.mp4"]
    for film, track in zip(films, page.all("track"), strict=True):
        assert {"controls", "muted", "loop", "playsinline"} <= set(film)
        assert film["poster"] == film["src"].replace(".mp4", ".png")
        assert film["aria-label"].startswith("The <")
        kind, _, data = track["src"].partition(",")
        assert kind == "data:text/vtt;base64"
        subtitles = (tmp_path / "a" / film["src"]).with_suffix(".vtt").read_text(encoding="utf-8")
        assert base64.b64decode(data).decode() == subtitles
    assert "The <Tanh> & its curve" in page.text
    assert "Every value leaves." in page.text
    assert page.text.count("Then it *thinks*.") == 2
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a") if link["href"][0] == "#"} <= set(ids)


def test_the_page_needs_no_network(scenes: Path, tmp_path: Path) -> None:
    make(tmp_path / "a", "tanh")
    text = (tmp_path / "a/index.html").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp", text)
    page = Page(tmp_path / "a/index.html")
    named = [a[key] for _, a in page.tags for key in ("src", "href", "poster") if key in a]
    local = [name for name in named if not name.startswith(("#", "data:"))]
    assert len(local) >= 4
    assert all((tmp_path / "a" / name).is_file() for name in local)


def test_gifs_stand_in_the_page_where_there_is_no_video(scenes: Path, tmp_path: Path) -> None:
    make(tmp_path / "a", "tanh", films="gif")
    page = Page(tmp_path / "a/index.html")
    assert not page.all("video")
    (picture,) = [image for image in page.all("img") if image["src"].endswith(".gif")]
    assert "so that h is " in picture["alt"]
    assert "](09-tanh.gif)" in (tmp_path / "a/index.md").read_text(encoding="utf-8")


def test_markdown_says_the_same(scenes: Path, tmp_path: Path) -> None:
    make(tmp_path / "a")
    text = (tmp_path / "a/index.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 9. The \\<Tanh\\> & its curve",
        "## 13. The \\<Sigmoid\\> & its curve",
    ]
    assert "[![The \\<Tanh\\> & its curve](09-tanh.png)](09-tanh.mp4)" in text
    assert "\n2. Then it \\*thinks\\*.\n" in text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "a <!-- <b> ![c](d) | `e` ~~f~~ $g$",
            r"a \<!-- \<b\> !\[c\](d) \| \`e\` "
            r"\~\~f\~\~ \$g\$",
        ),
        ("a & b &lt; &#60;", r"a & b \&lt; \&\#60;"),
        ("a\n\n# b\n", r"a \# b"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
    ],
)
def test_markdown_takes_every_letter_as_it_is(text: str, written: str) -> None:
    english = language("en")
    words = replace(english, article={**english.article, "page-title": text, "page-lead": text})
    figure = replace(FIGURE, title=text, steps=(replace(FIGURE.steps[0], caption=text),))
    head, lead, heading, poster, sentence = pages.markdown([figure], words).split("\n\n")
    assert (head, lead, heading) == (f"# {written}", written, f"## 9. {written}")
    assert poster == f"[![{written}](09-tanh.png)](09-tanh.mp4)"
    assert sentence == f"1. {written}\n"


def test_what_is_there_is_kept(scenes: Path, tmp_path: Path) -> None:
    place = tmp_path / "a"
    assert make(place, "tanh").drawn == ("tanh",)
    report = make(place)
    assert (report.kept, report.drawn) == (("tanh",), ("sigmoid",))
    assert len(Page(place / "index.html").all("video")) == 2
    (place / "13-sigmoid.vtt").unlink()
    assert make(place).drawn == ("sigmoid",)
    (place / "09-tanh.mp4").write_bytes(b"half")
    assert make(place, force=True).drawn == ("tanh",)
    assert make(place).drawn == ()


def test_a_figure_is_made_again_when_its_source_or_a_setting_changes(
    scenes: Path, tmp_path: Path
) -> None:
    place = tmp_path / "a"
    make(place)
    with (scenes / "tanh.py").open("a", encoding="utf-8") as source:
        source.write("# another line\n")
    assert make(place).drawn == ("tanh",)
    assert make(place, "tanh", input="Another sentence").drawn == ("tanh",)
    assert make(place, "tanh", theme="light").drawn == ("tanh",)
    assert make(place, "tanh", theme="light", films="both").drawn == ("tanh",)
    assert make(place, "tanh", theme="light").kept == ("tanh",)
    assert [v["src"] for v in Page(place / "index.html").all("video")] == ["09-tanh.mp4"]
    assert make(place, "sigmoid").kept == ("sigmoid",)


def test_the_film_is_made_again_when_a_figure_changes(scenes: Path, tmp_path: Path) -> None:
    (scenes / "film.py").write_text(
        "from lstmviz.stage.stories.film import FilmStory\n\n\nclass Film(FilmStory):\n"
        '    """The film: both."""\n\n    def construct(self) -> None:\n'
        '        self.tell("tanh", chapter="tanh")\n'
        '        self.tell("sigmoid", chapter="sigmoid")\n',
        encoding="utf-8",
    )
    place = tmp_path / "a"
    assert make(place, "film").drawn == ("film",)
    assert make(place, "film").kept == ("film",)
    with (scenes / "tanh.py").open("a", encoding="utf-8") as source:
        source.write("# another line\n")
    assert make(place, "film").drawn == ("film",)


@pytest.mark.verify
def test_all_is_made_again_when_the_package_changes(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "a")
    monkeypatch.setattr("lstmviz.films.film_key.package", lambda: "another")
    assert make(tmp_path / "a").drawn == ("tanh", "sigmoid")


def test_what_is_drawn_with_counts_as_source() -> None:
    contents = list(hashing.contents(files("lstmviz"), hashing.NO_PICTURES))
    for path in (
        "stage/circuits/wire.py",
        "demo/rnn.npz",
        "films/render.py",
    ):
        assert (files("lstmviz") / path).read_bytes() in contents, path
    font = (files("lstmviz") / "style/fonts/NotoSans-Regular.ttf").read_bytes()
    assert font[:1024] in contents  # where the checksums of its tables stand
    for path in (
        "cli/article.py",
        "export/loops/gif.py",
        "article/article.py",
        "style/languages/zh.toml",
    ):
        assert (files("lstmviz") / path).read_bytes() not in contents, path


def test_figures_are_made_side_by_side(scenes: Path, tmp_path: Path) -> None:
    heard: list[Progress] = []
    alone = make(tmp_path / "a", jobs=1)
    together = make(tmp_path / "b", jobs=2, cache=False, progress=heard.append)
    assert (together.drawn, together.kept) == (alone.drawn, alone.kept)
    for name in ("09-tanh.mp4", "13-sigmoid.mp4", "09-tanh.png", "index.html", "index.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    done = [each.done for each in heard]
    assert done == sorted(done)
    assert {each.total for each in heard} == {2000}
    assert done[-1] > 1500


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_listener_that_fails_is_no_failure_of_a_figure(
    scenes: Path, tmp_path: Path, jobs: int
) -> None:
    def listen(now: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(tmp_path / "a", jobs=jobs, progress=listen)


def test_an_interruption_leaves_pages_of_what_there_is(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(name: str, outcome: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "a", tell=tell, jobs=1)
    assert [v["src"] for v in Page(tmp_path / "a/index.html").all("video")] == ["09-tanh.mp4"]
    report = make(tmp_path / "a")
    assert (report.kept, report.drawn) == (("tanh",), ("sigmoid",))


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"figures": 3}', '{"figures": {"tanh": {}}}'])
@pytest.mark.few(2)
def test_a_damaged_record_is_no_hindrance(scenes: Path, tmp_path: Path, damaged: str) -> None:
    place = tmp_path / "a"
    place.mkdir()
    (place / "article.json").write_text(damaged, encoding="utf-8")
    assert make(place, "tanh", force=True).drawn == ("tanh",)
    assert set(json.loads((place / "article.json").read_text("utf-8"))["figures"]) == {"tanh"}


def test_only_a_sound_record_tells_of_a_figure(tmp_path: Path) -> None:
    def told(**change: Any) -> dict[str, Figure]:
        text = json.dumps({"figures": {"tanh": {**asdict(FIGURE), **change}}})
        (tmp_path / "article.json").write_text(text, encoding="utf-8")
        return recorded(tmp_path)

    assert told() == {"tanh": FIGURE}
    assert told(files={"../09-tanh.mp4": 1}) == {}
    assert told(files={'09-tanh.mp4"><script>': 1}) == {}
    assert told(files={"09-tanh.mp4": "1"}) == {}
    assert told(name="<script>") == {}
    assert told(title=["t"]) == {}
    assert told(width="16") == {}
    assert told(steps=[{**asdict(FIGURE.steps[0]), "start": "0"}]) == {}
    (tmp_path / "article.json").write_text("[" * 100_000, encoding="utf-8")
    assert recorded(tmp_path) == {}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_failure_stops_nothing_and_is_told_at_the_end(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    broken = SCENE.format(name="Tanh").replace("self.wait(0.2)", "self.no_such_word('h')")
    (scenes / "tanh.py").write_text(broken, encoding="utf-8")
    (scenes / "tanh.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LSTMVIZ_ARTICLE_JOBS", jobs)
    result = called("article", "--only", "tanh,sigmoid,gates", "-o", "a", fails=1)
    assert "13-sigmoid of 22: drawn" in result.stdout
    assert "09-tanh of 22: failed" in result.stdout
    told = result.stderr.partition("Error: ")[2].splitlines()
    assert told[0] == "2 figures could not be made."
    assert told[1].startswith("  gates: There is no story 'gates'")
    assert told[2].startswith("  tanh: The story tanh fails in the step think, line 11 of tanh.py")
    assert [v["src"] for v in Page(tmp_path / "a/index.html").all("video")] == ["13-sigmoid.mp4"]
    assert not [path for path in Path("a").iterdir() if path.name.startswith((".", "09"))]


def test_the_command_line(scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = called("article", "--only", "tanh", "--lang", "zh", "--theme", "light")
    assert result.stdout.splitlines()[0] == "09-tanh of 22: drawn"
    page = Page(Path("media/article/index.html"))
    assert page.all("html")[0]["lang"] == "zh"
    assert page.all("meta")[-1]["content"] == "light"
    assert (
        called("article", "--only", "tanh", "--lang", "zh", "--theme", "light", "--quiet").stdout
        == ""
    )


def called(*arguments: str, fails: int = 0) -> Result:
    quick = ("--quality", "draft", "--fps", "2", "--pace", "2")
    result = CliRunner().invoke(main, [arguments[0], *quick, *arguments[1:]])
    assert result.exit_code == fails, result.output
    return result


def test_wrong_requests_are_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no figure 'tanhh' \(did you mean 'tanh'"):
        make(tmp_path / "a", "tanhh")
    with pytest.raises(UsageError, match="No figure is named"):
        make(tmp_path / "a", " ")
    with pytest.raises(UsageError, match="no format 'avi'"):
        make(tmp_path / "a", films="avi")
    with pytest.raises(UsageError, match="theme"):
        make(tmp_path / "a", theme="purple")
    assert not (tmp_path / "a").exists()
    with pytest.raises(UsageError, match="does not exist"):
        make(tmp_path / "no" / "a")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is not a folder"):
        make(tmp_path / "file")


def test_names_are_taken_as_people_write_them() -> None:
    assert chosen(["Forget_Gate", " tanh "]) == ("tanh", "forget-gate")
    assert chosen(None) == FIGURES


def test_every_figure_is_a_story() -> None:
    assert set(FIGURES) <= {story.name for story in stories()}
    assert len(FIGURES) == len(set(FIGURES)) == 22


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_line_in_every_language(name: str) -> None:
    story = find_story(name)
    english = heading(name, story, language("en"))
    chinese = heading(name, story, language("zh"))
    assert 5 < len(english) < 90
    assert re.search("[一-鿿]", chinese)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("how much stays", "How much stays"),
        ("a vector explodes", "A vector explodes"),
        ("élan", "Élan"),
        ("x and h are weighed", "x and h are weighed"),
        ("h, and c", "h, and c"),
        ("x 和 h 各自加权", "x 和 h 各自加权"),
        ("h与x", "h与x"),
        ("σ of a sum", "σ of a sum"),
        ("tanh bends", "tanh bends"),
        ("a_f goes in", "a_f goes in"),
        ("xylophones", "Xylophones"),
        ("", ""),
    ],
)
def test_a_line_begins_with_a_capital_unless_with_a_symbol(line: str, written: str) -> None:
    assert as_sentence(line) == written


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_symbol_is_small_on_the_page_of_the_article(lang: str) -> None:
    words, symbols = language(lang), re.compile(r"(?<![A-Za-z])[XHCFGRZN](?![A-Za-z])")
    for name in FIGURES:
        _, line = split(heading(name, find_story(name), words))
        assert not symbols.match(line), line
    assert split("The RNN’s cell: x and h are weighed")[1] == "x and h are weighed"


def test_figures_of_another_shape_are_drawn_anew_and_shown_upright(
    scenes: Path, tmp_path: Path
) -> None:
    make(tmp_path / "a")
    report = make(tmp_path / "a", "tanh", aspect="9:16")
    assert (report.drawn, report.kept) == (("tanh",), ())
    assert Image.open(tmp_path / "a/09-tanh.png").size == (480, 854)
    page = Page(tmp_path / "a/index.html")
    assert [film["src"] for film in page.all("video")] == ["09-tanh.mp4"], "the other one is wide"
    assert [figure.get("class") for figure in page.all("figure")] == ["tall"]
    assert make(tmp_path / "a", "tanh", aspect="9:16").kept == ("tanh",)
    with pytest.raises(UsageError, match="There is no aspect '3:2'"):
        make(tmp_path / "b", aspect="3:2")
    assert not (tmp_path / "b").exists()
