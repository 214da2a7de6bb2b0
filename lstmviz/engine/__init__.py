"""The engine: NumPy cells that write down everything their equations name."""
