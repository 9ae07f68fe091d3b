"""MkDocs' hook for `make docs`: the README as home page, and links to files of the repository.

The README and the pages in ``docs/`` are written for whoever reads them in the repository. In the site a link from one
to the other, or to a source file, leads to the page, or to a copy of the file; where there is no such file the link
stays as it is, and MkDocs reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from os.path import normpath, relpath
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]
BESIDE: Final = {"index.md": "README.md", "contributing.md": "CONTRIBUTING.md"}
"""Pages whose sources lie beside ``docs/``."""

COPIES: Final = "repository"
"""The site's folder for copies of files that pages link to."""

_LINK: Final = re.compile(r"(?<=\]\()[^)\s#]+")


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages from beside ``docs/``, and the files of the repository that any page links to."""
    for uri, source in BESIDE.items():
        files.append(File.generated(config, uri, content=(ROOT / source).read_text(encoding="utf-8")))
    linked = {path for page in files.documentation_pages() for _, path in _links(page.content_string, page.src_uri)}
    for path in sorted(linked):
        if _place(path).startswith(COPIES):
            files.append(File.generated(config, _place(path), abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lets a page's links lead to where the site has their targets."""
    uri = page.file.src_uri
    places = {link: relpath(_place(path), PurePosixPath(uri).parent) for link, path in _links(markdown, uri)}
    return _LINK.sub(lambda link: places.get(link[0], link[0]), markdown)


def _links(markdown: str, uri: str) -> Iterator[tuple[str, str]]:
    """The links of a page to files that exist, each with its file's path in the repository."""
    folder = PurePosixPath(BESIDE.get(uri, f"docs/{uri}")).parent
    for link in set(_LINK.findall(markdown)):
        path = normpath(folder / link)
        if not path.startswith("..") and (ROOT / path).is_file():
            yield link, path


def _place(path: str) -> str:
    """Where the site has a file of the repository."""
    pages = {source: uri for uri, source in BESIDE.items()}
    return pages.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else f"{COPIES}/{path}")
