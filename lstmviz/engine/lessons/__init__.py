"""What single stories compute besides a trace: an update of a weight, a plain LSTM, a product.

Imports everything else of the engine. Each file stands for itself.
"""
