"""The step that puts the released structure back into a submission."""

from __future__ import annotations

from typing import Any, Final

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import DeduplicateIds

from grader.grading.handover import Handover
from grader.grading.intake import shown
from grader.grading.limits import QUARANTINE_KEY
from grader.grading.repair import made, repair
from grader.grading.sources import has_checks, released_cells, settings_of, source_notebook
from grader.kit.messages import tr

Resources = Any

SET_ASIDE: Final = tr(
    "What you see here is the notebook that was handed out, not yours. It costs you nothing: your instructor will look"
    " at what you handed in."
)


class RepairCells(DeduplicateIds):
    """Puts the released structure back into a submission, in place of nbgrader's `DeduplicateIds`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Repairs a notebook of ours; leaves any other to nbgrader."""
        settings = settings_of(self)
        source = source_notebook(self, resources)
        if source is None or not has_checks(source):
            return super().preprocess(nb, resources)
        handover = Handover.of(resources)
        notices = list(handover.notices)
        released = released_cells(source, resources)
        unclear = handover.undecided
        if unclear is not None:
            nb.cells = [made(cell, cell.source, cell.cell_id) for cell in released]
            notices += [unclear, SET_ASIDE]
        else:
            repaired = repair(nb, released)
            notices += [] if handover.is_unreadable else repaired
        texts = [notice.render(settings.language) for notice in notices]
        nb.metadata[QUARANTINE_KEY] = {"notices": texts, "unreadable": handover.is_unreadable}
        if unclear is not None:
            nb.metadata[QUARANTINE_KEY]["undecided"] = unclear.render("en")
        file = handover.file
        if file is not None and file != f"{resources['nbgrader']['notebook']}.ipynb":
            nb.metadata[QUARANTINE_KEY]["file"] = shown([file])
            nb.metadata[QUARANTINE_KEY]["folder"] = file.rpartition("/")[0]
        if texts:
            nb.cells.insert(0, new_markdown_cell("\n\n".join(f"> **AulaTorch**: {text}" for text in texts)))
        return nb, resources
