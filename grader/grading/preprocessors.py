"""AulaTorch's steps in nbgrader's own lists of preprocessors; `grader.configure` puts them there.

nbgrader's notebooks pass through untouched: each step looks whether the assignment's source notebook has a check
cell of ours, and if it has none, does what nbgrader's own step would have done. Only running a notebook is nbgrader's
in courses alone that have no check of ours anywhere: where they have, every notebook runs confined.
"""

from __future__ import annotations

import atexit
import glob
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import DeduplicateIds, Execute, SaveAutoGrades
from traitlets import TraitError
from traitlets.config import Config

from grader.grading.core import check_cells, exercise_graded, grade_notebook, read_result, write_result
from grader.grading.course import CourseError, examine, released, source_path
from grader.grading.limits import MAX_FILES, QUARANTINE_KEY, require_file
from grader.grading.policy import Policy
from grader.grading.repair import NOTICE_KEY, ReleasedCell, repair
from grader.grading.submissions import Submission, UnreadableNotebookError, read_submission
from grader.sandbox.zygote import Zygote
from grader.settings import AulaTorch, SettingsError
from grader.testing.failures import Diagnosis
from grader.testing.messages import Message, tr
from grader.testing.results import CheckResult, ExerciseResult, Verdict

Resources = Any


def settings_of(configurable: Any) -> AulaTorch:
    """The course's settings, as nbgrader's configuration and command line give them."""
    return AulaTorch(parent=configurable)


def source_notebook(configurable: Any, resources: Mapping[str, Any]) -> NotebookNode | None:
    """The instructor's notebook for the one at hand, or None where the course has no such file."""
    names = resources["nbgrader"]
    path = source_path(_coursedir(configurable), names["assignment"], names["notebook"])
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> NotebookNode:  # noqa: ARG001 - the cache's key
    """A notebook that nobody changes: each submission asks for it several times."""
    return nbformat.read(path, as_version=4)


def _coursedir(configurable: Any) -> CourseDirectory:
    """nbgrader's, of the converter that `configurable` works for."""
    parent = configurable
    while parent is not None:
        if isinstance(parent, BaseConverter) and parent.coursedir is not None:
            return parent.coursedir
        parent = getattr(parent, "parent", None)
    return CourseDirectory(parent=configurable)


def _has_checks(notebook: NotebookNode | None) -> bool:
    return notebook is not None and bool(check_cells(notebook))


class SubmissionExporter(NotebookExporter):
    """Opens submitted notebooks: what plain nbgrader would stumble over is repaired, or replaced with a reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, BaseConverter):
            _leave_what_is_no_file(self.parent)
            if not getattr(self.parent, "course_is_examined", False):
                self._examine_course(self.parent)

    def _examine_course(self, converter: BaseConverter) -> None:
        """Refuses a course that cannot be graded as it is set up, before any of its students is."""
        coursedir = converter.coursedir
        try:
            with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
                known = released(gradebook, coursedir.assignment_id)
            checks = examine(coursedir, settings_of(self), known, converter.autograde_preprocessors)
        except (CourseError, TraitError) as error:
            converter.log.error("Nothing is graded: %s", error)
            raise NbGraderException(str(error)) from None
        if checks is not None:
            converter.log.info("%s", checks)
            self.update_config(Config({"AulaTorch": {"confine": "always"}}))  # what the steps go by

    def from_filename(self, filename: str, resources: Resources = None, **kwargs: Any) -> Any:
        """Opens a notebook.

        Raises:
            ValueError: it is no file: a link may lead anywhere, and a pipe has no end.
        """
        if self._is_ours(resources):
            require_file(Path(filename))
        return super().from_filename(filename, resources=resources, **kwargs)

    def from_file(self, file_stream: Any, resources: Resources = None, **kwargs: Any) -> Any:
        """Reads a notebook, in whatever state it is."""
        settings = settings_of(self)
        if not self._is_ours(resources):
            return super().from_file(file_stream, resources=resources, **kwargs)
        if _is_autograded(self, resources):  # nbgrader opens a notebook a second time once it is sanitized
            return super().from_file(file_stream, resources=resources, **kwargs)
        try:
            submission = read_submission(file_stream.buffer.read(), int(settings.notebook_size_limit * 2**20))
        except UnreadableNotebookError as error:
            submission = Submission(new_notebook(), (error.reason,))
            resources["aulatorch_unreadable"] = True
        resources["aulatorch_notices"] = list(submission.notices)
        return self.from_notebook_node(submission.notebook, resources=resources, **kwargs)

    def _is_ours(self, resources: Resources) -> bool:
        try:
            return _has_checks(source_notebook(self, resources))
        except (KeyError, TypeError):
            return False


def _leave_what_is_no_file(converter: BaseConverter) -> None:
    """Has nbgrader pass over pipes, and links to nowhere, beside a notebook: it fails to copy them, and gives no grade.

    Its hook runs before it copies a submission, and what it ignores are names.
    """
    course, hook = converter.coursedir, converter.pre_convert_hook
    ignored = list(course.ignore)

    def ignore_them(**about: Any) -> None:
        folders = {Path(notebook).parent for notebook in about["notebooks"]}
        paths = (Path(top, name) for folder in folders for top, _, names in os.walk(folder) for name in names)
        course.ignore = [*ignored, *(glob.escape(path.name) for path in paths if not path.is_file())]
        if hook is not None:
            hook(**about)

    converter.pre_convert_hook = ignore_them


def _is_autograded(configurable: Any, resources: Mapping[str, Any]) -> bool:
    course, names = _coursedir(configurable), resources["nbgrader"]
    folder = course.format_path(course.autograded_directory, names["student"], names["assignment"])
    return Path(resources["metadata"]["path"]).resolve() == Path(course.root, folder).resolve()


class RepairCells(DeduplicateIds):
    """Puts the released structure back into a submission, in place of nbgrader's `DeduplicateIds`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Repairs a notebook of ours; leaves any other to nbgrader."""
        settings = settings_of(self)
        source = source_notebook(self, resources)
        if source is None or not _has_checks(source):
            return super().preprocess(nb, resources)
        unreadable = bool(resources.get("aulatorch_unreadable"))
        notices: list[Message] = list(resources.get("aulatorch_notices", []))
        repaired = repair(nb, _released_cells(source, resources))
        if not unreadable:
            notices += repaired
        texts = [notice.render(settings.language) for notice in notices]
        nb.metadata[QUARANTINE_KEY] = {"notices": texts, "unreadable": unreadable}
        if texts:
            nb.cells.insert(0, new_markdown_cell("\n\n".join(f"> **AulaTorch**: {text}" for text in texts)))
        return nb, resources


def _released_cells(source: NotebookNode, resources: Resources) -> list[ReleasedCell]:
    """nbgrader's cells in the order of the source notebook, with what the gradebook says of each."""
    names = resources["nbgrader"]
    found = []
    with Gradebook(names["db_url"]) as gradebook:
        for cell in source.cells:
            meta = cell.metadata.get("nbgrader", {})
            grade_id = meta.get("grade_id")
            if not grade_id:
                continue
            try:
                stored = gradebook.find_source_cell(grade_id, names["notebook"], names["assignment"])
            except MissingEntry:
                continue  # added to the source after the release
            nbgrader_metadata = {**meta, "checksum": stored.checksum, "cell_type": stored.cell_type}
            if meta.get("grade"):
                graded = gradebook.find_graded_cell(grade_id, names["notebook"], names["assignment"])
                nbgrader_metadata["points"] = graded.max_score
            is_fixed = bool(stored.locked)
            metadata: dict[str, Any] = {"nbgrader": nbgrader_metadata}
            if is_fixed:
                metadata |= {"deletable": False, "editable": False}
            found.append(ReleasedCell(grade_id, cell.id, stored.cell_type, metadata, stored.source, is_fixed))
    return found


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
        policy = Policy.from_settings(settings)
        if positions and not policy.hidden and not settings.grade_without_hidden_checks:
            raise SettingsError("there are no hidden checks, and c.AulaTorch.grade_without_hidden_checks is not set")
        if nb.metadata.get(QUARANTINE_KEY, {}).get("unreadable"):
            _grade_unreadable(nb, positions, policy)
            return nb, resources
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        graded = grade_notebook(
            nbformat.writes(nb).encode(),
            policy,
            files=files_beside(folder, self.log, handed_in=_handed_in(self, resources)),
            zygote=shared_zygote(),
        )
        for result in graded.exercises:
            self.log.info(
                "%s: %g of %g points (%s)",
                result.exercise,
                result.score,
                result.points,
                ", ".join(f"{count} {verdict}" for verdict, count in result.verdicts.items()),
            )
        return nbformat.reads(graded.notebook.decode(), as_version=4), resources


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


def _handed_in(configurable: Any, resources: Mapping[str, Any]) -> Path | None:
    course, names = _coursedir(configurable), resources.get("nbgrader", {})
    if "student" not in names:
        return None
    return Path(course.root, course.format_path(course.submitted_directory, names["student"], names["assignment"]))


def files_beside(folder: Path, log: Any = None, *, handed_in: Path | None = None) -> dict[str, bytes]:
    """The files that lie beside a notebook, by relative path; notebooks and the timestamp stay behind.

    Args:
        folder: where they lie.
        log: hears of files that are left out.
        handed_in: the folder that `folder` was copied from. A link there, which nbgrader follows when it copies, may
            lead to what the student may not read.
    """
    found: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb" or path.name == "timestamp.txt":
            continue
        if handed_in is not None and _leads_through_link(handed_in, path.relative_to(folder)):
            continue
        total += path.stat().st_size
        if total > MAX_FILES:
            if log is not None:
                log.warning("the files beside the notebook are over %d MB; the rest is left out", MAX_FILES >> 20)
            break
        found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _leads_through_link(folder: Path, path: Path) -> bool:
    return any((folder / part).is_symlink() for part in (path, *path.parents[:-1]))


_zygote: Zygote | None = None


def shared_zygote() -> Zygote:
    """The zygote of this process: one for all the notebooks that an nbgrader command grades."""
    if _zygote is None:
        share_zygote(Zygote())
    assert _zygote is not None
    _zygote.start()
    return _zygote


def share_zygote(zygote: Zygote) -> None:
    """Makes `zygote` the one of this process."""
    global _zygote
    _zygote = zygote
    atexit.register(zygote.close)


def _is_undecided(cell: NotebookNode) -> bool:
    """Whether a graded cell is ours, and the grader could not decide it."""
    exercise, result = exercise_graded(cell), read_result(cell)
    if exercise is None:
        return False
    return result is None or result.get("needs_manual_grade") is not False


def auto_score(configurable: Any, cell: NotebookNode) -> tuple[float | None, bool]:
    """The score of a graded cell, or None where there is none, and whether a person must grade it."""
    if _is_undecided(cell):
        return None, True
    score, _ = utils.determine_grade(cell, configurable.log)
    return score, score is None


class SaveGrades(SaveAutoGrades):
    """Saves scores as nbgrader does, and what the grader could not decide as `needs_manual_grade`."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        if _is_undecided(cell):
            grade = self.gradebook.find_grade(
                cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id
            )
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()
