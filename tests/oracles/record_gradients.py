"""Write what torch's autograd says to tests/engine/fixtures/gradients.

    .oracles/bin/python tests/oracles/record_gradients.py

`make test` then compares with these values, without torch.
"""

from __future__ import annotations

import numpy as np
from frameworks import Case
from record import FOLDER
from torch_gradients import CELLS, tick_case, whole_case

SIZES = {"ticks": 6, "inputs": 3, "units": 4}


def main() -> None:
    folder = FOLDER / "gradients"
    folder.mkdir(parents=True, exist_ok=True)
    cases: dict[str, Case] = {}
    for seed, cell in enumerate(CELLS):
        cases[cell] = tick_case(cell, **SIZES, seed=60 + seed)
    for seed, cell in enumerate(("lstm", "gru", "rnn")):
        cases[f"{cell}.two-layers-both-ways"] = whole_case(cell, **SIZES, seed=70 + seed)
    for name, case in cases.items():
        arrays = {f"{part}/{key}": a for part, values in case.items() for key, a in values.items()}
        np.savez_compressed(folder / f"{name}.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
