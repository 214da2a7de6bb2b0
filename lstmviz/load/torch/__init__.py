"""Networks of PyTorch and safetensors, read without PyTorch; no code of a file is ever run.

Imports `load/common`. Begin with `files`; `pickles` reads a pickle as inert data.
"""
