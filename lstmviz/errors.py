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
