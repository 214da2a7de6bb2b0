"""The request for a trace: a saved one, or a network and its input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import UsageError
from lstmviz.load.options import NAMES, WITHOUT_FILE, given_of, refuse_options

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.engine.inputs.wanted import Columns, GapMarks, Wanted
    from lstmviz.engine.model.cell import Cell
    from lstmviz.engine.model.network import Network
    from lstmviz.load.options import Vocabulary
    from lstmviz.trace.trace import Trace

OF_TABLE = ("columns", "time", "fill", "sheet", "encoding", "gap")
WHOLE_TABLE: Mapping[str, Any] = dict.fromkeys(OF_TABLE)  # nothing is asked of it


@dataclass(frozen=True)
class TraceRequest:
    """What was asked for, in the words of `lstmviz.run`; `trace` makes the trace of it.

    `saved` is a trace, or its file, beside which `network` gives the weights that made it, for what
    shows them; `network` also the name of one that comes with lstmviz, `cell` also `file.py:name`.
    `columns`, `time`, `fill`, `gap`, `sheet` and `encoding` say what is read of an input that is a
    table, as in `lstmviz.read_input`. `vocabulary` and what follows it say what the file of a
    network does not, as in `lstmviz.load_network`. `layer` (from 1) and `direction` choose what is
    drawn of a network with several, by default the last layer, forward. `check` is what the
    framework itself computed: above tolerance the trace is refused.
    """

    input: str | ArrayLike | None = None
    columns: Columns | None = None
    time: str | int | None = None
    fill: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    gap: GapMarks | None = None
    cell: str | Cell | None = None
    network: Network | str | Path | None = None
    saved: Trace | str | Path | None = None
    hidden: int | None = None
    seed: int | None = None
    vocabulary: str | Path | Vocabulary | None = None
    unknown: str | None = None
    tokens: str | Path | None = None
    embedding: str | None = None
    config: str | Path | Mapping[str, Any] | None = None
    nonlinearity: str | Mapping[str, str] | None = None
    names: str | Path | Mapping[str, Any] | None = None
    part: str | Sequence[str] | None = None
    head: str | None = None
    labels: str | Path | Sequence[str] | None = None
    pad: int | None = None
    pad_side: str | None = None
    layer: int | None = None
    direction: str | None = None
    check: ArrayLike | str | Path | None = None
    dtype: str = "float64"

    def trace(
        self,
        *,
        input: str | ArrayLike,
        cell: str | Cell | None = None,
        network: str = "",
        tell: Callable[[str], None] | None = None,
        record_to: Path | None = None,
        force: bool = False,
    ) -> Trace:
        """Load or compute the trace; `input` and `cell` stand in where none was asked for.

        So does the `network` of this name where nothing at all was asked for. One that comes
        with lstmviz and reads no reviews has an input of its own, which goes before `input`.

        `tell` hears what was assumed, left out or is unknown, and how closely the numbers agree
        with those to check against. What is computed is written to `record_to` as it goes, if
        given; `force` as of `lstmviz.run`.

        Raises:
            UsageError: something cannot be used, or contradicts something else.
            LstmvizError: the numbers differ from those to check against.
        """
        from lstmviz.demo.networks import own_input
        from lstmviz.engine.inputs.frames import narrowed
        from lstmviz.load.run import running

        if self.saved is not None:
            self._refuse_beside_trace()
            saved = self._with_network(self.saved)
            _tell_notes(saved.network.notes, tell)
            return self._of_layer(self._checked(saved, tell))
        if network and self._leaves_all_open:
            return replace(self, network=network).trace(
                input=input, tell=tell, record_to=record_to, force=force
            )
        chosen, kind = self._chosen(cell)
        told = () if chosen is None else chosen.notes
        _tell_notes(told, tell)
        usual = own_input(chosen) or input
        with running(
            narrowed(usual if self.input is None else self.input, self.wanted),
            cell=kind,
            network=chosen,
            hidden=self.hidden,
            seed=self.seed,
            dtype=self.dtype,
            record_to=record_to,
            force=force,
        ) as made:
            _tell_notes([note for note in made.trace.network.notes if note not in told], tell)
            made.trace = self._of_layer(self._checked(made.trace, tell))
        return made.trace

    def traces(
        self, inputs: Sequence[str | ArrayLike], *, tell: Callable[[str], None] | None = None
    ) -> tuple[Trace, ...]:
        """Compute the traces of many inputs of one network, as `lstmviz.run_batch` does.

        Raises:
            UsageError: something cannot be used, or contradicts something else.
        """
        from lstmviz.engine.inputs.frames import narrowed
        from lstmviz.load.run import run_batch

        for name in ("input", "saved", "check"):
            if getattr(self, name) is not None:
                raise UsageError(f"There are many inputs; leave out {name}=.")
        network, kind = self._chosen(None)
        told = () if network is None else network.notes
        _tell_notes(told, tell)
        made = run_batch(
            [narrowed(one, self.wanted) for one in inputs],
            cell=kind,
            network=network,
            hidden=self.hidden,
            seed=self.seed,
            dtype=self.dtype,
        )
        for number, one in enumerate(made, start=1):
            own = [note for note in one.network.notes if note not in told]
            _tell_notes([f"sequence {number}: {note}" for note in own], tell)
        return tuple(self._of_layer(one) for one in made)

    @property
    def wanted(self) -> Wanted:
        """What of a table is wanted.

        Raises:
            UsageError: there is no such way to fill gaps, or no column is named.
        """
        from lstmviz.engine.inputs.wanted import Wanted

        return Wanted(**{name: getattr(self, name) for name in OF_TABLE})

    @property
    def _leaves_all_open(self) -> bool:
        """Whether nothing is said of what is run, and on what."""
        of_file = given_of({name: getattr(self, name) for name in NAMES})
        asked = (self.input, self.cell, self.network, self.hidden, self.seed)
        return not of_file and all(each is None for each in asked)

    def _chosen(self, cell: str | Cell | None) -> tuple[Network | None, str | Cell | None]:
        network, kind = self._network(), self._cell()
        return network, cell if kind is None and network is None else kind

    def _checked(self, made: Trace, tell: Callable[[str], None] | None) -> Trace:
        from lstmviz.load import check_against

        if self.check is not None:
            agreement = check_against(made, self.check)
            if tell is not None:
                tell(str(agreement))
        return made

    def _with_network(self, saved: Trace | str | Path) -> Trace:
        """The trace, with the network that made it if that is given."""
        from lstmviz.engine.backward.gradients import refuse_other
        from lstmviz.trace.trace import Trace

        made = saved if isinstance(saved, Trace) else Trace.load(saved)
        network = self._network()
        if network is None:
            return made
        refuse_other(made, network)
        return replace(made, made_by=network)

    def _network(self) -> Network | None:
        given = given_of({name: getattr(self, name) for name in NAMES})
        if not isinstance(self.network, str | Path):
            refuse_options(given, WITHOUT_FILE)
            return self.network
        from lstmviz.load.find import find_network

        return find_network(self.network, **given)

    def _cell(self) -> str | Cell | None:
        from lstmviz.engine.find_cell import find_cell_in_file

        if isinstance(self.cell, str) and ".py" in self.cell:
            return find_cell_in_file(self.cell)
        return self.cell

    def _of_layer(self, made: Trace) -> Trace:
        if self.layer is None and self.direction is None:
            return made
        number, direction = made.shown
        return made.layer(self.layer or number, self.direction or direction)  # type: ignore[arg-type]

    def _refuse_beside_trace(self) -> None:
        beside = {"saved", "layer", "direction", "check", "dtype"}
        if self.network is not None:
            beside |= {"network", *NAMES}
        names = [field.name for field in fields(self) if field.name not in beside]
        given = [name for name in names if getattr(self, name) is not None]
        if given:
            raise UsageError(
                "A trace is given, which has its input and network already; leave out "
                f"{' and '.join(f'{name}=' for name in given)}."
            )


def _tell_notes(notes: Iterable[str], tell: Callable[[str], None] | None) -> None:
    if tell is not None:
        for note in notes:
            tell(f"Note: {note}")
