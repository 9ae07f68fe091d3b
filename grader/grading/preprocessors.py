"""AulaTorch's steps in nbgrader's own lists of preprocessors; `grader.configure` puts them there.

nbgrader's notebooks pass through untouched: each step looks whether the assignment's source notebook has a check
cell of ours, and if it has none, does what nbgrader's own step would have done. Only running a notebook is nbgrader's
in courses alone that have no check of ours anywhere: where they have, every notebook runs confined.
"""

from __future__ import annotations

import atexit
import fnmatch
import glob
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

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

from grader.checking.results import CheckResult, ExerciseResult, Verdict
from grader.checking.runner import require_importable
from grader.course import RELEASED, Checks, CourseError, checks_of
from grader.grading.core import (
    GradedNotebook,
    check_cells,
    exercise_graded,
    grade_notebook,
    read_result,
    undecided,
    write_result,
)
from grader.grading.examination import examine, released, source_path
from grader.grading.folder import FolderRefusedError, files_in, is_notebook_name
from grader.grading.intake import Taken, shown, take_in
from grader.grading.limits import MAX_FILES, QUARANTINE_KEY, require_file
from grader.grading.policy import Policy
from grader.grading.repair import NOTICE_KEY, ReleasedCell, made, repair
from grader.grading.stripping import read_notebook_file
from grader.grading.submissions import STRIPPED, Submission, UnreadableNotebookError, read_submission
from grader.kit.failures import Diagnosis
from grader.kit.messages import Message, tr
from grader.sandbox.zygote import Zygote, ZygoteError
from grader.settings import AulaTorch, SettingsError

Resources = Any

_ATTEMPTS: Final = 3
"""At grading one notebook, where it is the machine that fails."""

_UNDECIDED: Final = "aulatorch_undecided"
"""In a graded cell's metadata: a person decides, whatever it holds."""


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


class SetAsideError(Exception):
    """A person must look at what was handed in; `reason` says why."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason.render("en"))


class SubmissionExporter(NotebookExporter):
    """Opens submitted notebooks: what plain nbgrader would stumble over is repaired, or replaced with a reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, BaseConverter):
            _find_notebooks_of_other_names(self, self.parent)
            if not getattr(self.parent, "course_is_examined", False):
                self._examine_course(self.parent)

    def _examine_course(self, converter: BaseConverter) -> None:
        """Refuses a course that cannot be graded as it is set up, before any of its students is."""
        coursedir = converter.coursedir
        try:
            with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
                known = released(gradebook, coursedir.assignment_id)
            checks = examine(coursedir, settings_of(self), known, converter.autograde_preprocessors)
            if checks is not None:
                require_importable(checks_of(settings_of(self), coursedir.assignment_id))
        except (CourseError, TraitError) as error:
            converter.log.error("Nothing is graded: %s", error)
            raise NbGraderException(str(error)) from None
        if checks is not None:
            converter.log.info("%s", checks)
            self.update_config(Config({"AulaTorch": {"confine": "always"}}))  # what the steps go by

    def from_filename(self, filename: str, resources: Resources = None, **kwargs: Any) -> Any:
        """Opens a notebook, under whatever name it was handed in.

        Raises:
            ValueError: it is no file: a link may lead anywhere, and a pipe has no end.
            SetAsideError: it is not ours, and not clear which file it is.
        """
        path = Path(filename)
        is_ours = self._is_ours(resources)
        if (not is_ours and path.exists()) or _is_autograded(self, resources, path.parent):
            if is_ours:
                require_file(path)
            return super().from_filename(filename, resources=resources, **kwargs)
        if path.is_symlink() or path.exists():
            require_file(path)
        name = resources["nbgrader"]["notebook"]
        refused = resources.get("aulatorch_refused")
        taken = Taken(undecided=refused) if refused else self.take_in(path.parent, resources, asked=path).get(name)
        if taken is None:
            raise FileNotFoundError(f"no file of {path.parent} is {name}.ipynb")
        if not is_ours:
            if taken.undecided is not None:
                raise SetAsideError(taken.undecided)
            return super().from_filename(str(taken.path), resources=resources, **kwargs)
        resources["aulatorch_undecided"] = taken.undecided
        resources["aulatorch_file"] = taken.file
        limit = int(settings_of(self).notebook_size_limit * 2**20)
        content, is_stripped = read_notebook_file(taken.path, limit) if taken.path is not None else (b"", False)
        is_stripped |= taken.file in resources.get("aulatorch_stripped", ())
        notices = [*taken.notices, *([STRIPPED] if is_stripped else [])]
        return self._from_bytes(content, notices, resources, **kwargs)

    def take_in(self, folder: Path, resources: Resources, asked: Path | None = None) -> dict[str, Taken]:
        """What is graded as each notebook of the assignment.

        Args:
            folder: that was handed in.
            resources: name the assignment and the gradebook.
            asked: a notebook of the assignment; where there is no other one, nothing else is looked at.
        """
        ignored = CourseDirectory(parent=self).ignore
        if asked is not None and asked.is_file():
            with suppress(FolderRefusedError):
                if [file.path for file in files_in(folder, ignored) if is_notebook_name(file.name)] == [asked]:
                    return {asked.stem: Taken(asked, asked.name)}
        released = _released_notebooks(self, resources)
        return take_in(folder, released, ignored, int(settings_of(self).notebook_size_limit * 2**20))

    def from_file(self, file_stream: Any, resources: Resources = None, **kwargs: Any) -> Any:
        """Reads a notebook, in whatever state it is."""
        if not self._is_ours(resources):
            return super().from_file(file_stream, resources=resources, **kwargs)
        # nbgrader opens a notebook a second time once it is sanitized
        if _is_autograded(self, resources, Path(resources["metadata"]["path"])):
            return super().from_file(file_stream, resources=resources, **kwargs)
        return self._from_bytes(file_stream.buffer.read(), [], resources, **kwargs)

    def _from_bytes(self, content: bytes, notices: list[Message], resources: Resources, **kwargs: Any) -> Any:
        if resources.get("aulatorch_undecided") is not None:
            submission = Submission(new_notebook())
        else:
            try:
                submission = read_submission(content, int(settings_of(self).notebook_size_limit * 2**20))
            except UnreadableNotebookError as error:
                submission = Submission(new_notebook(), (error.reason,))
                resources["aulatorch_unreadable"] = True
        resources["aulatorch_notices"] = [*notices, *submission.notices]
        return self.from_notebook_node(submission.notebook, resources=resources, **kwargs)

    def _is_ours(self, resources: Resources) -> bool:
        try:
            return _has_checks(source_notebook(self, resources))
        except (KeyError, TypeError):
            return False


def _find_notebooks_of_other_names(exporter: SubmissionExporter, converter: BaseConverter) -> None:
    """Has nbgrader grade what was handed in under another name, and pass over what it fails to copy.

    It makes its exporter once it has found the folders with notebooks, so the others join them here. Its hook runs
    before it copies a submission; the notebooks that it then converts are those of its list, and what it ignores are
    names: pipes, links to nowhere, and everything where there is too much.
    """
    course, hook = converter.coursedir, converter.pre_convert_hook
    if course is None:
        return
    ignored = list(course.ignore)
    names = _our_notebooks(course)
    pattern = converter._format_source(course.assignment_id, course.student_id)
    for folder in glob.glob(pattern) if names else ():  # noqa: PTH207 - nbgrader's own paths, as it writes them
        if Path(folder).is_dir() and folder not in converter.assignments:
            converter.assignments[folder] = [f"{folder}/{name}.ipynb" for name in names]

    def take_in_first(**about: Any) -> None:
        folders = {Path(notebook).parent for notebook in about["notebooks"]}
        course.ignore = ["*"]
        with suppress(FolderRefusedError):
            for folder in folders if names else ():
                files_in(folder, ignored)
            walked = (Path(top, name) for folder in folders for top, _, files in os.walk(folder) for name in files)
            course.ignore = [*ignored, *(glob.escape(path.name) for path in walked if not path.is_file())]
        if names:
            known = {path.stem for path in _source_notebooks(course)}  # nbgrader only warns of others
            found = {path for path in about["notebooks"] if Path(path).stem in known and os.path.lexists(path)}
            for folder in folders:
                resources = {"nbgrader": {"assignment": course.assignment_id, "db_url": course.db_url}}
                taken = exporter.take_in(folder, resources)
                found |= {str(folder / f"{name}.ipynb") for name in fnmatch.filter(taken, course.notebook_id)}
            converter.notebooks = sorted(found)
        if hook is not None:
            hook(**about)

    converter.pre_convert_hook = take_in_first


def _our_notebooks(course: CourseDirectory) -> list[str]:
    """The names of an assignment's notebooks that have checks of ours."""
    found = _source_notebooks(course)
    return [path.stem for path in found if _has_checks(_read(path, path.stat().st_mtime_ns))]


def _source_notebooks(course: CourseDirectory) -> list[Path]:
    folder = Path(course.root, course.format_path(course.source_directory, ".", course.assignment_id))
    return [path for path in sorted(folder.glob("*.ipynb")) if path.is_file()]


def _is_autograded(configurable: Any, resources: Mapping[str, Any], found: Path) -> bool:
    course, names = _coursedir(configurable), resources["nbgrader"]
    folder = course.format_path(course.autograded_directory, names["student"], names["assignment"])
    return found.resolve() == Path(course.root, folder).resolve()


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
        released = _released_cells(source, resources)
        unclear: Message | None = resources.get("aulatorch_undecided")
        if unclear is not None:
            nb.cells = [made(cell, cell.source, cell.cell_id) for cell in released]
            notices += [unclear, SET_ASIDE]
        else:
            repaired = repair(nb, released)
            notices += [] if unreadable else repaired
        texts = [notice.render(settings.language) for notice in notices]
        nb.metadata[QUARANTINE_KEY] = {"notices": texts, "unreadable": unreadable}
        if unclear is not None:
            nb.metadata[QUARANTINE_KEY]["undecided"] = unclear.render("en")
        file = resources.get("aulatorch_file")
        if file is not None and file != f"{resources['nbgrader']['notebook']}.ipynb":
            nb.metadata[QUARANTINE_KEY]["file"] = shown([file])
            nb.metadata[QUARANTINE_KEY]["folder"] = file.rpartition("/")[0]
        if texts:
            nb.cells.insert(0, new_markdown_cell("\n\n".join(f"> **AulaTorch**: {text}" for text in texts)))
        return nb, resources


SET_ASIDE: Final = tr(
    "What you see here is the notebook that was handed out, not yours. It costs you nothing: your instructor will look"
    " at what you handed in."
)


def _released_notebooks(configurable: Any, resources: Resources) -> dict[str, list[ReleasedCell]]:
    """The released cells of each notebook of an assignment that the course has the source of."""
    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as gradebook:
        names = [notebook.name for notebook in gradebook.find_assignment(about["assignment"]).notebooks]
    found = {}
    for name in names:
        each = {"nbgrader": {**about, "notebook": name}}
        source = source_notebook(configurable, each)
        if source is not None:
            found[name] = _released_cells(source, each)
    return found


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
        names = resources.get("nbgrader", {})
        checks = checks_of(settings, names["assignment"]) if "assignment" in names else Checks(settings.root)
        policy = Policy.of(settings, checks)
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
        seconds = resources.get("aulatorch_seconds", policy.notebook_seconds)
        policy = replace(policy, notebook_seconds=min(seconds, policy.notebook_seconds))
        graded = _graded_in_spite_of_accidents(nbformat.writes(nb).encode(), policy, files)
        if graded.ran_out and resources.get("aulatorch_is_first_round"):
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


class OutOfTimeError(Exception):
    """A notebook takes longer than it is given at first; it is graded again when everybody else is."""


def _graded_in_spite_of_accidents(notebook: bytes, policy: Policy, files: Mapping[str, bytes]) -> GradedNotebook:
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
            cell.metadata[_UNDECIDED] = True


def _handed_in(configurable: Any, resources: Mapping[str, Any]) -> Path | None:
    course, names = _coursedir(configurable), resources.get("nbgrader", {})
    if "student" not in names:
        return None
    return Path(course.root, course.format_path(course.submitted_directory, names["student"], names["assignment"]))


def files_beside(
    folder: Path, log: Any = None, *, handed_in: Path | None = None, notebook_folder: str = ""
) -> dict[str, bytes]:
    """The files that lie beside a notebook, by relative path; notebooks, checks and the timestamp stay behind.

    Args:
        folder: where they lie.
        log: hears of files that are left out.
        handed_in: the folder that `folder` was copied from. A link there, which nbgrader follows when it copies, may
            lead to what the student may not read.
        notebook_folder: where in the folder the notebook was; what lies there lies beside it.
    """
    found: dict[str, bytes] = {}
    total = 0
    for name, path, size in ((file.name, file.path, file.size) for file in files_in(folder, is_limited=False)):
        if path.suffix == ".ipynb" or path.name == "timestamp.txt" or name.startswith(f"{RELEASED}/"):
            continue
        if handed_in is not None and _leads_through_link(handed_in, Path(name)):
            continue
        total += size
        if total > MAX_FILES:
            if log is not None:
                log.warning("the files beside the notebook are over %d MB; the rest is left out", MAX_FILES >> 20)
            break
        found[name] = path.read_bytes()
    prefix = f"{notebook_folder}/"
    inner = {name.removeprefix(prefix): content for name, content in found.items() if name.startswith(prefix)}
    return found if notebook_folder == "" else inner | found


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
    if cell.metadata.get(_UNDECIDED):
        return True
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
