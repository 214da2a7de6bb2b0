"""Cells of somebody else's, with circuits and names of their own, in our stories."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import lstmviz
from lstmviz.engine.find_cell import find_cell_in_file
from lstmviz.engine.model import cells
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import all_cells
from lstmviz.errors import UsageError
from lstmviz.films.film_key import film_key
from lstmviz.stage import Circuit
from lstmviz.stage.circuits.by_cell import draw_circuit, family_of, name_of, name_within, spoken
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.telling import Telling
from lstmviz.style.language import language, languages
from lstmviz.style.look import FilmLook
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

MGU = Path(__file__).parents[3] / "docs" / "examples" / "mgu.py"
THEME, ENGLISH = theme_named("dark"), language("en")


@pytest.fixture
def mgu() -> Cell:
    return find_cell_in_file(f"{MGU}:mgu")


def traced(cell: Cell | str) -> Trace:
    return lstmviz.run([0.1, 0.9, -1.0], cell=cell, hidden=3)


def test_a_cell_from_a_file_is_drawn_with_its_circuit_and_called_by_its_label(mgu: Cell) -> None:
    trace = traced(mgu)
    circuit = draw_circuit(trace, THEME, ENGLISH)
    assert isinstance(circuit, Circuit)
    assert circuit.gates == {"forget": "f", "candidate": "n"}
    assert name_of(trace, ENGLISH) == "MGU"
    assert name_of(traced("lstm-peephole"), language("zh")) != "LSTM with peepholes"
    assert family_of(trace) == "mgu"
    assert family_of(traced("lstm-peephole")) == "lstm"


@pytest.mark.parametrize("lang", languages())
def test_a_cell_has_a_name_that_reads_within_a_sentence(lang: str) -> None:
    spoken_here = language(lang)
    for cell in all_cells():
        told = name_within(traced(cell), spoken_here)
        assert told
        assert not set(",，（(.") & set(told), cell.name
        title = name_of(traced(cell), spoken_here)
        assert not set("，（,") & set(title) or told != title


def test_a_cell_of_one_s_own_brings_such_a_name(tmp_path: Path) -> None:
    words = {"zh": {"cell own in a sentence": "自己的单元"}}

    @lstmviz.cell(gates="h", state="h", label="Own, plain", within="plain Own", words=words)
    def own(t: lstmviz.Moment) -> None:
        """A cell with a name for sentences."""
        t.h = t.affine("h", t.x, t.h_prev)

    traced(own).save(tmp_path / "trace.npz")
    for trace in (
        traced(own),
        pickle.loads(pickle.dumps(traced(own))),
        Trace.load(tmp_path / "trace.npz"),
    ):
        assert name_within(trace, ENGLISH) == "plain Own"
        story = find_story("hidden-state")(trace, lang="zh")
        assert (story.say("{cell}"), story.cell_name) == ("自己的单元", "Own, plain")


def test_a_cell_brings_the_words_that_a_language_lacks(tmp_path: Path) -> None:
    words = {"zh": {"relate": "关联", "forget": "别的", "cell own": "自己的"}}

    @lstmviz.cell(gates="h", state="h", label="Own", words=words)
    def own(t: lstmviz.Moment) -> None:
        """A cell with a word of its own."""
        t.h = t.affine("h", t.x, t.h_prev)

    traced(own).save(tmp_path / "trace.npz")
    for trace in (traced(own), Trace.load(tmp_path / "trace.npz")):
        chinese = spoken(trace, language("zh"))
        assert chinese.word("relate") == "关联"
        assert chinese.word("forget") == language("zh").word("forget")  # which the language has
        assert name_of(trace, chinese) == "自己的"
        assert spoken(trace, ENGLISH) is ENGLISH
        assert name_of(trace, ENGLISH) == "Own"
        assert find_story("hidden-state")(trace, lang="zh").cell_name == "自己的"


def test_a_trace_from_a_file_is_drawn_where_the_cell_is_at_hand(
    mgu: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced(mgu).save(tmp_path / "trace.npz")
    trace = Trace.load(tmp_path / "trace.npz")
    with pytest.raises(UsageError, match=r"no circuit of the cell mgu; those drawn are: .*ugrnn"):
        draw_circuit(trace, THEME, ENGLISH)

    class Offered:
        """An entry point, as another package would have it."""

        name = "mgu"

        def load(self) -> Cell:
            return mgu

    monkeypatch.setattr(cells, "entry_points", lambda group: [Offered()])
    assert isinstance(draw_circuit(trace, THEME, ENGLISH), Circuit)
    assert "mgu" in find_story("hidden-state").fitting_cells()
    assert "mgu" in find_story("tanh").fitting_cells()
    assert "mgu" not in find_story("forget-gate").fitting_cells()


def test_what_cannot_be_loaded_fits_no_story(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        """An entry point of a package that fails."""

        name = "broken"

        def load(self) -> Cell:
            raise ImportError

    monkeypatch.setattr(cells, "entry_points", lambda group: [Broken()])
    assert "broken" not in find_story("hidden-state").fitting_cells()


@pytest.mark.slow
def test_a_film_is_drawn_anew_when_the_circuit_of_its_cell_changes(tmp_path: Path) -> None:
    source, path, keys = MGU.read_text("utf-8"), tmp_path / "own.py", []
    path.write_text(source, "utf-8")
    trace = traced(find_cell_in_file(f"{path}:mgu"))
    for text in (source, source.replace('theme, "+"', 'theme, "×"'), source):
        path.write_text(text, "utf-8")
        keys.append(film_key(find_story("hidden-state"), trace, Telling(), FilmLook()))
    assert keys[0] == keys[2] != keys[1]
    assert None not in keys
