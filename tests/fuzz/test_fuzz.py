"""Whatever is in a file, it is read, or refused by an LstmvizError, in bounded time and memory."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from fuzz import Reading, failures
from readers import READERS

pytestmark = pytest.mark.slow

SECONDS = 30.0  # for all readers together; `make fuzz` takes as long as one likes
SEED = 11
SHOWN = 3000  # bytes of a file that are shown as they are


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    process = Reading()
    yield process
    process.close()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.few(5)
def test_damaged_files_end_in_nothing_but_our_errors(reading: Reading, reader: str) -> None:
    for path, told in failures(reader, SECONDS / len(READERS), SEED, reading):
        content = base64.b64encode(path.read_bytes()[:SHOWN]).decode()
        pytest.fail(f"{told}\nkept as {path}, which begins with (base64): {content}")
