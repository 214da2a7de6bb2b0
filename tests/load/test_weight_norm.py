"""Weights that PyTorch's weight_norm, spectral_norm or pruning took apart, whichever way it did."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file
from lstmviz.load.assemble import assemble
from lstmviz.load.common.contents import Contents, Tensor
from lstmviz.load.torch.state_dict import contents

RANDOM = np.random.default_rng(4)
PLAIN = {
    "rnn.weight_ih_l0": RANDOM.normal(size=(16, 3)),
    "rnn.weight_hh_l0": RANDOM.normal(size=(16, 4)),
    "rnn.bias_ih_l0": RANDOM.normal(size=16),
    "rnn.bias_hh_l0": RANDOM.normal(size=16),
    "fc.weight": RANDOM.normal(size=(2, 4)),
    "fc.bias": RANDOM.normal(size=2),
}


def read(arrays: dict[str, Any]) -> Contents:
    return contents(
        "state dict",
        {name: Tensor(array.shape, partial(np.asarray, array)) for name, array in arrays.items()},
    )


def taken_apart(names: list[str], axis: int | None, *, new: bool) -> dict[str, Any]:
    """The same weights, these as a length and a direction of any length."""
    found = {}
    for name, array in PLAIN.items():
        if name not in names:
            found[name] = array
            continue
        g = np.sqrt((array**2).sum(axis, keepdims=axis is not None))
        v = array * (2.5 if axis is None else RANDOM.uniform(0.5, 2, g.shape))
        prefix, _, kind = name.rpartition(".")
        beside = f"{prefix}.parametrizations.{kind}.original" if new else f"{name}_"
        found |= {f"{beside}{'0' if new else 'g'}": g, f"{beside}{'1' if new else 'v'}": v}
    return found


@pytest.mark.parametrize("axis", [1, 0, None])
@pytest.mark.parametrize("new", [False, True])
def test_the_weights_are_put_together_again(axis: int | None, new: bool) -> None:
    plain = assemble(read(PLAIN), {}, title="", source="")
    names = [name for name in PLAIN if "weight" in name]
    found = assemble(read(taken_apart(names, axis, new=new)), {}, title="", source="")
    for ours, theirs in zip(
        found.layers[0][0].weights.arrays().values(),
        plain.layers[0][0].weights.arrays().values(),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert found.readout is not None
    assert plain.readout is not None
    np.testing.assert_allclose(found.readout.dense[0].W, plain.readout.dense[0].W, rtol=1e-12)
    assert (
        "weight_norm: 'rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'fc.weight' computed as g·v/‖v‖ of "
        "the length and direction stored"
    ) in found.notes
    assert plain.notes == found.notes[1:]


def test_what_is_no_such_pair_is_refused_as_before() -> None:
    apart = taken_apart(["rnn.weight_hh_l0"], 1, new=True)
    del apart["rnn.parametrizations.weight_hh_l0.original0"]
    odd = dict(PLAIN)
    odd["rnn.weight_hh_l0_raw"] = odd.pop("rnn.weight_hh_l0")
    wrong = taken_apart(["rnn.weight_hh_l0"], 1, new=False)
    wrong["rnn.weight_hh_l0_g"] = wrong["rnn.weight_hh_l0_g"][:5]
    for arrays in (apart, odd, wrong):
        (reason,) = read(arrays).unusable
        assert "is a part of a weight (parametrization or weight dropout)" in reason


def test_a_direction_of_no_length_is_not_finite() -> None:
    apart = taken_apart(["rnn.weight_hh_l0"], 1, new=False)
    apart["rnn.weight_hh_l0_v"][3] = 0
    with pytest.raises(UsageError, match="4 weights that are not finite, such as NaN"):
        assemble(read(apart), {}, title="", source="")


def test_a_recorded_file_says_so(unpacked: Any) -> None:
    path: Path = unpacked("torch") / "weight-norm.pt"
    assert "assumed: weight_norm: 'weight_hh_l0' computed as g·v/‖v‖" in str(inspect_file(path))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("new", [False, True])
def test_weights_are_divided_by_their_spectral_norm(turned: bool, new: bool) -> None:
    arrays, names = dict[str, Any](PLAIN), [name for name in PLAIN if "weight" in name]
    for name in names:
        W = arrays.pop(name)
        U, _, V = np.linalg.svd(W)
        prefix, _, kind = name.rpartition(".")
        inner = f"{prefix}.parametrizations.{kind}"
        u, v = (f"{inner}.0._{one}" if new else f"{name}_{one}" for one in "uv")
        arrays[f"{inner}.original" if new else f"{name}_orig"] = W
        arrays |= {v: U[:, 0], u: V[0]} if turned else {u: U[:, 0], v: V[0]}
    network = assemble(read(arrays), {}, title="", source="")
    assert network.readout is not None
    fc = PLAIN["fc.weight"]
    np.testing.assert_allclose(network.readout.dense[0].W, fc / np.linalg.norm(fc, 2), atol=1e-12)
    R = network.layers[0][0].weights.arrays()["R"]
    assert np.linalg.norm(R, 2) == pytest.approx(1)
    assert any("'fc.weight' computed as W / (u·W·v)" in note for note in network.notes)


@pytest.mark.parametrize("part", ["fc.weight_orig", "fc.parametrizations.weight.original"])
def test_a_dense_layer_that_is_made_otherwise_is_told(part: str) -> None:
    arrays = dict[str, Any](PLAIN)
    arrays |= {part: arrays.pop("fc.weight"), "fc.weight_mask": np.ones((4, 2))}
    network = assemble(read(arrays), {}, title="", source="")
    assert network.readout is None
    assert any(f"'{part}' is a part of a weight (with a" in note for note in network.notes)


@pytest.mark.parametrize("kind", [np.float64, np.float32, bool])
def test_pruned_weights_are_those_the_mask_leaves(kind: type) -> None:
    arrays, cut = dict[str, Any](PLAIN), dict[str, Any](PLAIN)
    for name, array in PLAIN.items():
        mask = RANDOM.random(array.shape) < 0.5
        arrays |= {f"{name}_orig": array, f"{name}_mask": mask.astype(kind)}
        cut[name] = np.where(mask, array, 0)
        if "ih" in name:
            del arrays[name]  # whole modules have it, state dicts do not
    found = assemble(read(arrays), {}, title="", source="")
    plain = assemble(read(cut), {}, title="", source="")
    assert found.readout is not None
    assert plain.readout is not None
    for ours, theirs in (
        (found.layers[0][0].weights.arrays(), plain.layers[0][0].weights.arrays()),
        ({"W": found.readout.dense[0].W}, {"W": plain.readout.dense[0].W}),
        ({"b": found.readout.dense[0].b}, {"b": plain.readout.dense[0].b}),
    ):
        for name, array in ours.items():
            np.testing.assert_array_equal(array, theirs[name])
    told = "pruned: 'rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'rnn.bias_ih_l0', 'rnn.bias_hh_l0', …"
    assert any(note.startswith(told) and "orig·mask" in note for note in found.notes)
    assert plain.notes == found.notes[1:]


def test_a_pruned_direction_of_a_weight_norm_is_both() -> None:
    apart = taken_apart(["rnn.weight_hh_l0"], 1, new=False)
    v = apart.pop("rnn.weight_hh_l0_v")
    mask = np.ones(v.shape)
    mask[:, 1] = 0
    apart |= {"rnn.weight_hh_l0_v_orig": v, "rnn.weight_hh_l0_v_mask": mask}
    network = assemble(read(apart), {}, title="", source="")
    R = network.layers[0][0].weights.arrays()["R"]
    assert not R[:, 1].any()
    lengths = (np.sort(np.linalg.norm(each, axis=1)) for each in (R, PLAIN["rnn.weight_hh_l0"]))
    np.testing.assert_allclose(*lengths)
