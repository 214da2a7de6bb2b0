"""The comparison of our derivatives with those that torch gave, recorded or live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from layouts import TORCH, from_torch, kind_of, reorder
from numpy.typing import NDArray

from lstmviz.engine.backward.gradients import gradients, jacobian_norms
from lstmviz.engine.model.readout import Readout
from lstmviz.load.run import run

Array = NDArray[np.floating[Any]]
Parts = Mapping[str, Mapping[str, Array]]

OURS = {"weight_ih": "W", "weight_hh": "R", "bias_ih": "b", "bias_hh": "rb"}
SUMMANDS = ("wx_", "rh_")  # their derivatives are those of the sum
TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}


def assert_ticks_agree(cell: str, case: Parts) -> None:
    """One layer: dL/d(everything) at each tick, dL/dW through each, and the Jacobian norms."""
    data, expected = case["data"], case["expected"]
    network = from_torch(cell, case["weights"])
    network = replace(network, readout=Readout.of((data["readout"], data["bias"])))
    states = network.cell.state
    trace = run(data["x"], network=network, initial={s: data[s] for s in states})
    found, norms = gradients(trace, network), jacobian_norms(trace, network)

    ours = {"loss": np.array(found.loss)}
    for state in states:
        ours[f"carried.{state}"] = found.carried[state]
        ours[f"{state}0"] = found.readings.initial[state]
    ours |= {name: found[name] for name in found.readings.names}
    ours |= {f"norms.{name}": values for name, values in norms.items()}
    for theirs, name in OURS.items():
        stacked = np.moveaxis(expected[f"weights.{theirs}"], 0, 1)
        reordered = reorder(stacked, TORCH[kind_of(cell)], network.cell.gates)
        ours[f"weights.{theirs}"] = found.weights[name]
        expected = {**expected, f"weights.{theirs}": np.moveaxis(reordered, 1, 0)}
    assert {name for name in ours.keys() - expected.keys() if name[:3] not in SUMMANDS} == set()
    for name, value in expected.items():
        np.testing.assert_allclose(ours[name], value, **TOLERANCE, err_msg=name)


def assert_whole_agrees(cell: str, case: Parts) -> None:
    """Two layers both ways: L, dL/dx, and the derivatives by initial states and weights."""
    data, expected = case["data"], case["expected"]
    network = from_torch(cell, case["weights"])
    states = network.cell.state
    trace = run(data["x"], network=network, initial={s: data[s] for s in states})

    found = gradients(trace, network, of=data["of"])
    np.testing.assert_allclose(found.loss, expected["loss"], **TOLERANCE)
    both = [found.readings.layer(1, way)["x"] for way in ("forward", "backward")]
    np.testing.assert_allclose(sum(both), expected["x"], **TOLERANCE)
    index = 0
    for depth in (1, 2):
        for way, suffix in (("forward", ""), ("backward", "_reverse")):
            found = gradients(trace.layer(depth, way), network, of=data["of"])
            for state in states:
                np.testing.assert_allclose(
                    found.readings.initial[state], expected[f"{state}0"][index], **TOLERANCE
                )
            for theirs, name in OURS.items():
                value = expected[f"weights.{theirs}_l{depth - 1}{suffix}"]
                value = reorder(value, TORCH[kind_of(cell)], network.cell.gates)
                np.testing.assert_allclose(found.total(name), value, **TOLERANCE)
            index += 1
