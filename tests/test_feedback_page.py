"""Feedback pages: what their contents say, and that they need no address of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from grader.feedback.exporter import FeedbackExporter

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
    config = Config()
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES / "templates")]
    config.HTMLExporter.extra_template_paths = [str(TEMPLATES / "static/node_modules/bootstrap/dist/css")]
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


def test_contents_lead_to_places_of_the_page_without_an_address() -> None:
    text = page(None)
    targets = re.findall(r'for="([^"]+)"', text)
    assert {"outer", "essay", "comment-outer_answer", "top"} <= set(targets)
    for target in targets:
        assert len(re.findall(rf'id="{target}"', text)) == 1, target
    assert 'href="#' not in text
