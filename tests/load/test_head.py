"""Which dense layers of a file give the answer, and what the answers are called."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz import run
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.errors import UsageError
from lstmviz.load.assemble import assemble
from lstmviz.load.common.contents import Contents, Found, Head, Output, Stack
from lstmviz.load.head import read_labels
from lstmviz.load.torch.modules import Module
from lstmviz.load.torch.state_dict import Tensor, contents

RANDOM = np.random.default_rng(3)
SIZES = {
    "rnn.weight_ih_l0": (16, 3),
    "rnn.weight_hh_l0": (16, 4),
    "rnn.bias_ih_l0": (16,),
    "rnn.bias_hh_l0": (16,),
}
FC = {"fc.weight": (2, 4), "fc.bias": (2,)}
DEEP = {"mlp.0.weight": (5, 4), "mlp.0.bias": (5,), "mlp.2.weight": (3, 5), "mlp.2.bias": (3,)}
X = RANDOM.normal(size=(5, 3))


def read(sizes: dict[str, Any], modules: dict[str, Module] | None = None) -> Contents:
    """What is in a state dict with such arrays, or a file of such modules."""
    arrays = {name: RANDOM.normal(size=shape) for name, shape in sizes.items()}
    tensors = {name: Tensor(a.shape, partial(np.asarray, a)) for name, a in arrays.items()}
    return contents("state dict", tensors, modules=modules)


def made(
    sizes: dict[str, Any], modules: dict[str, Module] | None = None, **options: Any
) -> Network:
    """The network of a file with such arrays beside those of a layer."""
    return assemble(read(SIZES | sizes, modules), options, title="", source="")  # type: ignore[arg-type]


def sequential(*kinds: str, **options: Any) -> dict[str, Module]:
    """The modules of a Sequential 'mlp' of such classes."""
    inner = {
        f"mlp.{k}": Module(f"torch.nn.modules.some.{kind}", options) for k, kind in enumerate(kinds)
    }
    return {"mlp": Module("torch.nn.modules.container.Sequential"), **inner}


def names(network: Network) -> list[str]:
    assert network.readout is not None
    return [dense.name for dense in network.readout.dense]


def test_a_layer_that_fits_alone_is_taken_and_said() -> None:
    network = made(FC | {"other.weight": (2, 9), "other.bias": (2,)})
    assert names(network) == ["fc"]
    assert "'fc' (4 → 2) is assumed to give the answer; head= names another, or none" in (
        network.notes
    )
    trace = run(X, network=network)
    assert trace.output is not None
    assert network.readout is not None
    fc = network.readout.dense[0]
    np.testing.assert_allclose(trace.output, trace["h"] @ fc.W.T + fc.b)


def test_none_is_taken_where_it_is_not_clear() -> None:
    network = made(FC | {"out.weight": (3, 4), "out.bias": (3,)})
    assert network.readout is None
    assert any("several would fit: 'fc' (4 → 2), 'out' (4 → 3)" in note for note in network.notes)
    network = made(DEEP)
    assert network.readout is None
    assert any("head='mlp.0:relu,mlp.2'" in note for note in network.notes)
    assert made(FC, head="none").readout is None
    assert made(FC, head="none").notes == ()
    assert made({}).readout is None


def test_a_norm_before_the_layer_is_not_passed_over_in_silence() -> None:
    norm = {"norm.weight": (4,), "norm.bias": (4,)}
    network = made(norm | FC)
    assert network.readout is None
    assert any("'norm' may stand between" in note for note in network.notes)
    asked = made(norm | FC, head="fc")
    assert names(asked) == ["fc"]
    assert "'norm' may stand before 'fc', and is not run" in asked.notes
    for plain in ({"bn.running_mean": (4,)}, {"rms.weight": (4,)}):
        assert made(plain | FC).readout is None


def test_a_layer_without_bias_is_taken_where_it_is_asked_for() -> None:
    bare = {"out.weight": (2, 4), "emb.weight": (9, 3)}
    assert made(bare).readout is None
    network = made(bare, head="out")
    assert names(network) == ["out"]
    trace = run(X, network=network)
    assert network.readout is not None
    np.testing.assert_allclose(trace.output, trace["h"] @ network.readout.dense[0].W.T)  # type: ignore[arg-type]


def test_a_part_that_feeds_another_one_gives_no_answer() -> None:
    row = {f"rnn1.{name.partition('.')[2]}": shape for name, shape in SIZES.items()}
    row |= {"rnn2.weight_ih_l0": (16, 4), "rnn2.weight_hh_l0": (16, 4)}
    row |= {"rnn2.bias_ih_l0": (16,), "rnn2.bias_hh_l0": (16,)}
    arrays = {name: RANDOM.normal(size=shape) for name, shape in (row | FC).items()}
    tensors = {name: Tensor(a.shape, partial(np.asarray, a)) for name, a in arrays.items()}
    told = contents("state dict", tensors)
    assert assemble(told, {}, title="", source="").readout is not None
    first = assemble(told, {"part": "rnn1"}, title="", source="")
    assert first.readout is None
    assert "no answer is read: 'rnn2' reads what 'rnn1' gives" in first.notes


def test_a_part_that_another_one_may_read_gives_no_answer_by_itself() -> None:
    names = {name.partition(".")[2]: shape for name, shape in SIZES.items()}
    alike = {
        f"{part}.{name}": (16, 4) if name == "weight_ih_l0" else shape
        for part in ("rnn1", "rnn2")
        for name, shape in names.items()
    }
    told = read(alike | FC)
    first = assemble(told, {"part": "rnn1"}, title="", source="")
    assert first.readout is None
    assert (
        "no answer is read, as 'rnn2' may read what 'rnn1' gives; if not, head='fc'" in first.notes
    )
    for options in ({"part": "rnn1", "head": "fc"}, {"part": "rnn2"}, {"part": "rnn1,rnn2"}):
        assert assemble(told, options, title="", source="").readout is not None  # type: ignore[arg-type]


def test_norms_without_weights_are_not_passed_over() -> None:
    for kind, options in (
        ("batchnorm.BatchNorm1d", {"num_features": 4}),
        ("normalization.LayerNorm", {}),
    ):
        modules = {"norm": Module(f"torch.nn.modules.{kind}", options)}
        network = made(FC, modules)
        assert network.readout is None
        assert any("'norm' may stand between" in note for note in network.notes)
        assert "'norm' may stand before 'fc', and is not run" in made(FC, modules, head="fc").notes
    elsewhere = {"norm": Module("torch.nn.modules.batchnorm.BatchNorm1d", {"num_features": 9})}
    assert made(FC, elsewhere).readout is not None


def test_a_sequential_that_the_file_tells_is_taken() -> None:
    modules = sequential("linear.Linear", "activation.ReLU", "linear.Linear", "activation.Softmax")
    modules["mlp.3"] = Module("torch.nn.modules.activation.Softmax", {"dim": -1})
    network = made(DEEP, modules)
    assert str(network.readout) == "dense 4 → 5, relu → dense 5 → 3, softmax"
    assert network.notes == (
        "'mlp.0' (4 → 5), relu, 'mlp.2' (5 → 3), softmax, as 'mlp' has them, are assumed to give "
        "the answer; head= names others, or none",
    )
    asked = made(DEEP, modules, head="mlp:mean")
    assert str(asked.readout) == f"the mean over time, {network.readout}"
    assert asked.notes == ()
    only = sequential("linear.Linear", "activation.Sigmoid")
    one = {"mlp.0.weight": (1, 4), "mlp.0.bias": (1,)}
    assert str(made(one, only).readout) == "dense 4 → 1, sigmoid"


def test_what_of_a_sequential_is_not_known_is_named() -> None:
    for kind, options in (("GELU", {"approximate": "tanh"}), ("Softmax", {}), ("PReLU", {})):
        modules = sequential("Linear", kind, "Linear", **options)
        network = made(DEEP, modules)
        assert network.readout is None
        assert any(f"as 'mlp.1' ({kind}) is in it; without" in note for note in network.notes)
        with pytest.raises(UsageError, match=rf"as 'mlp.1' .{kind}. is in it; name its layers"):
            made(DEEP, modules, head="mlp")
    modules = sequential("Linear", "ReLU", "Linear")
    modules["mlp.1"] = Module("mine.ReLU")
    assert made(DEEP, modules).readout is None


def test_chains_are_proposed_by_shape_with_what_may_stand_between() -> None:
    long = DEEP | {"mlp.3.weight": (2, 3), "mlp.3.bias": (2,)}
    (note,) = made(long).notes
    assert "as 'mlp.2', 'mlp.3' may follow 'mlp.0'; if so, head='mlp.0:relu,mlp.2,mlp.3'" in note
    normed = DEEP | {"mlp.1.weight": (5,), "mlp.1.bias": (5,), "mlp.1.running_mean": (5,)}
    (note,) = made(normed).notes
    assert "with the activation between them and without 'mlp.1', else head='mlp.0'" in note
    assert made(normed, head="mlp.0:relu,mlp.2").notes == (
        "'mlp.1' may stand before 'mlp.2', and is not run",
    )
    late = {"mlp.1.weight": (2, 4), "mlp.1.bias": (2,)}
    (note,) = made(late).notes
    assert "what 'mlp.0' before it does is not in the file" in note


def test_poolings_are_joined_where_it_is_asked_for() -> None:
    wide = {"fc.weight": (2, 8), "fc.bias": (2,)}
    network = made(wide)
    assert network.readout is None
    assert any("poolings side by side, head='fc:mean+max' in" in note for note in network.notes)
    trace = run(X, network=made(wide, head="fc:last+max:tanh"))
    assert trace.network.answer == "tanh"
    network = made(wide, head="fc:max+last")
    assert network.readout is not None
    fc, trace = network.readout.dense[0], run(X, network=network)
    v = np.concatenate([trace["h"].max(0), trace["h"][-1]])
    np.testing.assert_allclose(trace.answer, fc.W @ v + fc.b)  # type: ignore[arg-type]
    both = {f"{name}_reverse": shape for name, shape in SIZES.items()}
    with pytest.raises(UsageError, match="of both directions the last output cannot be joined"):
        made(both | {"fc.weight": (2, 16), "fc.bias": (2,)}, head="fc:mean+last")
    with pytest.raises(UsageError, match="takes 8 values, but the recurrent part gives 3 times 4"):
        made(wide, head="fc:mean+max+sum")


@pytest.mark.parametrize(
    ("inputs", "asked", "fits"),
    [
        (8, "fc:mean", "2 poolings side by side, say which in their order: head='fc:mean+max'"),
        (8, "fc:tanh", "head='fc:mean+max:tanh'"),
        (8, "fc:max:relu", "head='fc:max+mean:relu'"),
        (8, "fc:last", "head='fc:last+mean'"),
        (12, "fc:mean+max", "3 poolings side by side, say which in their order: "),
        (4, "fc:mean+max", "it reads one pooling, as in head='fc:mean'"),
    ],
)
def test_of_poolings_that_do_not_fit_those_that_would_are_named(
    inputs: int, asked: str, fits: str
) -> None:
    sizes = {"fc.weight": (2, inputs), "fc.bias": (2,)}
    with pytest.raises(UsageError) as refused:
        made(sizes, head=asked)
    assert fits in str(refused.value)
    (said,) = re.findall("head='(.*)'", str(refused.value))
    assert names(made(sizes, head=said)) == ["fc"]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("mlp", "mlp.0:relu,mlp.3"),
        ("mlp:mean", "mlp.0:mean:relu,mlp.3"),
        ("mlp:last:softmax", "mlp.0:last:relu,mlp.3:softmax"),
    ],
)
def test_a_chain_that_a_state_dict_does_not_tell_is_listed_by_its_prefix(
    asked: str, fits: str
) -> None:
    sizes = {name.replace(".2.", ".3."): shape for name, shape in DEEP.items()}
    with pytest.raises(UsageError) as refused:
        made(sizes, head=asked)
    assert "'mlp' is no dense layer but has 'mlp.0' (4 → 5), 'mlp.3' (5 → 3), and" in str(
        refused.value
    )
    assert str(refused.value).endswith(f"head='{fits}'")
    assert names(made(sizes, head=fits)) == ["mlp.0", "mlp.3"]
    only = {"mlp.1.weight": (2, 4), "mlp.1.bias": (2,)}
    with pytest.raises(UsageError, match="functions after; name it with its own, as in head='mlp"):
        made(only, head=asked)


def test_of_both_directions_the_note_says_how_to_read_their_ends() -> None:
    both = {f"{name}_reverse": shape for name, shape in SIZES.items()}
    network = made(both | {"fc.weight": (2, 8), "fc.bias": (2,)})
    assert any("head='fc:last' reads both directions" in note for note in network.notes)


def test_layers_are_named_with_their_activations_and_pooling() -> None:
    network = made(DEEP, head="mlp.0:max:relu, mlp.2:softmax")
    assert str(network.readout) == "the max over time, dense 4 → 5, relu → dense 5 → 3, softmax"
    trace = run(X, network=network)
    assert trace.answer is not None
    assert trace.answer.sum() == pytest.approx(1.0)
    assert names(made({"model.fc.weight": (2, 4), "model.fc.bias": (2,)}, head="fc")) == [
        "model.fc"
    ]


@pytest.mark.parametrize(
    ("sizes", "options", "said"),
    [
        (FC, {"head": "fd"}, "no dense layer 'fd'; those that may give the answer: 'fc'"),
        (FC, {"head": "fc:relv"}, "says 'relv' of 'fc' .did you mean 'relu'"),
        (DEEP, {"head": "mlp.2"}, "'mlp.2' takes 5 values, but the recurrent part gives 4"),
        (DEEP, {"head": "mlp.0,mlp.2:mean"}, "says 'mean' of 'mlp.2'"),
        (FC, {"head": "fc:last:mean"}, "give one activation, and one of each, last"),
        (FC, {"head": "fc:relu:tanh"}, "give one activation"),
        (FC, {"labels": "a,a"}, "a name twice"),
        (FC, {"labels": "a,b,c"}, "There are 3 labels, but 2 answers"),
        (FC, {"labels": ["a", 2]}, "an entry that is no name"),
        ({}, {"labels": "a,b"}, "labels= name answers, but nothing in the file gives an answer"),
        (DEEP, {"labels": "a,b"}, "labels= name answers, but no answer is read"),
    ],
)
def test_what_does_not_fit_is_refused(
    sizes: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        made(sizes, **options)


def test_the_answers_have_names(tmp_path: Path) -> None:
    network = made(FC, labels=("bad", "good"))
    assert run(X, network=network).network.labels == ("bad", "good")
    one = {"fc.weight": (1, 4), "fc.bias": (1,)}
    network = made(one, labels="bad,good")
    assert network.readout is not None
    assert network.readout.of_two
    assert any("the log odds of 'good'" in note for note in network.notes)
    (tmp_path / "names.txt").write_text("bad\ngood\n", encoding="utf-8")
    (tmp_path / "names.json").write_text('{"good": 1, "bad": 0}', encoding="utf-8")
    (tmp_path / "id2label.json").write_text('{"0": "bad", "1": "good"}', encoding="utf-8")
    for name in ("names.txt", "names.json", "id2label.json"):
        assert read_labels(tmp_path / name) == ("bad", "good")
    (tmp_path / "odd.json").write_text('{"good": 1, "bad": 2}', encoding="utf-8")
    with pytest.raises(UsageError, match="from 0 to 1, each once"):
        read_labels(tmp_path / "odd.json")


def test_what_a_graph_says_is_not_asked_for() -> None:
    layer = seeded("lstm", 3, 4).layers[0][0]
    found = Found("", layer.cell, "forward", 3, 4, 4, lambda: layer.weights)
    dense = Dense(np.ones((2, 4)), np.zeros(2))
    stack = Stack("", ((found,),), answers=(Output("y", "dense 4 → 2", lambda: Readout((dense,))),))
    heads = (Head("fc", 4, 2, lambda: dense),)
    told = Contents("graph", (stack,), heads=heads, labels=("no", "yes"))
    network = assemble(told, {}, title="", source="")
    assert network.readout is not None
    assert network.readout.labels == ("no", "yes")
    assert network.notes == ()
    assert assemble(told, {"head": "none"}, title="", source="").readout is None
    with pytest.raises(UsageError, match="the file itself says what gives the answer"):
        assemble(told, {"head": "fc"}, title="", source="")
