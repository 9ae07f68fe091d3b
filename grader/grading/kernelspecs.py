"""A course of ours is graded by our steps or not at all, whatever becomes of its configuration.

Plain nbgrader runs a submission in the kernel that the gradebook names for its notebook. For a course of ours it names
one that does not exist: where our steps are not configured, each submission ends with "no such kernel" before any of
its cells has run. Our own steps ask for no kernel by name.

It imports no torch: releasing stays quick.
"""

from __future__ import annotations

import json
from typing import Any, Final

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteKernelspec
from sqlalchemy.exc import SQLAlchemyError

from grader.check_cells import is_of_ours
from grader.grading.examination import is_ours, released
from grader.grading.sharing import share_gradebook
from grader.settings import AulaTorch

NO_KERNEL: Final = "aulatorch-configuration-was-not-loaded"
"""The name of a kernel that nobody has: nbgrader's error shows it."""

_RELEASED: Final = "aulatorch_released"
"""The key of the kernelspec that was released."""


def forbid_other_steps(gradebook: Gradebook, assignment: str) -> None:
    """Makes the gradebook name a kernel that does not exist for every notebook of an assignment."""
    notebooks = gradebook.find_assignment(assignment).notebooks
    before = [notebook.kernelspec for notebook in notebooks]
    for notebook in notebooks:
        notebook.kernelspec = _without_kernel(notebook.kernelspec)
    if before != [notebook.kernelspec for notebook in notebooks]:
        try:
            gradebook.db.commit()
        except SQLAlchemyError:
            gradebook.db.rollback()
            raise


def _without_kernel(stored: str | None) -> str:
    spec = json.loads(stored or "{}")
    if spec.get("name") == NO_KERNEL:
        return json.dumps(spec)
    about = {"name": NO_KERNEL, "display_name": NO_KERNEL, "language": spec.get("language", "python")}
    return json.dumps(about | {_RELEASED: spec})


class ForbidOtherSteps(NbGraderPreprocessor):
    """Has the gradebook name no kernel for an assignment of a course of ours, once nbgrader has saved its cells."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Leaves the notebook as it is."""
        names = resources["nbgrader"]
        share_gradebook(_coursedir(self))
        with Gradebook(names["db_url"]) as gradebook:
            ours = any(cell.cell_type == "code" and is_of_ours(cell.source) for cell in nb.cells)
            if ours or is_ours(_coursedir(self), AulaTorch(parent=self), released(gradebook, names["assignment"])):
                forbid_other_steps(gradebook, names["assignment"])
        return nb, resources


class RestoreKernelspec(OverwriteKernelspec):
    """Puts the released kernelspec back into a submission, in place of nbgrader's `OverwriteKernelspec`."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Overwrites the kernelspec; where none was released, the student's stays."""
        submitted = nb.metadata.get("kernelspec")
        nb, resources = super().preprocess(nb, resources)
        if nb.metadata.get("kernelspec", {}).get("name") == NO_KERNEL:
            kernelspec = nb.metadata.kernelspec.get(_RELEASED) or submitted
            if kernelspec is None or kernelspec.get("name") == NO_KERNEL:
                del nb.metadata["kernelspec"]
            else:
                nb.metadata["kernelspec"] = kernelspec
        return nb, resources


def _coursedir(configurable: Any) -> CourseDirectory:
    """nbgrader's, of the converter that `configurable` works for."""
    parent = configurable.parent
    while parent is not None:
        if isinstance(getattr(parent, "coursedir", None), CourseDirectory):
            return parent.coursedir
        parent = getattr(parent, "parent", None)
    return CourseDirectory(parent=configurable)
