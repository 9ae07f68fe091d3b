"""A course's folders as `grader autograde` sees them: what was handed in, what is graded, and where results go."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nbgrader import utils
from nbgrader.converters import Autograde

from grader.autograde.tasks import Course, Task
from grader.grading.limits import MAX_FILES, QUARANTINE_KEY, require_file

FINGERPRINT_KEY: Final = "fingerprint"
"""In an autograded notebook's metadata, under `QUARANTINE_KEY`: what it was graded from and with."""

_MAX_TIMESTAMP: Final = 1_000
"""Bytes of ``timestamp.txt``, which holds one date."""


@dataclass(frozen=True)
class Submission:
    """A student's folder.

    Attributes:
        student: the student's id.
        source: where it was handed in.
        destination: where it goes when it is graded.
        notebooks: the names of those to grade.
        missing: the assignment's notebooks that were not handed in.
    """

    student: str
    source: Path
    destination: Path
    notebooks: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def staging(self) -> Path:
        """Where results are written before they take their place; hidden from nbgrader."""
        return self.destination.parent / f".{self.destination.name}.incoming"


class Folders:
    """nbgrader's folders of one assignment.

    Args:
        converter: nbgrader's, with the course's configuration and the names of the assignment and its students.
        course: what is graded with.
    """

    def __init__(self, converter: Autograde, course: Course) -> None:
        self.converter = converter
        self.coursedir = converter.coursedir
        self.course = course

    def submissions(self, students: Collection[str] = ()) -> list[Submission]:
        """The submissions, by student; only those of `students` if there are any.

        Raises:
            NbGraderException: there is none.
        """
        self.converter.init_notebooks()
        pattern = self.converter._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        excluded = {name.strip() for name in self.coursedir.student_id_exclude.split(",")}
        found = []
        for folder, paths in sorted(self.converter.assignments.items()):
            match = re.match(pattern, folder)
            if match is None or match["student_id"] in excluded or (students and match["student_id"] not in students):
                continue
            names = {Path(path).stem for path in paths}
            missing = [name for name in self.course.structure if not Path(folder, f"{name}.ipynb").exists()]
            found.append(
                Submission(
                    student=match["student_id"],
                    source=Path(folder),
                    destination=Path(
                        os.path.normpath(self.converter._format_dest(match["assignment_id"], match["student_id"]))
                    ),
                    notebooks=tuple(name for name in self.course.structure if name in names),
                    missing=tuple(missing),
                )
            )
        return found

    def task(self, submission: Submission, size_limit: int) -> Task:
        """Reads a submission.

        Args:
            submission: which.
            size_limit: bytes of a notebook; of a larger one no more is read, which is enough to refuse it.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not what is handed in: a link, a pipe, a date that is none.
            RecursionError: its folders lie too deep.
        """
        _require_text(submission.student)
        notebooks = {}
        for name in submission.notebooks:
            path = submission.source / f"{name}.ipynb"
            require_file(path)
            with path.open("rb") as file:
                notebooks[name] = file.read(size_limit + 1)
        files, total = {}, 0
        for relative, path in self._files(submission):
            total += path.stat().st_size
            if total <= MAX_FILES:
                files[relative] = path.read_bytes()
        return Task(submission.student, notebooks, files, self._timestamp(submission.source))

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

    def _files(self, submission: Submission) -> Iterator[tuple[str, Path]]:
        """What lies beside the notebooks; the instructor's files replace the student's of the same name."""
        coursedir, assignment = self.coursedir, self.course.assignment
        ignored = [*coursedir.ignore, "*.ipynb"]
        source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
        kept = {source / name for name in self.converter.exclude_overwriting.get(assignment, [])}
        found: dict[str, Path] = {}
        for folder, without in ((submission.source, set()), (source, kept)):
            for name in utils.find_all_files(str(folder), ignored):
                path = Path(name)
                if path not in without and path.is_file() and not path.is_symlink():
                    found[os.path.relpath(path, folder)] = path
        yield from sorted(found.items())

    def is_graded(self, submission: Submission, task: Task) -> bool:
        """Whether the autograded folder is of this very submission and of these checks.

        One that plain nbgrader made counts unless the submission is newer, as for nbgrader itself.
        """
        marks = []
        for name in submission.notebooks:
            try:
                notebook = json.loads((submission.destination / f"{name}.ipynb").read_bytes())
                marks.append(notebook["metadata"].get(QUARANTINE_KEY, {}).get(FINGERPRINT_KEY))
            except FileNotFoundError:
                return False
            except (ValueError, KeyError, TypeError, AttributeError):
                marks.append(None)
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
            for relative, path in self._files(submission):
                (staging / relative).parent.mkdir(parents=True, exist_ok=True)
                (staging / relative).unlink(missing_ok=True)
                shutil.copy(path, staging / relative)
            mark = task.fingerprint(self.course)
            for name, content in notebooks.items():
                target = staging / f"{name}.ipynb"
                target.unlink(missing_ok=True)
                target.write_bytes(_marked(content, mark))
        except OSError:
            self.discard(submission)
            raise

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


def _require_text(student: str) -> None:
    try:
        student.encode()
    except UnicodeEncodeError:
        raise ValueError("the name of its folder is not UTF-8") from None


def _marked(content: bytes, mark: str) -> bytes:
    """A notebook with its fingerprint; nbformat's own layout, so that nothing else changes."""
    notebook: dict[str, Any] = json.loads(content)
    notebook["metadata"].setdefault(QUARANTINE_KEY, {})[FINGERPRINT_KEY] = mark
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
