"""Networks of ONNX, read without onnxruntime.

Imports `load/common`. Begin with `files`; `graph` makes one list of nested graphs, `nodes` reads a
recurrent node, `constants` its weights, and `readout` what the graph makes of it: `walk` goes from
node to node with the values of `picked`.
"""
