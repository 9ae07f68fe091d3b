"""The documentation's site: every public name is described, broken links are errors, nothing comes from elsewhere."""

import logging
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

import grader
import grader.kit
from grader.devkit.answers import ROOT

DOCS = ROOT / "docs"
BROKEN = """# Broken

[a page](nowhere.md), [an anchor](authoring.md#nowhere), ![an image](images/nowhere.png),
[a file](../grader/samples/nowhere.py) and a [name][grader.kit.nowhere].
"""


@pytest.mark.parametrize(("page", "package"), [("kit.md", grader.kit), ("notebook.md", grader)])
def test_a_reference_has_every_public_name(page: str, package: object) -> None:
    described = set(re.findall(r"^::: ([\w.]+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE))
    names = {f"{package.__name__}.{name}" for name in package.__all__}  # type: ignore[attr-defined]
    modules = {"grader.datasets": "grader.notebook.datasets"}
    assert {modules.get(name, name) for name in names} <= described


def test_the_reference_has_every_module_for_training_loops() -> None:
    described = re.findall(r"^::: grader\.kit\.training\.(\w+)$", (DOCS / "kit-training.md").read_text(), re.MULTILINE)
    modules = {path.stem for path in (ROOT / "grader" / "kit" / "training").glob("[!_]*.py")}
    assert modules - set(described) == {"beside", "hints"}, "what runs beside the student's code, and its texts"


@pytest.mark.slow
def test_the_site_has_no_broken_link_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    assert build(DOCS, tmp_path / "site") == []
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > len(list(DOCS.rglob("*.md")))
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert loads.found, page
        assert [url for url in loads.found if re.match(r"(\w+:)?//", url)] == [], page
    style = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.css"))
    assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", style)


@pytest.mark.slow
def test_each_kind_of_broken_link_is_an_error(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    (tmp_path / "docs" / "use.md").write_text(BROKEN, encoding="utf-8")
    errors = build(tmp_path / "docs", tmp_path / "site")
    for broken in ("nowhere.md", "authoring.md#nowhere", "nowhere.png", "samples/nowhere.py", "grader.kit.nowhere"):
        assert [error for error in errors if broken in error], broken
    assert len(errors) == 5


class Loads(HTMLParser):
    """What a page loads by itself: scripts, styles, images, frames."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.found.append(given.get("href") or "")
        elif tag != "a":
            self.found += [given[name] or "" for name in ("src", "srcset", "poster", "data") if name in given]


def build(docs: Path, site: Path) -> list[str]:
    """Builds the site; what MkDocs finds wrong, which ends `make docs`."""
    mkdocs = pytest.importorskip("mkdocs", reason="the site is built where the package's [dev] is installed")
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    found: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(mkdocs.__name__)
    logger.addHandler(handler)
    try:
        config = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(site), strict=False)
        build(config)
    finally:
        logger.removeHandler(handler)
    return found
