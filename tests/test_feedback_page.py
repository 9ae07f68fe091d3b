"""Feedback pages: what their contents say, and that they need no address of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from grader.checking.results import MIME_TYPE
from grader.feedback.exporter import FeedbackExporter
from grader.feedback.formulas import Formulas, mathml

TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"


def graded(name: str, **values: Any) -> dict[str, Any]:
    nothing = {"grade": False, "solution": False, "task": False, "locked": False}
    return {"nbgrader": nothing | {"grade_id": name} | values}


def page(language: str | None) -> str:
    """The page of a notebook with an exercise, an essay and a comment."""
    cells = [
        new_code_cell(f'use_language("{language}")' if language else ""),
        new_code_cell("def outer(): ...", metadata=graded("outer_answer", solution=True, comment="See *this*.")),
        new_code_cell('check("outer")', metadata=graded("outer", grade=True, score=2.5, points=4)),
        new_markdown_cell("Mine", metadata=graded("essay", grade=True, solution=True, score=1, points=2)),
    ]
    return made(cells)


def made(cells: list[nbformat.NotebookNode]) -> str:
    """The page of a notebook with these cells."""
    config = Config()
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES / "templates")]
    config.HTMLExporter.extra_template_paths = [str(TEMPLATES / "static/node_modules/bootstrap/dist/css")]
    config.HTMLExporter.filters = {"markdown2html": "grader.feedback.pages.markdown_without_scripts"}
    config.Exporter.default_preprocessors = []
    resources = {"nbgrader": {"notebook": "hw1", "score": 3.5, "max_score": 6, "late_penalty": 1}}
    resources["inlining"] = {"css": []}
    notebook: nbformat.NotebookNode = new_notebook(cells=cells)
    return str(FeedbackExporter(config=config).from_notebook_node(notebook, resources)[0])


def contents(text: str) -> list[str]:
    toc = text[text.index('id="toc"') : text.index("</ol>")]
    return [re.sub(r"<[^>]*>", "", item).strip() for item in re.findall(r"<li.*?</li>", toc, re.DOTALL)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (None, ["comment", "outer · 2.5 of 4 points", "your answer · 1 of 2 points", "handed in late: −1 points"]),
        ("es", ["comentario", "outer · 2.5 de 4 puntos", "tu respuesta · 1 de 2 puntos", "entregado tarde: −1 puntos"]),
    ],
)
def test_contents_name_the_exercises_in_the_notebook_s_language(language: str | None, expected: list[str]) -> None:
    assert contents(page(language)) == expected


def test_contents_name_no_comment_that_nbgrader_itself_made_on_an_untouched_answer() -> None:
    untouched = new_code_cell("def outer(): ...", metadata=graded("a", solution=True, comment="No response."))
    text = made([untouched, new_code_cell('check("outer")', metadata=graded("outer", grade=True, score=0, points=4))])
    assert contents(text)[0] == "outer · 0 of 4 points"


def test_contents_lead_to_places_of_the_page_without_an_address() -> None:
    text = page(None)
    targets = re.findall(r'for="([^"]+)"', text)
    assert {"outer", "essay", "comment-outer_answer", "top"} <= set(targets)
    for target in targets:
        assert len(re.findall(rf'id="{target}"', text)) == 1, target
    assert 'href="#' not in text


def test_a_page_asks_nothing_of_other_addresses() -> None:
    text = page(None)
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^"'\s>]+|<script""", text)


def test_formulas_are_drawn_by_the_browser_alone() -> None:
    prose = "Let $x_1$ be.\n\n$$\\sum_i x_i^2$$\n\n\\begin{align}a &= b\\end{align}\n\n`$c$` costs 5"
    formula = new_output("display_data", data={"text/latex": r"$\displaystyle \frac{1}{2}$", "text/html": "old"})
    text = made([new_markdown_cell(prose), new_code_cell("f", outputs=[formula])])
    assert text.count("<math") == 4
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in text
    assert '<math display="block">' in text
    assert "<mfrac>" in text
    assert "<code>$c$</code>" in text


@pytest.mark.parametrize(
    ("tex", "kept"),
    [
        (r"\text{<img src=x onerror=alert(1)>}", "&lt;img"),
        (r"\href{javascript:alert(1)}{x}", "<mi>x</mi>"),
        (r"\class{autograde}{x}", "<mi>x</mi>"),
        (r"\style{position:fixed}{x}", "<mi>x</mi>"),
        (r"\hspace{-100em}x", "<mi>x</mi>"),
        (r"\color{red\" onclick=\"alert(1)}x", "x"),
    ],
)
def test_a_formula_holds_no_script_and_no_place_elsewhere(tex: str, kept: str) -> None:
    drawn = mathml(tex)
    assert kept in drawn
    tags = "".join(re.findall(r"<[^<>]*>", drawn))
    assert not re.search(r"on\w+=|href|class|style=|javascript|-100|<(?!/?m|/?code)", tags), drawn


@pytest.mark.parametrize("tex", ["}{", "x^2^2", r"\left(", "{" * 1500, "x" * 3000, r"\frac"])
def test_what_is_no_formula_is_shown_as_it_was_written(tex: str) -> None:
    assert mathml(tex) == f"<code>${tex}$</code>"


def test_a_formula_in_an_attribute_stays_text_and_nobody_forges_a_mark() -> None:
    formulas = Formulas()
    mark = formulas.mark('y">')
    assert formulas.drawn(f'<img alt="{mark}">{mark}').startswith('<img alt="$y&quot;&gt;$"><math')
    assert Formulas.unmarked(f"a{mark}") == "a0"


@pytest.mark.parametrize(("score", "says"), [(0.0, False), (4.67, True)])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your instructor changed"), ("es", "Tu profesor o profesora cambió")]
)
def test_a_panel_whose_points_a_person_changed_says_so(score: float, says: bool, language: str, words: str) -> None:
    data = {"text/plain": "0.0", "text/html": "<b>panel</b>", MIME_TYPE: {"score": 0.0}}
    output = new_output("execute_result", data=data)
    about = graded("outer", grade=True, score=score, points=14)
    text = made(
        [
            new_code_cell(f'use_language("{language}")'),
            new_code_cell('check("outer")', metadata=about, outputs=[output]),
        ]
    )
    assert (words in text) == says
    assert ("4.67" in text[text.index("<b>panel") - 300 : text.index("<b>panel")]) == says
