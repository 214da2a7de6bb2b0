"""How Sphinx makes the site from these pages, and from the code itself: `make docs`.

Everything lies in the site: it loads nothing from elsewhere, and opens from disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lstmviz

project = "lstmviz"
version = release = lstmviz.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "extension.code",
    "extension.commands",
    "extension.figures",
    "extension.formats",
    "extension.house",
]
exclude_patterns = ["extension", "static"]
nitpicky = True

# Docstrings and help texts are plain words, where `one` backtick means code.
default_role = "code"
smartquotes = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 80
napoleon_numpy_docstring = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True

html_theme = "furo"
html_title = "lstmviz"
html_static_path = ["static"]
html_css_files = ["lstmviz.css"]
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which browsers refuse from disk
pygments_style = "xcode"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0969DA",
        "color-brand-content": "#0969DA",
        "lstmviz-code": "#F3F5F8",
    },
    "dark_css_variables": {
        "color-brand-primary": "#4AA8FF",
        "color-brand-content": "#4AA8FF",
        "lstmviz-code": "#0E1116",
    },
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
