"""nbgrader's feedback pages, with contents that name the exercises, in the notebook's language, and work in a frame.

JupyterLab shows a page in a frame whose base is another address, so that a link to a place in the page leads out of it,
to a page that a hub does not let into a frame. So the contents are labels: a click on one moves the focus, and with it
the view, to a control that stands in its place, without a script and in every browser.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from grader.check_cells import exercise_checked, language_named
from grader.checking.results import MIME_TYPE
from grader.feedback.formulas import mathml
from grader.kit.messages import current_language, languages, speaking, tr
from grader.sandbox.markup import contained

_TEMPLATES: Final = Path(__file__).parent / "templates"
_TEMPLATE: Final = "aulatorch_feedback"
_DOLLARS: Final = re.compile(r"\s*(\$\$?)(.*)\1\s*", re.DOTALL)
_NOTE: Final = '<div style="margin:4px 0;padding:6px 12px;border-left:4px solid #337ab7">{}</div>'
_UNTOUCHED: Final = "No response."
"""nbgrader's comment on an answer that is as it was released, which is nobody's to be pointed to."""
_SAME: Final = 0.005
"""Points are shown with two decimals."""


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]  # nbconvert has no types
    """Makes a feedback page; its template extends nbgrader's."""

    def __init__(self, config: Any = None, **kwargs: Any) -> None:
        config = Config() if config is None else copy.deepcopy(config)
        section = config.HTMLExporter
        section.template_name = _TEMPLATE
        folders = section.get("extra_template_basedirs", [])
        section.extra_template_paths = [*section.get("extra_template_paths", []), *folders]  # what ours extends
        section.extra_template_basedirs = [*folders, str(_TEMPLATES)]
        super().__init__(config=config, **kwargs)

    def _preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbconvert's and nbgrader's preprocessors, which look up the grades, and then what the page says of them."""
        nb, resources = super()._preprocess(nb, resources)
        sources = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        wanted = language_named(sources) or self.config.AulaTorch.get("language", None)
        with speaking(wanted if wanted in languages() else current_language()):
            resources["aulatorch"] = _words(nb, resources.get("nbgrader", {}))
            for cell in nb.cells:
                _tell_changed(cell)
        _draw_formulas(nb)
        return nb, resources


def _draw_formulas(notebook: NotebookNode) -> None:
    """Draws the outputs that are formulas."""
    for data in _shown(notebook.cells):
        found = _DOLLARS.fullmatch(data.get("text/latex", ""))
        if found is not None:
            data["text/html"] = contained(mathml(found[2], found[1] == "$$"))


def _tell_changed(cell: NotebookNode) -> None:
    """Says above an exercise's panel that a person changed its points."""
    grading = cell.metadata.get("nbgrader", {})
    for data in _shown([cell]) if grading.get("grade") else ():
        found = data.get(MIME_TYPE)
        if not isinstance(found, dict) or not isinstance(found.get("score"), int | float):
            continue
        score, points = float(grading.get("score") or 0), float(grading.get("points") or 0)
        if abs(score - found["score"]) > _SAME:
            note = tr(
                "Your instructor changed the points of this exercise: it has {score} of {points}, whatever the checks"
                " below say ({automatic}).",
                score=f"{score:.4g}",
                points=f"{points:.4g}",
                automatic=f"{found['score']:.4g}",
            )
            data["text/html"] = _NOTE.format(html.escape(str(note))) + str(data.get("text/html", ""))


def _shown(cells: list[NotebookNode]) -> Iterator[Any]:
    """What the outputs of cells show, by kind."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output.data


def _words(notebook: NotebookNode, about: Any) -> dict[str, Any]:
    """What the page says besides the notebook."""
    scores, names, contents = {}, {}, []
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        name = grading.get("grade_id", "")
        names[name] = _name(cell, grading)
        if grading.get("grade") or grading.get("task"):
            scores[name] = _points(grading.get("score", 0), grading.get("points", 0))
            contents.append({"target": name, "name": names[name], "score": scores[name]})
        if grading.get("comment") not in (None, "", _UNTOUCHED):
            contents.append({"target": f"comment-{name}", "name": str(tr("comment")), "score": ""})
    penalty = about.get("late_penalty", 0)
    return {
        "score": _points(about.get("score", 0), about.get("max_score", 0)),
        "late": str(tr("handed in late: −{points} points", points=f"{penalty:g}")) if penalty else "",
        "contents": contents,
        "scores": scores,
        "names": names,
        "comment": str(tr("comment")),
        "top": str(tr("to the top")),
    }


def _name(cell: NotebookNode, grading: Any) -> str:
    """What a graded cell is called: a check cell as its exercise, any other one for what a student did there."""
    exercise = exercise_checked(cell.source) if cell.cell_type == "code" else None
    if exercise is not None:
        return exercise
    if grading.get("solution") or grading.get("task"):
        return str(tr("your answer"))
    return str(grading.get("grade_id", ""))


def _points(score: Any, points: Any) -> str:
    return str(tr("{score} of {points} points", score=f"{float(score or 0):.4g}", points=f"{float(points or 0):.4g}"))
