"""The documentation builds into pages that stand by themselves."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.sources import pages

LOADED = re.compile(
    r"""<(?:script|img|source|iframe)\b[^>]*\bsrc(?:set)?="([^"]+)"|<link\b[^>]*\bhref="([^"]+)\""""
)
FROM_CSS = re.compile(r"""(?:@import\s+|url\()["']?([^"')]+)""")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages, by the command of `make docs`."""
    folder = tmp_path_factory.mktemp("docs")
    recipe = re.search(r"sphinx-build (.+) docs build/docs", (ROOT / "Makefile").read_text())
    assert recipe
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *recipe[1].split(), "docs", str(folder)],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return folder


def test_every_page_is_built_and_can_be_searched(built: Path) -> None:
    ours = {page.relative_to("docs").with_suffix("") for page in pages() if page.parts[0] == "docs"}
    search = (built / "searchindex.js").read_text()

    assert ours
    assert [page for page in ours if not (built / f"{page}.html").exists()] == []
    assert [page for page in ours if f'"{page}"' not in search] == []


def test_the_built_pages_load_nothing_from_elsewhere(built: Path) -> None:
    loads = [
        (page.name, one)
        for page in built.rglob("*.html")
        for found in LOADED.findall(page.read_text())
        for one in found
        if one
    ]
    loads += [
        (sheet.name, one)
        for sheet in built.rglob("*.css")
        for one in FROM_CSS.findall(sheet.read_text())
    ]

    assert loads
    assert [one for one in loads if re.match(r"(?:[a-z]+:)?//", one[1])] == []
