"""Networks of Keras 2 and 3: .keras, .h5 and .weights.h5, read without Keras.

Imports `load/common`. Begin with `files`.
"""
