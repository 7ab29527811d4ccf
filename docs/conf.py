"""How the site is built: `nox -s docs`, or sphinx-build -b html docs reports/out/docs."""

import re

from sphinx.application import Sphinx

from leakcheck import __version__

project = "leakcheck"
author = "The leakcheck authors"
release = version = __version__

extensions = [
    "myst_parser",  # the pages are Markdown, and the same on GitHub
    "sphinx.ext.autodoc",  # the Python API, from its docstrings
    "sphinx.ext.napoleon",  # which are in Google's style
]
nitpicky = True
# A type of the standard library is no page of this site, and nothing is fetched to find it.
nitpick_ignore_regex = [
    ("py:.*", r"(?!leakcheck).*"),
    # What the public names are made of, and nobody makes: record-format.md has their fields.
    (
        "py:.*",
        r"leakcheck\.(workload\.F|run\..*|driving\..*|model\.(?!verdict\.Judgement|verdict\.Growth).*)",
    ),
]
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"leakcheck {release}"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]

_FILE = re.compile(r"^( *)<!-- file: (\S+) -->\n *```(\w+)\n", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Show the name of a file above its text: a page says it in a comment, for the tests."""
    app.connect("source-read", _name_files)


def _name_files(_: Sphinx, __: str, source: list[str]) -> None:
    source[0] = _FILE.sub(r"\1```{code-block} \3\n\1:caption: \2\n\n", source[0])
