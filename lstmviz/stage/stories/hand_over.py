"""From one story of a film to the next: what both show stays where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, FadeOut, Mobject, VGroup

from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.lens import Lens
from lstmviz.stage.mobjects.status import Status, status_words

if TYPE_CHECKING:
    from lstmviz.stage.story.story import Story

NEAR = 0.01  # how far two columns may stand apart that are one


def hand_over(last: Story | None, guest: Story, *, goes_on: bool) -> None:
    """Clear the stage for a story, but leave what it will show in the same place.

    Where a chapter goes on, its caption stays until the next one comes, and what waits in the
    circuit goes on waiting.
    """
    if last is None:
        return
    fresh = list(guest.mobjects)
    turning: list[Any] = []
    if goes_on:
        guest.remove(guest._caption)
        fresh = [each for each in fresh if each is not guest._caption]
        guest._caption, guest._dots = last._caption, last._dots
        fresh += [each for each in (last._caption, last._dots) if each in last.mobjects]
    turning += _take_header(last, guest, fresh)
    circuit = _take_circuit(last, guest, turning)
    if circuit is not None:
        turning += _take_lens(last, guest, fresh, goes_on=goes_on)
        if goes_on:
            _take_columns(last, guest, fresh)
    stays = {id(each) for each in fresh if each in last.mobjects}
    guest.mobjects = list(last.mobjects)
    leaving = [
        FadeOut(each) for each in guest.mobjects if id(each) not in stays and each is not circuit
    ]
    if leaving or turning:
        guest.play(*leaving, *turning, run_time=0.5)
    standing = [each for each in fresh if id(each) in stays]
    arriving = [
        each
        for each in fresh
        if id(each) not in stays
        and not (circuit is not None and each is getattr(guest, "circuit", None))
    ]
    guest.mobjects = standing if circuit is None else [guest.circuit, *standing]  # type: ignore[attr-defined]
    if arriving:
        guest.play(*(FadeIn(each) for each in arriving), run_time=0.5)
    # The order of the set-up is the order of drawing.
    guest.mobjects = [each for each in fresh if each in guest.mobjects]


def _put(fresh: list[Mobject], old: Mobject, new: Mobject) -> None:
    """Let another thing stand in the place of one."""
    fresh[:] = [new if each is old else each for each in fresh]


def _take_header(last: Story, guest: Story, fresh: list[Mobject]) -> list[Any]:
    """Go on with the logo, the input and the status, where these say the same."""
    turning: list[Any] = []
    if guest.logo in fresh and last.logo in last.mobjects:
        assert guest.logo is not None
        assert last.logo is not None
        _put(fresh, guest.logo, last.logo)
        guest.logo = last.logo
    old: Any = getattr(last, "strip", None)
    new: Any = getattr(guest, "strip", None)
    tick = guest.now.tick
    if (
        isinstance(old, Strip)
        and old in last.mobjects
        and new in fresh
        and last.trace.tokens == guest.trace.tokens
        and last.layout.strip == guest.layout.strip
        and tick in old.chips
        and [*old.chips] == [*new.chips]
    ):
        _put(fresh, new, old)
        guest.strip = old
        if tick != old.tick:
            turning += old.lighting(tick)
    status: Any = getattr(last, "status", None)
    if (
        isinstance(status, Status)
        and status in last.mobjects
        and guest.status in fresh
        and last.trace is guest.trace
        and last.layout.status == guest.layout.status
        and last.layout.needle == guest.layout.needle
    ):
        _put(fresh, guest.status, status)
        guest.status = status
        turning += status.turn(status_words(*guest._status_lines()), guest.answer_tick)
    return turning


def _take_circuit(last: Story, guest: Story, turning: list[Any]) -> Circuit | None:
    """Let the circuit stand where both show the same one, lit as the next story has it."""
    old, new = getattr(last, "circuit", None), getattr(guest, "circuit", None)
    if not (isinstance(old, Circuit) and isinstance(new, Circuit) and old in last.mobjects):
        return None
    same = type(old) is type(new) and last.trace.cell == guest.trace.cell
    if not same or not old.stands_like(new) or new not in guest.mobjects:
        return None
    turning += old.focus(*(name for name in new.lit if name in old.parts))
    return old


def _take_lens(last: Any, guest: Any, fresh: list[Mobject], *, goes_on: bool) -> list[Any]:
    """Keep the panel; its page stays until the next one comes, or goes with the chapter."""
    old, new = last.lens, guest.lens
    same = isinstance(old, Lens) and old in last.mobjects and new in fresh
    if not same or old.box != new.box or old.zoom != new.zoom:
        return []
    _put(fresh, new, old)
    guest.lens = old
    ours = {id(each) for each in guest.page.get_family()}
    fresh[:] = [each for each in fresh if id(each) not in ours]
    guest.page = VGroup()
    if not goes_on:
        return [old.panel.animate.set_stroke(new.panel.get_stroke_color())]
    theirs = {id(each) for each in last.page.get_family()}
    fresh += [each for each in last.mobjects if id(each) in theirs]
    guest.page = last.page
    return []


def _take_columns(last: Any, guest: Any, fresh: list[Mobject]) -> None:
    """Let the columns wait that the next story has there, or may ask for."""
    if last.now.tick != guest.now.tick or last.trace is not guest.trace:
        return
    for name, old in last.columns.items():
        if old not in last.mobjects:
            continue
        new = guest.columns.get(name)
        if new is None and not guest.columns:
            guest.columns[name] = old
            fresh.append(old)
        elif isinstance(new, Column) and new in fresh and _alike(old, new):
            _put(fresh, new, old)
            guest.columns[name] = old


def _alike(one: Mobject, other: Mobject) -> bool:
    return bool(np.allclose(one.get_center(), other.get_center(), atol=NEAR)) and (
        abs(one.width - other.width) < NEAR
    )
