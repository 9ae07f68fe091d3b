"""`grader feedback`: nbgrader's feedback pages, made in parallel, and only those that are missing or have changed.

The log says what each submission's pages were made of. Pages are written beside their place, and the folder is renamed
into it: whenever the program ends, a submission has its pages, old or new, or will have them the next time.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cloudpickle
from filelock import Timeout
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from rich.table import Table
from traitlets.config import Config

from grader.batch.feedback_tasks import MOST_SECONDS, NotedGrades, Pages, PagesTask, Press, Sheet
from grader.batch.pool import DaskWorkers, LocalWorkers, NoWorkersError, Trade, WorkerLostError, Workers
from grader.batch.progress import Display, Log, Tally
from grader.batch.records import GradebookBusyError, patiently, require_known
from grader.batch.settings import ParallelAutograde
from grader.batch.stopping import stoppable
from grader.batch.submissions import find_notebooks, require_all
from grader.grading.folder import FolderRefusedError, files_in
from grader.grading.gradebook import ReadOnlyGradebook
from grader.grading.sharing import (
    NotWritableError,
    lock_of,
    require_writable,
    shared_with_group,
)

PRINTING: Final = Trade("grader.batch.feedback_worker")
"""Its course is a `Press`, its tasks are `PagesTask`, and what comes back is `Pages`."""

STRIKES: Final = 3
"""Workers that a submission may take with it before its pages are given up."""

_TICK: Final = 0.2


class FeedbackError(RuntimeError):
    """The run had to end; the pages made so far are in their places, and the same command goes on."""


@dataclass(frozen=True)
class _Graded:
    """A submission that is graded: its student, folder (as nbgrader writes it), place of its pages, and notebooks."""

    student: str
    folder: str
    destination: Path
    notebooks: tuple[str, ...]

    @property
    def staging(self) -> Path:
        return self.destination.parent / f".{self.destination.name}.incoming"


@dataclass
class _Job:
    graded: _Graded
    task: PagesTask
    fingerprint: str
    began: float = 0.0
    strikes: int = 0


class FeedbackDisplay(Display):
    """The display of pages that are being made."""

    def counts(self) -> Table:
        """What has become of the submissions."""
        tally, counts = self.tally, Table.grid(padding=(0, 2))
        counts.add_row(f"made {len(tally.graded)}", f"unchanged {tally.skipped}", f"failed {len(tally.failed)}")
        return counts

    def summary(self) -> None:
        """Says how it went."""
        tally, seconds = self.tally, self.seconds
        rate = f", {60 * len(tally.graded) / seconds:.0f} a minute" if tally.graded else ""
        self.line(
            f"{len(tally.graded)} made in {seconds:.1f} s{rate}; {tally.skipped} unchanged, {len(tally.failed)} failed"
        )
        for student, why in sorted(tally.failed.items()):
            self.line(f"failed: {student}: {why}", style="red")


class Printer:
    """One run of `grader feedback`.

    Args:
        coursedir: nbgrader's, with the name of the assignment.
        config: the course's configuration.
        console: where to show it.
        parent: the application, whose log is used.
    """

    def __init__(self, coursedir: CourseDirectory, config: Config, console: Console, parent: Any = None) -> None:
        self.coursedir = coursedir
        self.converter = GenerateFeedback(coursedir=coursedir, parent=parent, config=config)
        self.settings = ParallelAutograde(config=config)
        self.console = console
        self.tally = Tally()
        self.press = Press(_of_pages(config, coursedir))
        self._stopped = False

    def run(self) -> Tally:
        """Makes what is missing or has changed.

        Raises:
            FeedbackError: it had to end before everything was made.
            KeyboardInterrupt: somebody asked it to.
            NbGraderException: there is nothing to make pages of.
        """
        require_known(self.coursedir)
        found = list(self._graded())
        where = self.coursedir.format_path(self.coursedir.feedback_directory, ".", ".").rstrip("./")
        path = Path(f"{where}.lock")
        try:
            require_writable(self.coursedir, self._written(path, Path(where), found))
            lock = lock_of(self.coursedir, path)
            with shared_with_group(self.coursedir), lock.acquire(blocking=False):
                return self._run(found)
        except NotWritableError as error:
            raise NbGraderException(f"no page is made: {error}") from None
        except Timeout:
            raise FeedbackError("another `grader feedback` is at work in this course") from None
        except (GradebookBusyError, NoWorkersError) as error:
            raise FeedbackError(str(error)) from None

    def _written(self, lock: Path, folder: Path, found: Collection[_Graded]) -> Iterator[Path]:
        """What making pages writes."""
        yield from (lock, folder)
        log = self.settings.feedback_log_path(self.coursedir.root, self.coursedir.assignment_id)
        if log is not None:
            yield log
        for graded in found:
            yield from (folder / graded.student, folder / graded.student / self.coursedir.assignment_id)

    def _run(self, found: Collection[_Graded]) -> Tally:
        root, assignment = self.coursedir.root, self.coursedir.assignment_id
        path = self.settings.feedback_log_path(root, assignment)
        self._made = made_before(path)
        self.tally.total = len(found)
        self.log = Log(path)
        try:
            with (
                ReadOnlyGradebook(self.coursedir.db_url) as self.gradebook,
                FeedbackDisplay(self.console, assignment, self.tally) as self.display,
                stoppable(self._stop),
            ):
                self._make_all(found)
            if self._stopped:
                raise KeyboardInterrupt
            return self.tally
        finally:
            self.log.close()
            self.display.summary()

    def _stop(self) -> None:
        self._stopped = True

    def _make_all(self, found: Collection[_Graded]) -> None:
        waiting = deque(graded for graded in found if self._is_wanted(graded))
        if not waiting or self._stopped:
            return
        retried: deque[_Job] = deque()
        under_way: dict[Future[Pages], _Job] = {}
        workers = self._workers(len(waiting))
        try:
            while (waiting or retried or under_way) and not self._stopped:
                while (waiting or retried) and workers.has_room():
                    job = retried.popleft() if retried else self._job(waiting.popleft())
                    if job is not None:
                        job.began = time.monotonic()
                        under_way[workers.submit(job.task)] = job
                done, _ = wait(under_way, timeout=_TICK, return_when=FIRST_COMPLETED)
                if not under_way:
                    time.sleep(_TICK / 10)
                for future in done:
                    job = under_way.pop(future)
                    if not self._finish(job, future):
                        retried.append(job)
                for job in under_way.values():
                    if time.monotonic() - job.began > MOST_SECONDS:
                        workers.kill(job.task)
                self.display.under_way({job.graded.student: job.began for job in under_way.values()})
        finally:
            workers.close()

    def _workers(self, tasks: int) -> Workers:
        pickled = cloudpickle.dumps(self.press)
        if self.settings.dask:
            return DaskWorkers(pickled, self.settings.dask, PRINTING)
        return LocalWorkers(pickled, min(self.settings.jobs, tasks), PRINTING)

    def _is_wanted(self, graded: _Graded) -> bool:
        """Whether a submission's pages are missing, or were made of something else."""
        if self._stopped:
            return False
        if graded.staging.exists():
            utils.rmtree(str(graded.staging))
        if self.converter.force or not _is_in_place(graded, self._made.get(graded.student)):
            return True
        job = self._job(graded)
        if job is None:
            return False
        if job.fingerprint != self._made[graded.student]["fingerprint"]:
            return True
        self.tally.skipped += 1
        return False

    def _job(self, graded: _Graded) -> _Job | None:
        """Reads a submission; None where it cannot be read."""
        try:
            sheets = {name: self._sheet(graded, name) for name in graded.notebooks}
            beside = {name: _stamp(path) for name, path in self._beside(graded)}
        except (OSError, FolderRefusedError) as error:
            self._fail(graded.student, f"cannot be read: {error}")
            return None
        task = PagesTask(graded.student, sheets)
        return _Job(graded, task, task.fingerprint(self.press, beside))

    def _sheet(self, graded: _Graded, name: str) -> Sheet:
        path = Path(graded.folder, f"{name}.ipynb")
        return Sheet(
            f"{graded.folder}/{name}.ipynb", path.read_bytes(), path.stat().st_mtime, self._grades(graded.student, name)
        )

    def _grades(self, student: str, notebook: str) -> NotedGrades | None:
        def read() -> NotedGrades | None:
            try:
                submitted = self.gradebook.find_submission_notebook(notebook, self.coursedir.assignment_id, student)
                return NotedGrades.of(submitted)
            except MissingEntry:
                return None
            finally:
                self.gradebook.db.remove()  # its rows would stay in memory, and others wait for its transaction

        busy = "the gradebook is locked by another program: waiting for it"
        return patiently(read, self.settings.database_patience, lambda: self.display.line(busy))

    def _beside(self, graded: _Graded) -> Iterator[tuple[str, Path]]:
        """What nbgrader copies with the pages."""
        for file in files_in(Path(graded.folder), [*self.coursedir.ignore, "*.ipynb"], is_limited=False):
            yield file.name, file.path

    def _finish(self, job: _Job, future: Future[Pages]) -> bool:
        """Writes what came of a job; returns whether it needs no second attempt."""
        student = job.graded.student
        try:
            pages = future.result()
        except WorkerLostError as lost:
            job.strikes += lost.is_blamed
            if job.strikes < STRIKES and not lost.is_final:
                self.display.line(f"{student}: {lost}; it gets another one", style="yellow")
                return False
            self._fail(student, f"its pages ended their worker {job.strikes} times")
            return True
        except NoWorkersError:
            raise
        except Exception as error:  # noqa: BLE001 - of a worker; the others go on
            pages = Pages(student, error=f"{type(error).__name__}: {error}")
        if pages.error is not None:
            self._fail(student, pages.error.strip().splitlines()[-1], details=pages.error)
            return True
        try:
            self._write(job, pages)
        except OSError as error:
            raise FeedbackError(f"{student}'s pages cannot be written: {error}") from error
        self.tally.graded[student] = pages.seconds
        self.display.line(
            f"[{self.tally.done}/{self.tally.total}] {student}: {len(job.task.sheets)} in {pages.seconds:.1f} s",
            is_news=False,
        )
        return True

    def _write(self, job: _Job, pages: Pages) -> None:
        graded, assignment = job.graded, self.coursedir.assignment_id
        self.converter.notebooks = [sheet.path for sheet in job.task.sheets.values()]
        self.converter.run_pre_convert_hook()
        graded.staging.mkdir(parents=True)
        if self.coursedir.notebook_id != "*" and graded.destination.is_dir():
            shutil.copytree(graded.destination, graded.staging, dirs_exist_ok=True)
        for name, path in self._beside(graded):
            target = graded.staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(path, target)
        for name, content in pages.files.items():
            target = graded.staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_bytes(content)
        if graded.destination.exists():
            utils.rmtree(str(graded.destination))
        graded.staging.rename(graded.destination)
        self.converter.set_permissions(assignment, graded.student)
        self.converter.run_post_convert_hook()
        stamps = {name: _stamp(graded.destination / name) for name in pages.files}
        self.log.write(
            "made", student=graded.student, fingerprint=job.fingerprint, seconds=round(pages.seconds, 3), files=stamps
        )

    def _fail(self, student: str, why: str, details: str = "") -> None:
        self.tally.failed[student] = why
        self.log.write("failed", student=student, reason=why, details=details)
        self.display.line(f"{student}: failed: {why}", style="red")

    def _graded(self) -> Iterator[_Graded]:
        """The submissions that are graded, as nbgrader finds them.

        Raises:
            NbGraderException: there is none.
        """
        find_notebooks(self.converter)
        pattern = self.converter._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        excluded, chosen, seen = self.coursedir.student_id_exclude.split(","), self.settings.chosen_students, set()
        for folder, notebooks in sorted(self.converter.assignments.items()):
            match = re.match(pattern, folder)
            if match is None:
                raise NbGraderException(f"{folder} does not look like {pattern}")
            student = match["student_id"]
            if student in excluded or (chosen and student not in chosen):
                continue
            seen.add(student)
            destination = Path(self.converter._format_dest(match["assignment_id"], student))
            yield _Graded(student, folder, destination, tuple(sorted(Path(path).stem for path in notebooks)))
        require_all(chosen, seen, "there is no graded submission of")


def made_before(path: Path | None) -> dict[str, Mapping[str, Any]]:
    """What the log says of each student's pages: the fingerprint, and size and time of each file."""
    found: dict[str, Mapping[str, Any]] = {}
    with suppress(OSError):
        if path is not None:
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    with suppress(ValueError, KeyError, TypeError):
                        event = json.loads(line)
                        if event["event"] == "made":
                            found[event["student"]] = {name: event[name] for name in ("fingerprint", "files")}
    return found


def _is_in_place(graded: _Graded, made: Mapping[str, Any] | None) -> bool:
    """Whether a submission has the pages that were made of all its notebooks, as they were made."""
    if made is None or not isinstance(made["files"], dict):
        return False
    if not set(graded.notebooks) <= {Path(name).stem for name in made["files"]}:
        return False
    with suppress(OSError):
        return all(list(stamp) == list(_stamp(graded.destination / name)) for name, stamp in made["files"].items())
    return False


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def _of_pages(config: Config, coursedir: CourseDirectory) -> Config:
    """The configuration without what changes no page."""
    kept = deepcopy(config)
    for section in ("ParallelAutograde", "Application", "Autograde"):
        kept.pop(section, None)
    for section in ("GenerateFeedback", "BaseConverter"):
        for name in ("pre_convert_hook", "post_convert_hook", "force"):
            kept.get(section, {}).pop(name, None)
    for name in ("student_id", "notebook_id", "student_id_exclude", "ignore"):
        kept.get("CourseDirectory", {}).pop(name, None)
    kept.CourseDirectory.root, kept.CourseDirectory.db_url = coursedir.root, coursedir.db_url
    return kept
