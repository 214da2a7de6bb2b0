"""A word of a few: taken in capitals or not, and asked about where it is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from lstmviz.system.suggest import nearest


class Choice(click.Choice[str]):
    """An option's value that is one of a few words."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices, case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the word as it is written in the list."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            words = [str(each) for each in self.choices]
            known, meant = ", ".join(map(repr, words)), nearest(str(value), words)
            self.fail(f"{value!r} is not one of {known}{meant}.", param, ctx)
