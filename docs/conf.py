"""How Sphinx builds the documentation: `make docs`, warnings are errors.

The pages are plain Markdown that also reads well where the repository is browsed. Their order in
the built pages is that of the links on the index, so that there is one list of pages and not two.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Waybill and Desk"
author = copyright = "Waybill maintainers"  # noqa: A001 - Sphinx's name for it

extensions = ["myst_parser"]
root_doc = "index"
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "friendly"
pygments_dark_style = "monokai"

LISTS = ("index", "decisions/README")
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
PAGE = re.compile(r"\]\(((?!https?:)[^)#]+)\.md\)")


def with_contents(app: "Sphinx", name: str, source: list[str]) -> None:
    """Put the pages that a list of pages names, section by section, into the navigation."""
    if name not in LISTS:
        return
    parts = ["", *SECTION.split(source[0])]
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        if pages := "\n".join(PAGE.findall(text)):
            caption = f":caption: {heading}\n" if heading else ""
            source[0] += f"\n```{{toctree}}\n:hidden:\n{caption}\n{pages}\n```\n"


def setup(app: "Sphinx") -> None:
    """Take part in the build."""
    app.connect("source-read", with_contents)
