"""A worker's side: grades one submission after another with nbgrader's own converter, in a course folder of its own.

The folder is private and temporary, and its gradebook holds the assignment's structure alone: a worker knows no other
student and writes no grade.
"""

from __future__ import annotations

import atexit
import gc
import logging
import shutil
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import cloudpickle
import torch
from nbconvert.writers import FilesWriter
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import Base, Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy import create_engine
from traitlets.config import Config

from grader.batch.steps import step_class
from grader.batch.tasks import AutogradedNotebook, Course, Outcome, Task
from grader.checking.runner import require_importable
from grader.course import LOCALE, checks_of
from grader.grading.handover import CellGrade, Handover, NotebookGrades
from grader.grading.intake import explained
from grader.grading.limits import QUARANTINE_KEY
from grader.grading.steps.grading import OutOfTimeError
from grader.grading.steps.opening import SetAsideError
from grader.grading.steps.saving import SaveGrades, auto_score
from grader.grading.zygotes import shared_zygote
from grader.kit.messages import add_catalogues
from grader.sandbox.confinement import ConfinementError
from grader.sandbox.folders import WORKERS, PrivateFolder
from grader.sandbox.import_path import keep_private
from grader.sandbox.zygote import ZygoteError
from grader.settings import AulaTorch

Resources = Any


class NoteGrades(SaveGrades):
    """Notes what `SaveGrades` would save; the coordinator writes it into the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Notes a notebook's scores and comments for the converter."""
        grades, comments, points = [], {}, 0.0
        for cell in nb.cells:
            if utils.is_grade(cell):
                score, needs_manual_grade = auto_score(self, cell)
                grades.append(CellGrade(cell.metadata.nbgrader["grade_id"], score, needs_manual_grade))
                points += float(cell.metadata.nbgrader["points"])
            if utils.is_solution(cell) or utils.is_task(cell):
                is_unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
                no_response = is_unchanged and not utils.is_task(cell)
                comments[cell.metadata.nbgrader["grade_id"]] = "No response." if no_response else None
        about = nb.metadata.get(QUARANTINE_KEY, {})
        Handover.of(resources).grades = NotebookGrades(
            tuple(grades), comments, points, about.get("file"), about.get("undecided")
        )
        return nb, resources


class _Converter(Autograde):
    """nbgrader's converter, asked for one notebook at a time."""

    task: Task | None = None
    noted: NotebookGrades | None = None
    course_is_examined = True
    """By the coordinator, which knows the whole of it."""

    def open(self) -> None:
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)

    def convert(self, notebook: Path) -> NotebookGrades | None:
        """Autogrades a notebook; returns what a step noted for the gradebook."""
        self.noted = None
        self.convert_single_notebook(str(notebook))
        return self.noted

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """As nbgrader's, with what the coordinator found out about the submission."""
        resources: dict[str, Any] = super().init_single_notebook_resources(notebook_filename)
        if self.task is not None:
            task = self.task
            Handover(
                refused=explained(task.refused) if task.refused is not None else None,
                stripped=task.stripped,
                seconds=task.seconds,
                is_first_round=task.is_first_round,
            ).put_in(resources)
        return resources

    def write_single_notebook(self, output: str, resources: Resources) -> None:
        super().write_single_notebook(output, resources)
        self.noted = Handover.of(resources).grades


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname}: {record.getMessage()}")


class Worker:
    """Grades submissions of a course; a context manager.

    Args:
        course: what to grade with.

    Raises:
        CheckFileError: a check file cannot be imported.
    """

    def __init__(self, course: Course) -> None:
        keep_private(course.private)
        shared_zygote()  # gets ready while this process does
        torch.set_num_threads(1)
        self.course = course
        self._folder = PrivateFolder.make(WORKERS)
        self.root = self._folder.path
        config = self._configured(course)
        coursedir = CourseDirectory(config=config)
        _write_structure(course, coursedir.db_url)
        sources = self.root / coursedir.format_path(coursedir.source_directory, ".", course.assignment)
        for name, content in course.sources.items():
            _write(sources / f"{name}.ipynb", content)
        self.log = logging.getLogger("aulatorch.worker")
        self.log.propagate = False
        self.converter = _Converter(coursedir=coursedir, config=config, log=self.log)
        self.converter.open()
        require_importable(checks_of(AulaTorch(parent=self.converter), course.assignment))
        gc.collect()
        gc.freeze()  # torch is most of what every full collection would look through

    def _configured(self, course: Course) -> Config:
        config: Config = Config(course.config)
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = f"sqlite:///{self.root / 'structure.db'}"
        checks = self.root / "checks"
        (checks / course.assignment).mkdir(parents=True)
        for path, content in {**course.checks, **course.answers}.items():
            _write(checks / course.assignment / path, content)
        config.AulaTorch.checks_directory = str(checks)
        if AulaTorch(config=config).seed < 0:
            config.AulaTorch.seed = course.seed
        add_catalogues(checks / course.assignment / LOCALE)
        steps = Autograde(config=config).autograde_preprocessors
        config.Autograde.autograde_preprocessors = _without_gradebook(steps)
        return config

    def close(self) -> None:
        """Removes the folder."""
        with suppress(OSError):  # the next worker that is made tries again
            self._folder.remove()

    def grade(self, task: Task) -> Outcome:
        """Grades a submission; whatever goes wrong is part of the outcome."""
        start = time.monotonic()
        warnings = _Warnings()
        self.log.handlers = [warnings]
        self.converter.task = task
        try:
            notebooks, missing = self._grade(task)
        except SetAsideError as error:
            return Outcome(task.student, seconds=time.monotonic() - start, undecided=str(error))
        except OutOfTimeError:
            return Outcome(task.student, seconds=time.monotonic() - start, is_slow=True)
        except Exception as error:  # noqa: BLE001 - nothing that goes wrong here may cost the batch
            return Outcome(
                task.student,
                seconds=time.monotonic() - start,
                warnings=tuple(warnings.lines),
                error=traceback.format_exc(),
                is_machines=isinstance(error, ZygoteError) and not isinstance(error, ConfinementError),
                is_fatal=isinstance(error, ConfinementError),
            )
        finally:
            for step in ("submitted", "autograded"):
                shutil.rmtree(self.root / step, ignore_errors=True)
        return Outcome(task.student, notebooks, time.monotonic() - start, tuple(warnings.lines), missing)

    def _grade(self, task: Task) -> tuple[dict[str, AutogradedNotebook], tuple[str, ...]]:
        submitted, autograded = (
            self.root / step / task.student / self.course.assignment for step in ("submitted", "autograded")
        )
        autograded.mkdir(parents=True)  # the writer makes it only where it wrote another student's before
        for name, content in task.files.items():
            _write(autograded / name, content)
        for name, content in task.notebooks.items():
            _write(submitted / name, content)
        handed_in = self._handed_in(task, submitted)
        graded = {}
        for name in task.wanted:
            if name not in handed_in:
                continue
            grades = self.converter.convert(submitted / f"{name}.ipynb")
            if grades is None:
                raise RuntimeError("no step of c.Autograde.autograde_preprocessors saves grades")
            graded[name] = AutogradedNotebook((autograded / f"{name}.ipynb").read_bytes(), grades)
        return graded, tuple(name for name in self.course.structure if name not in handed_in)

    def _handed_in(self, task: Task, submitted: Path) -> set[str]:
        """The notebooks of the assignment that there are files for, whatever they are called, or a reason to ask."""
        names = set(self.course.structure)
        exact = {name for name in names if f"{name}.ipynb" in task.notebooks}
        if task.refused is not None:
            return names
        if len(task.notebooks) == len(exact):
            return exact
        about = {"assignment": self.course.assignment, "db_url": self.converter.coursedir.db_url}
        return exact | self.converter.exporter.take_in(submitted, {"nbgrader": about}).keys()


def _without_gradebook(steps: Sequence[Any]) -> list[Any]:
    """nbgrader's steps with those that write grades replaced: the coordinator does their work."""
    found: list[Any] = []
    for step in steps:
        if step_class(step, SaveAutoGrades):
            found.append(NoteGrades)
        elif not step_class(step, AssignLatePenalties):
            found.append(step)
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_structure(course: Course, db_url: str) -> None:
    """A gradebook with the assignment's cells and nothing else."""
    Base.metadata.create_all(create_engine(db_url))  # for a file without tables nbgrader starts another program
    with Gradebook(db_url) as gradebook:
        gradebook.add_assignment(course.assignment)
        for notebook, cells in course.structure.items():
            gradebook.add_notebook(notebook, course.assignment)
            for cell in cells:
                where = (cell.name, notebook, course.assignment)
                if cell.is_task:
                    gradebook.add_task_cell(*where, max_score=cell.max_score, cell_type=cell.cell_type)
                elif cell.max_score is not None:
                    gradebook.add_grade_cell(*where, max_score=cell.max_score, cell_type=cell.cell_type)
                if cell.is_solution:
                    gradebook.add_solution_cell(*where)
                gradebook.add_source_cell(
                    *where, cell_type=cell.cell_type, source=cell.source, checksum=cell.checksum, locked=cell.locked
                )


class _Workers:
    """The worker of this process: made when the first task comes, replaced when another course does."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    current: ClassVar[tuple[bytes, Worker] | None] = None

    @classmethod
    def get(cls, course: bytes) -> Worker:
        """The worker for a pickled `Course`."""
        if cls.current is None or cls.current[0] != course:
            cls.drop()
            cls.current = (course, Worker(cloudpickle.loads(course)))
        return cls.current[1]

    @classmethod
    def drop(cls) -> None:
        if cls.current is not None:
            cls.current[1].close()
            cls.current = None


atexit.register(_Workers.drop)


def prepare(course: bytes) -> None:
    """Makes this process ready for tasks of a course, a pickled `Course`."""
    with _Workers.lock:
        _Workers.get(course)


def work(course: bytes, task: Task) -> Outcome:
    """Grades a submission in this process, one at a time whatever the number of threads."""
    with _Workers.lock:
        return _Workers.get(course).grade(task)
