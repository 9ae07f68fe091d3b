"""The step that runs a notebook and grades its check cells."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import Execute

from grader.checking.results import CheckResult, ExerciseResult, Verdict
from grader.course import Checks, checks_of
from grader.grading.beside import files_beside
from grader.grading.cells import check_cells
from grader.grading.core import GradedNotebook, grade_notebook, undecided, write_result
from grader.grading.examination import source_path
from grader.grading.handover import Handover
from grader.grading.limits import QUARANTINE_KEY, UNDECIDED_KEY
from grader.grading.policy import Policy
from grader.grading.repair import NOTICE_KEY
from grader.grading.sources import coursedir_of, settings_of
from grader.grading.zygotes import shared_zygote
from grader.kit.failures import Diagnosis
from grader.kit.messages import tr
from grader.sandbox.zygote import ZygoteError
from grader.settings import SettingsError

Resources = Any

_ATTEMPTS: Final = 3
"""At grading one notebook, where it is the machine that fails."""


class GradeCells(Execute):
    """Runs a notebook in a process of its own and grades its check cells, in place of nbgrader's `Execute`.

    A notebook of a course that has no check of ours at all is executed by nbgrader's own step, unchanged.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources, km: Any = None) -> tuple[NotebookNode, Resources]:
        """Grades the notebook; its check cells come out with a panel, a score and the results as JSON.

        Raises:
            SettingsError: the course's checks are not where its settings say.
        """
        settings = settings_of(self)
        positions = check_cells(nb)
        if not positions and settings.confine != "always":
            return super().preprocess(nb, resources, km)
        names = resources.get("nbgrader", {})
        checks = checks_of(settings, names["assignment"]) if "assignment" in names else Checks(settings.root)
        policy = Policy.of(settings, checks, _sources(self, names))
        if positions and not checks.hidden and not settings.grade_without_hidden_checks:
            raise SettingsError("there are no hidden checks, and c.AulaTorch.grade_without_hidden_checks is not set")
        noted = nb.metadata.get(QUARANTINE_KEY, {})
        if "undecided" in noted:
            _leave_undecided(nb, positions, policy, noted["undecided"])
            return nb, resources
        if noted.get("unreadable"):
            _grade_unreadable(nb, positions, policy)
            return nb, resources
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        files = files_beside(
            folder, self.log, handed_in=_handed_in(self, resources), notebook_folder=noted.get("folder", "")
        )
        handover = Handover.of(resources)
        if handover.seconds is not None:
            policy = replace(policy, notebook_seconds=min(handover.seconds, policy.notebook_seconds))
        graded = _graded_with_retries(nbformat.writes(nb).encode(), policy, files)
        if graded.ran_out and handover.is_first_round:
            raise OutOfTimeError
        for result in graded.exercises:
            self.log.info(
                "%s: %g of %g points (%s)",
                result.exercise,
                result.score,
                result.points,
                ", ".join(f"{count} {verdict}" for verdict, count in result.verdicts.items()),
            )
        return nbformat.reads(graded.notebook.decode(), as_version=4), resources


def _sources(configurable: Any, names: Mapping[str, Any]) -> list[Path]:
    """The instructor's notebook, if it is there."""
    if not {"assignment", "notebook"} <= names.keys():
        return []
    path = source_path(coursedir_of(configurable), names["assignment"], names["notebook"])
    return [path] if path.is_file() else []


class OutOfTimeError(Exception):
    """A notebook takes longer than it is given at first; it is graded again when everybody else is."""


def _graded_with_retries(notebook: bytes, policy: Policy, files: Mapping[str, bytes]) -> GradedNotebook:
    """What `grade_notebook` makes of a notebook, with another zygote where one is lost on the way.

    Raises:
        ZygoteError: none lives long enough.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(ZygoteError):
            return grade_notebook(notebook, policy, files=files, zygote=shared_zygote())
    return grade_notebook(notebook, policy, files=files, zygote=shared_zygote())


def _grade_unreadable(nb: NotebookNode, positions: Mapping[str, int], policy: Policy) -> None:
    for exercise, index in positions.items():
        cell = nb.cells[index]
        cell.metadata.pop(NOTICE_KEY, None)
        check = CheckResult(
            check="notebook",
            case="",
            exercise=exercise,
            title=tr("The notebook can be opened."),
            verdict=Verdict.ERROR,
            diagnosis=Diagnosis(tr("Your file could not be opened; the reason is at the top of the notebook.")),
        )
        write_result(cell, ExerciseResult(exercise, float(cell.metadata.nbgrader.points), (check,)), policy.language)


def _leave_undecided(nb: NotebookNode, positions: Mapping[str, int], policy: Policy, reason: str) -> None:
    """Leaves every point to a person, those of cells without checks as well."""
    for exercise, index in positions.items():
        worth = float(nb.cells[index].metadata.nbgrader.points)
        write_result(nb.cells[index], ExerciseResult(exercise, worth, (undecided(exercise, reason),)), policy.language)
    for cell in nb.cells:
        if utils.is_grade(cell):
            cell.metadata[UNDECIDED_KEY] = True


def _handed_in(configurable: Any, resources: Mapping[str, Any]) -> Path | None:
    course, names = coursedir_of(configurable), resources.get("nbgrader", {})
    if "student" not in names:
        return None
    return Path(course.root, course.format_path(course.submitted_directory, names["student"], names["assignment"]))
