"""Sphinx configuration: ``make docs`` builds the site into build/docs."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder import __version__  # noqa: E402

project = "autograder"
author = "the authors of the course"
copyright = "the authors, BSD-3-Clause"
version = release = __version__

extensions = ["myst_parser", "docs.generated", "docs.generated.pages"]
source_suffix = {".md": "markdown"}
nitpicky = True
highlight_language = "none"  # of indented blocks; fenced blocks name their language
smartquotes = False  # commands are copied from these pages
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

html_theme = "sphinx_book_theme"
html_title = "autograder"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the search field in the sidebar suffices
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
