"""How Manim 0.22 plays a scene, which `renderers` does in its place.

A renderer is given the scene, its session and its files (`init_scene`), and then plays: the scene
compiles its animations, begins them, and is brought from time to time (`play`). What rests and
what moves is known once they have begun. Nothing can be drawn where that is done otherwise.
"""

from __future__ import annotations

from manim import Scene
from manim.renderer.cairo_renderer import CairoRenderer

from lstmviz.stage.manim.reliance import Reliance, missing_method

_RENDERER = {
    "init_scene": "scene session_spec file_writer_settings",
    "play": "scene",
    "update_frame": "scene mobjects",
    "save_static_frame_data": "scene static_mobjects",
    "scene_finished": "scene",
}
_SCENE = {
    "compile_animations": "",
    "compile_animation_data": "",
    "begin_animations": "",
    "is_current_animation_frozen_frame": "",
    "should_update_mobjects": "",
    "update_to_time": "t",
    "update_mobjects": "dt",
    "next_section": "",
    "add_subcaption": "content",
}


def reliance() -> Reliance:
    """Look whether scenes are played as they are here."""
    lacking = missing_method(CairoRenderer, _RENDERER) or missing_method(Scene, _SCENE)
    return Reliance("the playing of scenes", lacking, "no film can be drawn", needed=True)
