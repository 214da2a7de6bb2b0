"""From the frameworks' weight layouts to ours, for the tests alone; see their documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Direction, Layer, Network, Weights

Array = NDArray[np.floating[Any]]

# The frameworks' own orders, in our names of the gates.
TORCH = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}
ONNX = {"lstm": "iofg", "gru": "zrn", "rnn": "h"}
PEEPHOLES = "iof"  # of ONNX


def kind_of(cell: str) -> str:
    """lstm, gru or rnn, whichever variant it is."""
    return cell.split("-")[0]


def reorder(array: Array, have: str, want: tuple[str, ...]) -> Array:
    """The blocks of rows in another order."""
    blocks = dict(zip(have, np.split(array, len(have)), strict=True))
    return np.concatenate([blocks[gate] for gate in want])


def from_torch(cell: str, state_dict: Mapping[str, Array]) -> Network:
    """The network of a torch module's state_dict."""
    ours = find_cell(cell)

    def layer(level: int, direction: Direction) -> Layer:
        suffix = f"_l{level}" + ("_reverse" if direction == "backward" else "")
        W, R, b, rb = (
            reorder(state_dict[name + suffix], TORCH[kind_of(cell)], ours.gates)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        extras = {"W_hr": state_dict["weight_hr" + suffix]} if ours.projects else {}
        return Layer(ours, Weights(W, R, b, rb, extras), direction)

    depth = 1 + max(int(name.split("_l")[1].split("_")[0]) for name in state_dict)
    ways: list[Direction] = ["forward"]
    if any(name.endswith("_reverse") for name in state_dict):
        ways.append("backward")
    return Network(tuple(tuple(layer(level, way) for way in ways) for level in range(depth)))


def from_onnx(cell: str, inputs: Mapping[str, Array]) -> Network:
    """The network of an ONNX node's inputs W, R, B and perhaps P."""
    ours = find_cell(cell)
    have = ONNX[kind_of(cell)]

    def layer(k: int, direction: Direction) -> Layer:
        B = np.split(inputs["B"][k], 2)
        W, R, b, rb = (
            reorder(array, have, ours.gates)
            for array in (inputs["W"][k], inputs["R"][k], B[0], B[1])
        )
        if cell == "gru-chung":
            # ONNX knows z as what stays; Chung et al. as what enters: z and 1 - z = σ(-a_z).
            units = len(b) // 3
            at = ours.gates.index("z") * units
            for array in (W, R, b, rb):
                array[at : at + units] *= -1
        extras = {}
        if "P" in inputs:
            parts = np.split(inputs["P"][k], 3)
            extras = {f"p_{gate}": part for gate, part in zip(PEEPHOLES, parts, strict=True)}
            extras = {name: extras[name] for name in ours.params}
        return Layer(ours, Weights(W, R, b, rb, extras), direction)

    ways: list[Direction] = ["forward", "backward"]
    return Network((tuple(layer(k, way) for k, way in enumerate(ways[: len(inputs["W"])])),))


def assert_agrees(
    network: Network,
    x: Array,
    initial: Mapping[str, Array],
    expected: Mapping[str, Array],
    tolerance: float,
) -> None:
    """Run the network and compare all that a framework said, keyed `layer.direction.name`."""
    from lstmviz.engine.forward.layers import run_network

    recorded, _ = run_network(network, x, initial)
    assert expected
    for key, value in expected.items():
        number, direction, name = key.split(".")
        ours = recorded[int(number), direction][0][name]  # type: ignore[index]
        assert ours.dtype == x.dtype
        np.testing.assert_allclose(ours, value, rtol=tolerance, atol=tolerance, err_msg=key)
