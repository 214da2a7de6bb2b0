"""Networks from the files and objects of PyTorch, Keras and ONNX, read without any of them."""

from lstmviz.engine.load.assemble import load_network
from lstmviz.engine.load.checking import Agreement, check_against
from lstmviz.engine.load.inspection import Inspection, inspect_file
from lstmviz.engine.load.objects import from_keras, from_torch

__all__ = [
    "Agreement",
    "Inspection",
    "check_against",
    "from_keras",
    "from_torch",
    "inspect_file",
    "load_network",
]
