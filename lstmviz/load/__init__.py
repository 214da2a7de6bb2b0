"""Networks from the files and objects of PyTorch, Keras and ONNX, read without any of them.

Imports `demo`, the engine and what is below. Begin with `assemble`, which makes a network of what
`detect` found in a file; `run` chooses or loads the network of an input, and runs it.
"""

from lstmviz.load.assemble import load_network
from lstmviz.load.inspection import Inspection, inspect_file
from lstmviz.load.objects import from_keras, from_torch
from lstmviz.load.verify import Agreement, check_against

__all__ = [
    "Agreement",
    "Inspection",
    "check_against",
    "from_keras",
    "from_torch",
    "inspect_file",
    "load_network",
]
