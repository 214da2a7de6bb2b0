"""The errors of lstmviz: each message says in a sentence what is wrong, where, and what to do."""

from __future__ import annotations


class LstmvizError(Exception):
    """Something failed that the user can understand and mend.

    The command line prints the message alone, without a traceback, and ends with
    `exit_code`.
    """

    exit_code = 1


class UsageError(LstmvizError, ValueError):
    """What was asked for is not possible: an unknown name, a wrong shape, an empty input."""

    exit_code = 2


def brief(text: str, most: int = 500) -> str:
    """What a file says, for a sentence: on one line, of printable letters, and not endless."""
    line = " ".join(text[: 4 * most].split())
    shown = "".join(letter if letter.isprintable() else "�" for letter in line)
    return shown if len(shown) <= most else f"{shown[:most]}…"
