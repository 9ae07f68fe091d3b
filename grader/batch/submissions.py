"""A course's folders as `grader autograde` sees them: what was handed in, what is graded, and where results go."""

from __future__ import annotations

import fnmatch
import glob
import json
import logging
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nbgrader import utils
from nbgrader.converters import Autograde, BaseConverter, NbGraderException

from grader.batch.progress import printable
from grader.batch.tasks import Course, Task
from grader.grading.folder import (
    FolderRefusedError,
    Found,
    Refusal,
    candidates,
    files_in,
)
from grader.grading.limits import MAX_BYTES_BESIDE, QUARANTINE_KEY, require_file
from grader.grading.stripping import read_notebook_file

FINGERPRINT_KEY: Final = "fingerprint"
"""In an autograded notebook's metadata, under `QUARANTINE_KEY`: what it was graded from and with."""

SUBMITTED_KEY: Final = "submitted"
"""Beside it: which notebooks were handed in, whatever they were graded with."""

KEPT_KEY: Final = "kept"
"""Beside it: graded cells that kept what an earlier grading had given, and what the last one would have given."""

_MAX_TIMESTAMP: Final = 1_000
"""Bytes of ``timestamp.txt``, which holds one date."""


_NAMED: Final = 20
_NAME_LENGTH: Final = 200
"""Of the files of a folder without notebooks, and of their names, what its reason mentions."""


@dataclass(frozen=True)
class Submission:
    """A student's folder.

    Attributes:
        student: the student's id.
        source: where it was handed in.
        destination: where it goes when it is graded.
        notebooks: the names of those to grade, whether or not there are files of these names.
    """

    student: str
    source: Path
    destination: Path
    notebooks: tuple[str, ...]

    @property
    def staging(self) -> Path:
        """Where results are written before they take their place; hidden from nbgrader."""
        return self.destination.parent / f".{self.destination.name}.incoming"


class Folders:
    """nbgrader's folders of one assignment.

    Args:
        converter: nbgrader's, with the course's configuration and the names of the assignment and its students.
        course: what is graded with.
        allow_lower: whether what kept its points from an earlier grading counts as not graded.
    """

    def __init__(self, converter: Autograde, course: Course, *, allow_lower: bool = False) -> None:
        self.converter = converter
        self.allow_lower = allow_lower
        self.coursedir = converter.coursedir
        self.course = course

    def submissions(self, students: Collection[str] = ()) -> list[Submission]:
        """The submissions, by student; only those of `students` if there are any.

        Raises:
            NbGraderException: there is none.
        """
        coursedir, format_source = self.coursedir, self.converter._format_source
        # nbgrader looks for files of the right name, so that it never sees a folder that has none.
        listed = glob.glob(format_source(coursedir.assignment_id, coursedir.student_id))  # noqa: PTH207 - its own paths
        folders = sorted(folder for folder in listed if Path(folder).is_dir())
        if not folders:
            find_notebooks(self.converter)
        pattern = format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        excluded = {name.strip() for name in coursedir.student_id_exclude.split(",")}
        found = []
        for folder in folders:
            match = re.match(pattern, folder)
            if match is None or match["student_id"] in excluded or (students and match["student_id"] not in students):
                continue
            destination = self.converter._format_dest(match["assignment_id"], match["student_id"])
            found.append(
                Submission(
                    student=match["student_id"],
                    source=Path(folder),
                    destination=Path(os.path.normpath(destination)),
                    notebooks=tuple(fnmatch.filter(self.course.structure, coursedir.notebook_id)),
                )
            )
        require_all(students, {submission.student for submission in found}, "nothing was handed in by")
        return found

    def task(self, submission: Submission, size_limit: int) -> Task:
        """Reads a submission.

        Args:
            submission: which.
            size_limit: bytes of a notebook; of a larger one no more is read, which is enough to refuse it.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not what is handed in: a link, a pipe, a date that is none.
        """
        _require_text(submission.student)
        for name in submission.notebooks:
            path = submission.source / f"{name}.ipynb"
            if os.path.lexists(path):
                require_file(path)
        timestamp = self._timestamp(submission.source)
        try:
            listed = files_in(submission.source, self.coursedir.ignore)
            found = candidates(listed, self.course.structure)
            if not found:
                held = tuple(printable(file.name)[-_NAME_LENGTH:] for file in listed if file.name != "timestamp.txt")
                raise FolderRefusedError(Refusal("nothing", files=held[:_NAMED]))
        except FolderRefusedError as error:
            return Task(submission.student, {}, {}, timestamp, submission.notebooks, refused=error.refusal)
        notebooks, stripped = {}, []
        for file in found:
            notebooks[file.name], is_stripped = read_notebook_file(file.path, size_limit)
            if is_stripped:
                stripped.append(file.name)
        files, total = {}, 0
        for relative, path in self._beside(listed):
            total += path.stat().st_size
            if total <= MAX_BYTES_BESIDE:
                files[relative] = path.read_bytes()
        return Task(submission.student, notebooks, files, timestamp, submission.notebooks, tuple(stripped))

    def _timestamp(self, folder: Path) -> str | None:
        path = folder / "timestamp.txt"
        if not path.exists():
            return None
        if not path.is_file() or path.stat().st_size > _MAX_TIMESTAMP:
            raise ValueError(f"{path.name} holds no date")
        try:
            found = self.coursedir.get_existing_timestamp(str(folder))
        except Exception as error:  # nbgrader and dateutil raise whatever, for what may be any text
            raise ValueError(f"{path.name} holds no date") from error
        return found.isoformat() if found is not None else None

    def source_files(self) -> dict[str, bytes]:
        """The instructor's files beside the notebooks, as far as a kernel takes them."""
        files, total = {}, 0
        for name, path in self._beside([]):
            total += path.stat().st_size
            if total <= MAX_BYTES_BESIDE:
                files[name] = path.read_bytes()
        return files

    def _beside(self, listed: Sequence[Found]) -> Iterator[tuple[str, Path]]:
        """What lies beside the notebooks; the instructor's files replace the student's of the same name."""
        coursedir, assignment = self.coursedir, self.course.assignment
        source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
        kept = {source / name for name in self.converter.exclude_overwriting.get(assignment, [])}
        theirs = [file for file in files_in(source, coursedir.ignore, is_limited=False) if file.path not in kept]
        yield from sorted(
            {file.name: file.path for file in (*listed, *theirs) if not file.name.endswith(".ipynb")}.items()
        )

    def is_graded(self, submission: Submission, task: Task) -> bool:
        """Whether the autograded folder is of this very submission and of these checks.

        One that plain nbgrader made counts unless the submission is newer, as for nbgrader itself.
        """
        marks = []
        for name in submission.notebooks:
            try:
                notebook = json.loads((submission.destination / f"{name}.ipynb").read_bytes())
                about = notebook["metadata"].get(QUARANTINE_KEY, {})
                if self.allow_lower and about.get(KEPT_KEY):
                    return False
                marks.append(about.get(FINGERPRINT_KEY))
            except FileNotFoundError:
                if f"{name}.ipynb" in task.notebooks:
                    return False
            except (ValueError, KeyError, TypeError, AttributeError):
                marks.append(None)
        if not marks:
            return False
        if any(marks):
            return set(marks) == {task.fingerprint(self.course)}
        get = self.coursedir.get_existing_timestamp
        new, old = get(str(submission.source)), get(str(submission.destination))
        return submission.destination.is_dir() and not (new is not None and old is not None and new > old)

    def stage(self, submission: Submission, task: Task, notebooks: Mapping[str, bytes]) -> None:
        """Writes a graded submission beside its place.

        Raises:
            OSError: it cannot be written; nothing is left behind.
        """
        staging = submission.staging
        self.discard(submission)
        try:
            staging.mkdir(parents=True)
            if self.coursedir.notebook_id != "*" and submission.destination.is_dir():
                shutil.copytree(submission.destination, staging, dirs_exist_ok=True)
            for relative, path in self._to_copy(submission, task):
                (staging / relative).parent.mkdir(parents=True, exist_ok=True)
                (staging / relative).unlink(missing_ok=True)
                shutil.copy(path, staging / relative)
            marks = {FINGERPRINT_KEY: task.fingerprint(self.course), SUBMITTED_KEY: task.submitted}
            for name, content in notebooks.items():
                target = staging / f"{name}.ipynb"
                target.unlink(missing_ok=True)
                target.write_bytes(_marked(content, marks))
        except OSError:
            self.discard(submission)
            raise

    def _to_copy(self, submission: Submission, task: Task) -> Iterator[tuple[str, Path]]:
        """What goes with a graded submission; of a folder that was refused, the instructor's files alone."""
        try:
            listed = [] if task.refused is not None else files_in(submission.source, self.coursedir.ignore)
        except FolderRefusedError:  # it grew since it was read
            listed = []
        yield from self._beside(listed)

    def discard(self, submission: Submission) -> None:
        """Removes what `stage` wrote."""
        if submission.staging.exists():
            utils.rmtree(str(submission.staging))

    def publish(self, submission: Submission) -> None:
        """Puts what `stage` wrote in its place."""
        if submission.destination.exists():
            utils.rmtree(str(submission.destination))
        submission.staging.rename(submission.destination)
        self.converter.set_permissions(self.course.assignment, submission.student)


def find_notebooks(converter: BaseConverter) -> None:
    """Has a converter of nbgrader's look for its notebooks.

    Raises:
        NbGraderException: there is none; it says what nbgrader would also log.
    """
    level = converter.log.level
    converter.log.setLevel(logging.CRITICAL)
    try:
        converter.init_notebooks()
    finally:
        converter.log.setLevel(level)


def require_all(chosen: Collection[str], found: Collection[str], what: str) -> None:
    """Makes sure that every student asked for is among those found.

    Raises:
        NbGraderException: one is not; `what` says what that means.
    """
    missing = sorted(set(chosen) - set(found))
    if missing:
        raise NbGraderException(f"{what} {', '.join(missing)}")


def _require_text(student: str) -> None:
    try:
        student.encode()
    except UnicodeEncodeError:
        raise ValueError("the name of its folder is not UTF-8") from None


def _marked(content: bytes, marks: Mapping[str, str]) -> bytes:
    """A notebook with its fingerprints; nbformat's own layout, so that nothing else changes."""
    notebook: dict[str, Any] = json.loads(content)
    notebook["metadata"].setdefault(QUARANTINE_KEY, {}).update(marks)
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
