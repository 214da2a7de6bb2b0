"""The texts that are told when the user gives no input."""

from __future__ import annotations

from typing import Final

REVIEW: Final = (
    "Amazing! This cereal gave me a perfectly balanced breakfast. I only ate half of the "
    "box, but I will definitely be buying it again."
)
#: For the networks that remember a letter: two letters, and a wait before and after each question.
RECALL: Final = "C......?..A....?"
