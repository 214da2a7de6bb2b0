"""What `import lstmviz` offers: each public name, and where it lives.

Imports everything but the command line. The list of the names is `lstmviz.__all__`.
"""

from __future__ import annotations

from typing import Any

from lstmviz.article.article import article
from lstmviz.demo.networks import demo_network as demo_network
from lstmviz.engine.backward.gradients import gradients as gradients
from lstmviz.engine.backward.gradients import jacobian_norms as jacobian_norms
from lstmviz.engine.inputs.read import read_input as read_input
from lstmviz.engine.inputs.series import Series as Series
from lstmviz.engine.model.cell import Cell as Cell
from lstmviz.engine.model.cell import cell as cell
from lstmviz.engine.model.functions import relu as relu
from lstmviz.engine.model.functions import sigmoid as sigmoid
from lstmviz.engine.model.functions import tanh as tanh
from lstmviz.engine.model.moment import Moment as Moment
from lstmviz.engine.model.network import Layer as Layer
from lstmviz.engine.model.network import Network as Network
from lstmviz.engine.model.network import Weights as Weights
from lstmviz.engine.model.readout import Dense as Dense
from lstmviz.engine.model.readout import Readout as Readout
from lstmviz.errors import LstmvizError as LstmvizError
from lstmviz.errors import UsageError as UsageError
from lstmviz.export.formats import export
from lstmviz.export.slides.into import insert_slides as insert_slides
from lstmviz.films.render import render as render
from lstmviz.load import Agreement as Agreement
from lstmviz.load import Inspection as Inspection
from lstmviz.load import check_against as check_against
from lstmviz.load import from_keras as from_keras
from lstmviz.load import from_torch as from_torch
from lstmviz.load import inspect_file as inspect_file
from lstmviz.load import load_network as load_network
from lstmviz.load.run import run as run
from lstmviz.load.run import run_batch as run_batch
from lstmviz.reel.display import shown_by
from lstmviz.reel.reel import Reel as Reel
from lstmviz.style.notation import Look as Look
from lstmviz.trace.tokens import Token as Token
from lstmviz.trace.trace import Reading as Reading
from lstmviz.trace.trace import Trace as Trace

# The rooms have the shorter names: `lstmviz.article` and `lstmviz.export` are packages.
make_article = article
export_reel = export


def _bundle(reel: Any) -> dict[str, str]:
    from lstmviz.export.slides.notebook import bundle

    return bundle(reel)


shown_by(_bundle)
