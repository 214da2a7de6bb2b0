"""What several pages speak of."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation


@pytest.fixture
def lecturers_deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deck of somebody's, with a slide of results."""
    show = Presentation()
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "Results"
    path = tmp_path_factory.mktemp("deck") / "my.pptx"
    show.save(str(path))
    return path
