"""What a word changes is parted into what it writes and what it wipes."""

import numpy as np
import pytest

import lstmviz
from lstmviz.demo.review import REVIEW
from lstmviz.trace.changes import MOVED, WIPED, WRITTEN, changes_of


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_is_written_and_what_is_wiped_add_up_to_the_way_of_the_memory(cell: str) -> None:
    trace = lstmviz.run(REVIEW, cell=cell)
    changes = changes_of(trace)
    steps = trace[trace.memory] - trace[f"{trace.memory}_prev"]
    np.testing.assert_allclose(changes[MOVED][:, 0], np.linalg.norm(steps, axis=1))
    np.testing.assert_allclose(changes[WRITTEN] + changes[WIPED], changes[MOVED])
    assert min(changes[WRITTEN].min(), changes[WIPED].min()) >= 0


def test_the_first_word_writes_and_a_turn_wipes() -> None:
    trace = lstmviz.run(REVIEW, cell="lstm")
    changes = changes_of(trace)
    first, turn = changes.at(0), changes.at("but")
    assert first[WIPED][0] == 0
    assert turn[WIPED][0] > 20 * turn[WRITTEN][0]


def test_through_zero_a_value_is_wiped_first_and_written_then() -> None:
    trace = lstmviz.run([-9.0, 9.0, -9.0, 9.0], cell="rnn", hidden=1)
    changes, old, new = changes_of(trace), trace["h_prev"][:, 0], trace["h"][:, 0]
    through = [tick for tick in range(4) if old[tick] * new[tick] < 0]
    assert through
    for tick in through:
        assert changes[WIPED][tick, 0] == pytest.approx(abs(old[tick]))
        assert changes[WRITTEN][tick, 0] == pytest.approx(abs(new[tick]))
