"""Animations without side effects: they change what they animate, and nothing else.

They are Manim's own animations, and others that say `steady = True` of themselves: that they
change what they hold and nothing else, and end alike however many frames are played. There is
no updater anywhere. Such a move need not be gone through frame by frame to know how it ends, and
between two of its frames nothing else on the stage needs to be looked at. Of Manim 0.22 this
relies on `Scene.update_to_time`: that it interpolates the animations, and otherwise only runs
updaters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from manim import Animation, Mobject, Scene, Transform

from lstmviz.stage.manim.reliance import Reliance, recognised

# Animations of Manim whose end depends on their beginning alone, not on the frames between.
_STEADY = (
    "manim.animation.animation",
    "manim.animation.composition",
    "manim.animation.creation",
    "manim.animation.fading",
    "manim.animation.growing",
    "manim.animation.transform",
)
_UPDATES = ("update_to_time", "update_mobjects", "update_meshes", "update_self")
_KNOWN = "c554748b"  # of the source of `Scene.update_to_time`


def is_steady(scene: Scene) -> bool:
    """Tell whether all is known of the move that a scene has begun.

    What we do not know is gone through frame by frame: animations of somebody's own, which may
    add up small steps, and updaters.
    """
    if not reliance().holds or scene.updaters or scene.meshes or scene.stop_condition is not None:
        return False
    if any(getattr(type(scene), name) is not getattr(Scene, name) for name in _UPDATES):
        return False
    animations = list(scene.animations or ())
    if not all(map(_steady, animations)):
        return False
    on_stage: list[Any] = [*scene.mobjects, *(each.mobject for each in animations)]
    return not _updated(on_stage)


def reliance() -> Reliance:
    """Look whether this Manim goes from frame to frame in the way that is done here."""
    known = recognised(Scene.update_to_time, _KNOWN)
    absent = [name for name in _STEADY if name not in sys.modules]
    return Reliance(
        "moves of which all is known",
        next(iter(absent), None) if known else "Scene.update_to_time",
        "everything on the stage is looked at for every frame, which takes longer",
        slower=True,
    )


class SteadyMove:
    """A steady move that has begun, gone through frame by frame with as little work as can be.

    `movers` are all mobjects that the last step may have changed, by their ids.
    """

    def __init__(self, scene: Scene) -> None:
        self.movers: dict[int, Mobject] = {}
        self._scene = scene
        self._animations = list(scene.animations or ())
        for animation in _all_of(self._animations):
            if not hasattr(animation, "animations"):
                self._listen(animation)

    def go_to(self, time: float) -> None:
        """Go to a time in seconds since the move began."""
        self._scene.last_t = time
        self.movers.clear()
        for animation in self._animations:
            animation.interpolate(time / animation.run_time)

    def end(self) -> None:
        """Leave the animations as they were."""
        for animation in _all_of(self._animations):
            for name in ("interpolate", "get_all_families_zipped"):
                vars(animation).pop(name, None)

    def _listen(self, animation: Animation) -> None:
        """Note what an animation changes, whenever it does; it may begin later."""
        interpolate = animation.interpolate
        touched: dict[int, Mobject] = {}

        def heard(alpha: float) -> None:
            if not touched:
                touched.update((id(each), each) for each in _touched(animation))
                _remember_families(animation)
            self.movers.update(touched)
            interpolate(alpha)

        animation.interpolate = heard  # type: ignore[method-assign]


@contextmanager
def steady_move(scene: Scene) -> Iterator[SteadyMove]:
    """Go through the move that a scene has begun, a steady one."""
    move = SteadyMove(scene)
    try:
        yield move
    finally:
        move.end()


def _touched(animation: Animation) -> Iterator[Mobject]:
    """Give all mobjects that an animation holds, copies included."""
    for value in vars(animation).values():
        if isinstance(value, Mobject):
            yield from value.get_family()


def _remember_families(animation: Animation) -> None:
    """Let a Transform not look up its families for every frame: they stay until it ends."""
    if isinstance(animation, Transform):
        families = list(animation.get_all_families_zipped())
        animation.get_all_families_zipped = lambda: families  # type: ignore[method-assign]


def _all_of(animations: Sequence[Animation]) -> Iterator[Animation]:
    for animation in animations:
        yield animation
        within = [each for each in vars(animation).values() if isinstance(each, Animation)]
        yield from _all_of([*getattr(animation, "animations", ()), *within])


def _steady(animation: Animation) -> bool:
    kind = type(animation)
    nested: Sequence[Animation] = getattr(animation, "animations", ())
    told = kind.__module__ in _STEADY or vars(kind).get("steady", False)
    return told and all(map(_steady, nested))


def _updated(mobjects: Sequence[Mobject]) -> bool:
    return any(
        each.updaters or type(each).update is not Mobject.update or _updated(each.submobjects)
        for each in mobjects
    )
