"""A class in which some hand in what nobody should: the others get their grades, and every page is harmless."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.devkit.warmup import ASSIGNMENT, RIGHT, events, hand_in, make_course, released, run
from grader.sandbox.folders import remove_folder

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autograde")]

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><a xlink:href='javascript:alert(1)'>x</a></math>",
    "<details open ontoggle=alert(1)>x</details>",
    "<style>@import 'http://evil.test/css'</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.test'>",
    "<base href=http://evil.test/>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<script type='text/x-mathjax-config'>alert(1)</script>",
    "<div class='nbgrader_cell navbar-fixed-top'><h1 id='double'>x</h1><span class='full-credit'>show</span></div>",
    "<p style='margin-top: calc(0px - (500px)); background: url(http://evil.test)'>x</p>",
    "<img src='/hub/logout'><img src='https://hub.test/hub/logout?x=.png'>",
    "![x](javascript:alert(1)) [x](javascript:alert(1)) ![x](attachment:gone.png)",
)
KINDS = (
    *("text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml", "image/png", "text/vnd.mermaid"),
    *("application/javascript", "application/vnd.jupyter.widget-view+json", "application/vnd.bokehjs_exec.v0+json"),
)
SHOWING = f"""
import sys
from IPython.display import display
for text in {HOSTILE!r}:
    for kind in {KINDS!r}:
        display({{kind: text}}, raw=True, metadata={{kind: {{"isolated": True, "width": text}}, "isolated": True}})
    print(text, "\\x1b[31m" + text + "\\x1b[0m", file=sys.stderr)
raise ValueError({HOSTILE!r})
"""


class Page(HTMLParser):
    """What of a page could do something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.handlers: set[str] = set()
        self.addresses: set[str] = set()
        self.classes: set[str] = set()
        self.styles: set[str] = set()
        self.ids: list[str] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._in_script = tag == "script"
        for name, value in attributes:
            if name.startswith("on"):
                self.handlers.add(name)
            if name in ("src", "href", "action", "data", "xlink:href", "srcdoc"):
                self.addresses.add((value or "").strip()[:60])
            if name == "style":
                self.styles.add(value or "")
            if name == "class":
                self.classes |= set((value or "").split())
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, text: str) -> None:
        if self._in_script and text.strip():
            self.scripts.append(text)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def hand_in_hostile_page(course: Path) -> None:
    """Hostile texts in outputs, errors, sources, Markdown and metadata."""
    notebook = released(course)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = RIGHT[cell.metadata.nbgrader.grade_id.removesuffix("_answer")]
        cell.metadata |= {"tags": [*HOSTILE, 5], "name": HOSTILE[0]}
        cell.metadata.setdefault("nbgrader", {})["comment"] = HOSTILE[1]
    cells = [new_markdown_cell(text) for text in (*HOSTILE, "\n\n".join(HOSTILE), "```html\n" + HOSTILE[0] + "\n```")]
    cells += [new_code_cell(SHOWING), new_code_cell("# </pre>" + "\n# ".join(HOSTILE))]
    cells[0]["attachments"] = {"a.png": {"image/svg+xml": "PHN2Zz4=", "text/html": HOSTILE[0]}, "b": 5}
    notebook.cells += cells
    notebook.metadata |= {
        "title": HOSTILE[0],
        "language_info": {"name": HOSTILE[0], "pygments_lexer": HOSTILE[1]},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"a": "</script><script>alert(1)</script>"}},
    }
    hand_in(course, "xaver", content=json.dumps(notebook).encode())


def hand_in_what_keeps_pages_busy(course: Path) -> None:
    """Texts for which highlighting and Markdown take minutes, hours or a recursion too deep."""
    notebook = released(course)
    slow = ["![" * 40_000, "[x]: " * 20_000, ">" * 30_000, "```apl\n" + "a." * 200_000 + "\n```"]
    notebook.cells += [new_markdown_cell(text) for text in slow]
    notebook.cells += [new_code_cell(text) for text in ("a." * 400_000, "'" * 900_001, (" " * 20 + "\n") * 40_000)]
    hand_in(course, "yago", content=nbformat.writes(notebook).encode())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course with everything that stops a batch, or a page; graded, with its feedback."""
    folder = tmp_path_factory.mktemp("hostile")
    make_course(folder)
    for student in (*"abcdefgh", "z"):
        hand_in(folder, student, RIGHT)
    submitted = folder / "submitted"

    def notebook(student: str) -> Path:
        path = submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.unlink()
        return path

    os.mkfifo(notebook("b"))
    notebook("c").symlink_to(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    (submitted / "d" / ASSIGNMENT / "timestamp.txt").write_text("2026-01-01 00:00:00 ../../../etc/passwd")
    os.mkfifo(submitted / "e" / ASSIGNMENT / "timestamp.txt")
    (submitted / "f" / ASSIGNMENT / "data.txt").mkdir()
    (submitted / "f" / ASSIGNMENT / "data.txt" / "inner").write_text("where the instructor has a file")
    (folder / "source" / ASSIGNMENT / "data.txt").write_text("data")
    make_deep_folder(submitted / "g" / ASSIGNMENT)
    shutil.move(submitted / "h", submitted / os.fsdecode(b"h\xff\x1b[31m"))
    hand_in_hostile_page(folder)
    hand_in_what_keeps_pages_busy(folder)
    run(folder, "grader", "autograde", ASSIGNMENT, code=1)
    run(folder, "nbgrader", "generate_feedback", ASSIGNMENT)
    yield folder
    remove_folder(submitted / "g")  # pytest's own cleaning recurses


def make_deep_folder(top: Path) -> None:
    here = os.open(top, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=here)
        there = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)


def test_who_cannot_be_graded_is_named_with_a_reason_and_the_others_are_graded(course: Path) -> None:
    graded = {event["student"]: event["score"] for event in events(course, "graded")}
    assert graded == {"a": 10, "xaver": 10, "yago": 0, "z": 10}
    reasons = {event["student"][0]: event["reason"] for event in events(course, "failed")}
    assert sorted(reasons) == list("bcdefh")
    assert "is not a file" in reasons["b"]
    assert "is not a file" in reasons["c"]
    assert "timestamp.txt holds no date" in reasons["d"]
    assert "timestamp.txt holds no date" in reasons["e"]
    waiting = {event["student"]: event["reason"] for event in events(course, "quarantined")}
    assert list(waiting) == ["g"]
    assert "more than 30 deep" in waiting["g"]
    assert "not UTF-8" in reasons["h"]


def test_a_page_has_no_script_no_address_and_no_button_of_the_student_s(course: Path) -> None:
    text = feedback(course, "xaver")
    harmless, page = Page(feedback(course, "z")), Page(text)
    assert page.scripts == harmless.scripts
    assert page.handlers == set()
    assert page.elements - harmless.elements <= {"img", "details", "table", "em", "strong", "p"}
    addresses = page.addresses - harmless.addresses
    assert {address for address in addresses if not address.startswith(("#text-", "#double", "#count"))} <= {""}
    assert not page.classes & {"full-credit", "navbar-fixed-top", "score", "tabbable"}
    assert page.ids.count("double") == harmless.ids.count("double")  # the contents' own place, where there is one
    assert not any(word in style for style in page.styles - harmless.styles for word in ("calc", "url", "margin"))
    assert "alert(1)" in text  # it is shown, as what it is


def test_a_page_is_done_whatever_keeps_its_parsers_busy(course: Path) -> None:
    assert "a.a.a." in feedback(course, "yago")


def feedback(course: Path, student: str) -> str:
    return (course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()


def test_nbgrader_s_own_command_leaves_pipes_and_links_to_nowhere_behind(tmp_path: Path) -> None:
    make_course(tmp_path)
    for student in "ab":
        hand_in(tmp_path, student, RIGHT)
    folder = tmp_path / "submitted" / "a" / ASSIGNMENT
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "gone").symlink_to("/nowhere")
    (folder / "notes.txt").write_text("hers")
    notebook = tmp_path / "submitted" / "b" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.unlink()
    os.mkfifo(notebook)
    assert "is not a file" in run(tmp_path, "nbgrader", "autograde", ASSIGNMENT, code=1)
    left = {path.name for path in (tmp_path / "autograded" / "a" / ASSIGNMENT).iterdir()}
    assert left == {"notes.txt", f"{ASSIGNMENT}.ipynb"}
    assert not (tmp_path / "autograded" / "b" / ASSIGNMENT).exists()
