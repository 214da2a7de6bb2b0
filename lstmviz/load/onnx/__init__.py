"""Networks of ONNX, read without onnxruntime.

Imports `load/common`. Begin with `files`; `nodes` reads a recurrent node, `constants` its weights.
"""
