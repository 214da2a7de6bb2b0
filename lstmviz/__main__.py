"""`python -m lstmviz` is the command `lstmviz`."""

from __future__ import annotations

from lstmviz.cli import main

if __name__ == "__main__":
    main(prog_name="lstmviz")
