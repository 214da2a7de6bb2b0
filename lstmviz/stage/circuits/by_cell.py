"""Which circuit is drawn for which cell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.circuits.gru import GruCircuit
from lstmviz.stage.circuits.lstm import LstmCircuit
from lstmviz.stage.circuits.rnn import RnnCircuit

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme


CIRCUITS: dict[str, Callable[[Theme, Language], Circuit]] = {
    "rnn": RnnCircuit,
    "rnn-relu": partial(RnnCircuit, function="relu"),
    "lstm": LstmCircuit,
    "lstm-peephole": partial(LstmCircuit, peepholes=True),
    "lstm-coupled": partial(LstmCircuit, coupled=True),
    "lstm-coupled-peephole": partial(LstmCircuit, coupled=True, peepholes=True),
    "lstm-projected": partial(LstmCircuit, projected=True),
    "gru": GruCircuit,
    "gru-reset-before": partial(GruCircuit, reset_after=False),
    "gru-chung": partial(GruCircuit, reset_after=False, keeps=False),
}
