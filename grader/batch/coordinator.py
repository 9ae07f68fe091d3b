"""The coordinator: gives submissions to workers, tries again what was lost, and has what comes back written."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cloudpickle
from filelock import Timeout
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from traitlets import TraitError
from traitlets.config import Config

from grader.batch.budgets import Budget, Measured
from grader.batch.courses import course_of, without
from grader.batch.pool import DaskWorkers, LocalWorkers, NoWorkersError, WorkerLostError, Workers
from grader.batch.preview import Preview
from grader.batch.progress import Display, Log, Tally
from grader.batch.records import GradebookBusyError, Records, UnknownAssignmentError, require_known
from grader.batch.saving import AutogradeError, Saving
from grader.batch.settings import ParallelAutograde
from grader.batch.stopping import stoppable
from grader.batch.submissions import Folders, Submission
from grader.batch.tasks import Course, Outcome, Task
from grader.course import CheckFileError, CourseError
from grader.grading.examination import examine
from grader.grading.sharing import (
    NotWritableError,
    lock_of,
    require_writable,
    share_gradebook,
    shared_with_group,
    written,
)
from grader.settings import AulaTorch

STRIKES: Final = 3
"""Workers that a submission may take with it before it is set aside."""

ACCIDENTS: Final = 10
"""Attempts at a submission that end for no fault of its own, before it is left to the next run."""

REFERENCE: Final = "reference"
"""Whose submission the instructor's own notebooks are, to a worker that measures how long they take."""

_MEASURED_FROM: Final = 4
"""Submissions for each worker, from which on it pays to grade the reference as well."""

_TICK: Final = 0.2
_SLACK: Final = 120.0
"""Seconds beyond a notebook's own time limit after which its worker is taken to hang."""

_EXPORTER: Final = "Autograde.exporter_class"
"""Naming ours imports torch, and the coordinator opens no notebook."""


@dataclass
class _Job:
    submission: Submission
    task: Task | None = None
    began: float = 0.0
    strikes: int = 0
    accidents: int = 0
    is_first_round: bool = True


class Coordinator:
    """One run of `grader autograde`.

    Args:
        coursedir: nbgrader's, with the name of the assignment.
        config: the course's configuration.
        console: where to show it.
        parent: the application, whose log is used.
    """

    def __init__(self, coursedir: CourseDirectory, config: Config, console: Console, parent: Any = None) -> None:
        self.config = config
        self.converter = Autograde(coursedir=coursedir, parent=parent, config=without(config, _EXPORTER))
        self.settings = ParallelAutograde(config=config)
        self.console = console
        self.tally = Tally()
        self.preview = Preview()
        self.course_settings = AulaTorch(parent=self.converter)
        self._stopped = False

    def run(self) -> Tally:
        """Grades what is missing.

        Raises:
            AutogradeError: it had to end before everything was graded.
            KeyboardInterrupt: somebody asked it to.
            NbGraderException: there is nothing to grade.
        """
        coursedir = self.converter.coursedir
        path = Path(coursedir.format_path(coursedir.autograded_directory, ".", ".").rstrip("./") + ".lock")
        dry = self.settings.dry_run
        try:
            require_known(coursedir)
            if not dry:
                log = self.settings.log_path(coursedir.root, coursedir.assignment_id)
                files = [path] if log is None else [path, log]
                require_writable(coursedir, [*files, *written(coursedir, self.settings.chosen_students)])
            lock = lock_of(coursedir, path)
            with (
                shared_with_group(coursedir),
                nullcontext() if dry else lock.acquire(blocking=False),
                Records(self.converter, self.settings.database_patience, read_only=dry) as records,
            ):
                if not dry:
                    share_gradebook(coursedir)
                return self._run(records)
        except NotWritableError as error:
            raise NbGraderException(f"nothing is graded: {error}") from None
        except Timeout:
            raise AutogradeError("another `grader autograde` is at work in this course") from None
        except GradebookBusyError as error:
            raise AutogradeError(str(error)) from None

    def _run(self, records: Records) -> Tally:
        assignment = self.converter.coursedir.assignment_id
        try:
            structure = records.structure(assignment)
        except MissingEntry:
            raise UnknownAssignmentError(assignment) from None
        try:
            checks = examine(
                self.converter.coursedir,
                self.course_settings,
                records.released(assignment),
                self.converter.autograde_preprocessors,
            )
            course = course_of(self.converter, self.config, structure, self.course_settings, checks)
        except (CourseError, TraitError) as error:
            raise NbGraderException(f"nothing is graded: {error}") from None
        if checks is not None:
            if not self.settings.dry_run:
                records.forbid_other_steps(assignment)
            self.console.print(str(checks), markup=False, highlight=False, soft_wrap=True)
        self.folders = Folders(self.converter, course, allow_lower=self.settings.allow_lower)
        found = self.folders.submissions(self.settings.chosen_students)
        self.tally.total = len(found)
        self.log = Log(self.settings.log_path(self.converter.coursedir.root, assignment))
        try:
            with Display(self.console, assignment, self.tally) as display, stoppable(self._stop):
                self.display = display
                records.on_wait = lambda: display.line("the gradebook is locked by another program: waiting for it")
                about = {"course": course.digest, "pid": os.getpid(), "by": self.settings.started_by}
                self.log.write("started", assignment=assignment, submissions=len(found), **about)
                self.saving = Saving(
                    self.converter, self.settings, self.preview, self.folders, records, self.tally, self.log, display
                )
                self._grade_all(found, course)
            if self._stopped:
                raise KeyboardInterrupt
            return self.tally
        finally:
            tally = self.tally
            self.log.write(
                "ended",
                graded=len(tally.graded),
                skipped=tally.skipped,
                failed=sorted(tally.failed),
                quarantined=sorted(tally.quarantined),
                left=tally.total - tally.done,
            )
            self.log.close()
            if self.settings.dry_run:
                self.preview.summary(self.display)
            else:
                self.display.summary()

    def _stop(self) -> None:
        self._stopped = True

    # ------------------------------------------------------------------------------------------------ the loop

    def _grade_all(self, found: Collection[Submission], course: Course) -> None:
        waiting = deque(self._ungraded(found))
        if not waiting or self._stopped:
            return
        under_way: dict[Future[Outcome], _Job] = {}
        workers = self._workers(course, len(waiting))
        self._prepare_budget(course)
        reference = self._reference(course) if len(waiting) >= _MEASURED_FROM * self.settings.jobs else None
        measuring: Future[Outcome] | None = None
        try:
            while (waiting or under_way) and not self._stopped:
                if reference is not None and workers.has_room():
                    measuring, reference = workers.submit(reference), None
                if measuring is not None and measuring.done():
                    self._take_measure(measuring)
                    measuring = None
                while waiting and workers.has_room():
                    job = waiting.popleft()
                    task = self._begin(job)
                    if task is not None:
                        under_way[workers.submit(task)] = job
                done, _ = wait(under_way, timeout=_TICK, return_when=FIRST_COMPLETED)
                if not under_way:
                    time.sleep(_TICK / 10)
                for future in done:
                    job = under_way.pop(future)
                    if not self._finish(job, future):
                        waiting.append(job)
                self._end_hung(under_way.values(), workers)
                self.display.under_way({job.submission.student: job.began for job in under_way.values()})
        except NoWorkersError as error:
            raise AutogradeError(str(error)) from error
        except CheckFileError as error:
            raise NbGraderException(f"nothing is graded: {error}") from None
        finally:
            workers.close()

    def _ungraded(self, found: Collection[Submission]) -> Iterator[_Job]:
        for submission in found:
            if self._stopped:
                return
            if not self.settings.dry_run:
                self.folders.discard(submission)
            if not self.converter.force and submission.destination.is_dir():
                task = self._read(submission)
                if task is not None and self.folders.is_graded(submission, task):
                    self.tally.skipped += 1
                    self.log.write("skipped", student=submission.student)
                    continue
            yield _Job(submission)

    def _workers(self, course: Course, tasks: int) -> Workers:
        pickled = cloudpickle.dumps(course)
        if self.settings.dask:
            return DaskWorkers(pickled, self.settings.dask)
        return LocalWorkers(pickled, min(self.settings.jobs, tasks))

    def _read(self, submission: Submission) -> Task | None:
        try:
            return self.folders.task(submission, int(self.course_settings.notebook_size_limit * 2**20))
        except (OSError, ValueError, RecursionError) as error:
            self.saving.fail(submission, f"cannot be read: {error}")
            return None

    def _begin(self, job: _Job) -> Task | None:
        """Makes a job ready; returns its task, if it can be graded at all."""
        submission = job.submission
        if not submission.notebooks:
            self.saving.fail(submission, "the assignment has no such notebook; was it generated?")
            return None
        job.task = job.task or self._read(submission)
        job.began = time.monotonic()
        if job.task is not None:
            seconds = self.budget.usual if job.is_first_round else self.budget.most
            is_put_off = job.is_first_round and self.budget.usual < self.budget.most
            job.task = replace(job.task, seconds=seconds, is_first_round=is_put_off)
            self.converter.notebooks = [str(submission.source / f"{name}.ipynb") for name in submission.notebooks]
            if not self.settings.dry_run:
                self.converter.run_pre_convert_hook()
        return job.task

    def _finish(self, job: _Job, future: Future[Outcome]) -> bool:
        """Saves what came of a job; returns whether it needs no second attempt."""
        student = job.submission.student
        try:
            outcome = future.result()
        except WorkerLostError as lost:
            if not lost.is_blamed and self._tries_again(job, str(lost)):
                return False
            job.strikes = STRIKES if lost.is_final else job.strikes + 1
            self.log.write("worker_lost", student=student, strikes=job.strikes, reason=str(lost))
            if job.strikes < STRIKES:
                self.display.line(f"{student}: {lost}; it gets another one", style="yellow")
                return False
            outcome = self._set_aside(job, f"grading it ended its worker {job.strikes} times")
        except (NoWorkersError, CheckFileError):
            raise
        except Exception as error:  # noqa: BLE001 - of a worker; the others go on
            outcome = Outcome(student, error=f"{type(error).__name__}: {error}")
        if outcome.is_slow:
            job.is_first_round = False
            self.log.write("put_off", student=student, seconds=round(outcome.seconds, 3))
            self.display.line(
                f"{student}: takes more than {self.budget.usual:.0f} s; put off until the others are done"
            )
            return False
        if outcome.is_machines and self._tries_again(job, str(outcome.error).strip().splitlines()[-1]):
            return False
        if outcome.error is not None:
            if outcome.is_fatal:
                raise AutogradeError(outcome.error.strip().split("ConfinementError: ", 1)[-1])
            self.saving.fail(job.submission, outcome.error.strip().splitlines()[-1], details=outcome.error)
            return True
        if outcome.undecided is not None:
            outcome = self._set_aside(job, outcome.undecided)
        reasons = [notebook.grades.undecided for notebook in outcome.notebooks.values()]
        unclear = [reason for reason in reasons if reason is not None]
        if unclear:
            self.tally.quarantined[student] = unclear[0]
        assert job.task is not None
        self.saving.save(job.submission, job.task, outcome)
        return True

    def _tries_again(self, job: _Job, reason: str) -> bool:
        """Notes an accident that is no fault of the submission's; returns whether it gets another attempt."""
        job.accidents += 1
        student = job.submission.student
        self.log.write("worker_lost", student=student, strikes=job.strikes, reason=reason)
        self.display.line(f"{student}: {reason}; it is graded again", style="yellow")
        return job.accidents < ACCIDENTS

    # ------------------------------------------------------------------------------------------------ time

    def _prepare_budget(self, course: Course) -> None:
        root, assignment = self.converter.coursedir.root, self.converter.coursedir.assignment_id
        self.measured = Measured(Path(root, "budgets", f"{assignment}.json"), course.digest)
        self.budget = Budget.of(self.measured.read(), self.course_settings.notebook_timeout)

    def _reference(self, course: Course) -> Task | None:
        """The instructor's own notebooks as a submission, where nobody has measured yet how long they take."""
        if self.measured.read() is not None or not course.sources:
            return None
        notebooks = {f"{name}.ipynb": content for name, content in course.sources.items()}
        return Task(REFERENCE, notebooks, self.folders.source_files(), wanted=tuple(course.sources))

    def _take_measure(self, measuring: Future[Outcome]) -> None:
        """Budgets follow from a reference that earns its points; from any other, nothing does."""
        if measuring.cancelled() or measuring.exception() is not None:
            return
        outcome = measuring.result()
        if outcome.notebooks and outcome.score > 0:
            if not self.settings.dry_run:
                self.measured.write(outcome.seconds)
            self.budget = Budget.of(outcome.seconds, self.course_settings.notebook_timeout)
            self.log.write("measured", seconds=round(outcome.seconds, 3), score=outcome.score, points=outcome.points)

    def _set_aside(self, job: _Job, reason: str) -> Outcome:
        from grader.batch.quarantine import quarantined  # imports torch, which nothing else here needs

        self.tally.quarantined[job.submission.student] = reason
        return quarantined(self.folders, job.submission, self.course_settings.language, reason)

    def _end_hung(self, jobs: Collection[_Job], workers: Workers) -> None:
        for job in jobs:
            seconds = job.task.seconds if job.task is not None else None
            seconds = seconds if seconds is not None else self.course_settings.notebook_timeout
            allowed = len(job.submission.notebooks) * seconds + _SLACK
            if time.monotonic() - job.began > allowed and job.task is not None:
                workers.kill(job.task)
