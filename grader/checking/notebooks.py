"""Notebooks as pytest's test files: ``pytest 01_tensors.ipynb -k shape`` on a student's laptop.

The notebook's cells run in this process, in order, each up to the check cell that is next, so that pytest's own
tools (``-k``, ``-x``, ``--pdb``) work on the student's code.
"""

from __future__ import annotations

import getpass
import io
import math
import os
import pdb
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.checking.asking import ASKS_NOBODY, Questions
from grader.checking.elsewhere import differs_while_grading, section
from grader.checking.evidence import explained as explained_by_evidence
from grader.checking.explanations import NOBODY_DEBUGS
from grader.checking.files import CheckFile
from grader.checking.missing import explained
from grader.checking.plugin import NAMED, NOTES, STAGE, exercise_of
from grader.checking.results import CheckResult, ExerciseResult
from grader.checking.runner import awaited, not_judged, result_of
from grader.checking.verdicts import judge
from grader.course import ChecksNotFoundError, CourseError, exercises_in, find_checks
from grader.kit.cells import exercise_checked
from grader.kit.connections import Loopback, Modes
from grader.kit.messages import Message, add_catalogues, tr
from grader.kit.not_found import not_found
from grader.kit.student import Student
from grader.kit.training.accuracy import assignment_thresholds
from grader.wire.answering import NamespaceServer
from grader.wire.asking import refusal


def has_checks(path: Path) -> bool:
    """Whether a file is a notebook with at least one check cell."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    return bool(exercises_of(notebook))


def exercises_of(notebook: nbformat.NotebookNode) -> list[str]:
    """The exercises of a notebook's check cells, in order."""
    found = (exercise_checked(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    return list(dict.fromkeys(name for name in found if name is not None))


def exercise_cells(notebook: nbformat.NotebookNode) -> list[str]:
    """The code that exercises need: nbgrader's cells, and where none is locked before the first answer, all up to it.

    The demonstrations around the exercises take time and must not matter.
    """
    return [cell.source for cell in needed_cells(notebook)]


def needed_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells of `exercise_cells`."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answer = next((place for place, cell in enumerate(code) if cell.metadata.get("nbgrader", {}).get("solution")), 0)
    has_setup = any("nbgrader" in cell.metadata for cell in code[:answer])
    return [
        cell for place, cell in enumerate(code) if "nbgrader" in cell.metadata or (place < answer and not has_setup)
    ]


class InProcessNotebook:
    """A notebook whose cells run in this very process, as far as checks ask.

    Args:
        cells: the sources of its code cells, in order.
        seed: of the checks' random inputs; a new one by default.
        may_ask: whether somebody sits there whom `input()` and a debugger may ask.
    """

    def __init__(self, cells: Sequence[str], *, seed: int | None = None, may_ask: bool = False) -> None:
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self._may_ask = may_ask
        self._cells = list(cells)
        self._failures: dict[int, str] = {}
        self._pending = list(cells)
        self._ran: list[str] = []
        self._shell: InteractiveShell | None = None
        self._modes = Modes.current()
        self._questions = Questions()
        self.errors: list[BaseException] = []

    def student(self, exercise: str) -> Student:
        """The notebook, run up to the check cell of `exercise`."""
        while self._pending and exercise_checked(self._pending[0]) != exercise:
            self._run(self._pending.pop(0))
        return Student(Loopback(NamespaceServer(self._namespace()), lambda: self._ran, self._modes))

    def run_before(self, cell: str) -> None:
        """Runs the cells before the one with this source."""
        while self._pending and self._pending[0] != cell:
            self._run(self._pending.pop(0))

    def replace_next(self, source: str) -> None:
        """Puts another cell in the place of the one that would be run next."""
        self._cells[len(self._cells) - len(self._pending)] = self._pending[0] = source

    def _namespace(self) -> dict[str, Any]:
        if self._shell is None:
            os.environ.setdefault("MPLBACKEND", "agg")  # a laptop's terminal has no place for figures
            # A notebook under test is nobody's history, and each database of it would stay open.
            self._shell = InteractiveShell(
                config=Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
            )
            if not self._may_ask:
                _ask_nobody(self._shell.user_ns)
        namespace: dict[str, Any] = self._shell.user_ns
        return namespace

    def _run(self, source: str) -> None:
        if exercise_checked(source) is not None:
            return
        self._namespace()
        assert self._shell is not None
        stdin = sys.stdin
        runs = source
        if not self._may_ask:
            sys.stdin = io.StringIO()  # what reads it reads its end
            runs, _ = self._questions.set_aside(source)
        try:
            with self._modes.in_force():
                result = self._shell.run_cell(runs, store_history=True)
        finally:
            sys.stdin = stdin
        self._ran.append(source)
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            self.errors.append(error)
            self._failures[len(self._cells) - len(self._pending) - 1] = f"{type(error).__name__}: {error}"

    def explained(self, exercise: str, found: Iterable[CheckResult]) -> list[Message]:
        """Why names are missing that the checks of `exercise` looked for, as far as the notebook's cells tell."""
        check = self._check_of(exercise)
        return [] if check is None else explained(self._cells, self._failures, check, found, self._questions.asked)

    def differs_while_grading(self, exercise: str) -> list[Message]:
        """What the cells of an exercise use that a graded notebook cannot have."""
        check = self._check_of(exercise)
        return [] if check is None else differs_while_grading(section(self._cells, check))

    def _check_of(self, exercise: str) -> int | None:
        """The position of an exercise's check cell."""
        return next((place for place, source in enumerate(self._cells) if exercise_checked(source) == exercise), None)


def _ask_nobody(namespace: dict[str, Any]) -> None:
    """Lets `input()` fail at once and `breakpoint()` pass, in a notebook's own names: pytest's debugger stays."""

    def pass_by(*_arguments: object, **_named: object) -> None:
        """What `breakpoint()` and `set_trace()` do where nobody debugs."""
        print(NOBODY_DEBUGS)

    namespace |= {"input": refusal(str(ASKS_NOBODY)), "breakpoint": pass_by}
    getpass.getpass = refusal(str(ASKS_NOBODY))
    pdb.set_trace = pass_by


class NotebookFile(pytest.File):
    """A notebook, holding the visible checks of its exercises."""

    def collect(self) -> Iterable[pytest.Collector]:
        """One collector for each file of visible checks that the notebook's exercises need."""
        notebook = nbformat.read(self.path, as_version=4)
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        exercises = exercises_of(notebook)
        self.stash[STAGE] = InProcessNotebook(cells, may_ask=bool(self.config.getoption("usepdb", False)))
        try:
            checks = find_checks(self.path.parent, exercises).of(exercises)
        except ChecksNotFoundError as error:
            raise self.CollectError(str(not_found(error))) from None
        except CourseError as error:
            raise self.CollectError(str(error)) from None
        add_catalogues(checks.locale)
        for message in differs_while_grading(cells):
            self.warn(pytest.PytestWarning(str(message)))
        self._thresholds = checks.thresholds
        self.folder = checks.folder
        self.results: list[CheckResult] = []
        position = {name: place for place, name in enumerate(exercises)}
        for path in sorted(checks.visible, key=lambda path: min(position.get(n, math.inf) for n in exercises_in(path))):
            yield NotebookChecks.from_parent(self, path=path, nodeid=self.nodeid, exercises=exercises)

    def setup(self) -> None:
        """Grades with the assignment's thresholds until the last of its checks has run."""
        self._stack = ExitStack()
        self._stack.enter_context(assignment_thresholds(self._thresholds))

    def teardown(self) -> None:
        """Ends that, and names the mistakes that the checks found."""
        self._stack.close()
        for exercise in dict.fromkeys(result.exercise for result in self.results):
            own = tuple(result for result in self.results if result.exercise == exercise)
            mistake = explained_by_evidence(ExerciseResult(exercise, 0.0, own), self.folder).mistake
            if mistake is not None:
                line = f"{exercise}: {mistake.title} -> {mistake.hint}"
                self.config.stash.setdefault(NAMED, []).append(line)


class NotebookChecks(CheckFile):
    """A file of visible checks, restricted to a notebook's exercises and in their order."""

    def __init__(self, *, exercises: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = {name: position for position, name in enumerate(exercises)}

    def note(self, item: pytest.Item, error: BaseException | None) -> None:
        """Notes how a check ended, for the name of the mistake."""
        self._file.results.append(result_of(item, error, item.stash[NOTES], visible=True))

    def refuse_unmet(self, item: pytest.Item) -> None:
        """Skips a check that waits for another one that did not pass."""
        unmet = awaited(item, self._file.results)
        if unmet is not None:
            result = not_judged(item, unmet, visible=True)
            self._file.results.append(result)
            pytest.skip(str(result.diagnosis.problem) if result.diagnosis is not None else "")

    @property
    def _file(self) -> NotebookFile:
        assert isinstance(self.parent, NotebookFile)
        return self.parent

    @staticmethod
    def explain(error: BaseException) -> str:
        """What a failed check says, in place of a traceback through the grader."""
        _, diagnosis = judge(error, reveal=True)
        if diagnosis is None:
            return str(error)
        rows = [
            (None, diagnosis.problem),
            (tr("called"), diagnosis.called),
            (tr("expected"), diagnosis.expected),
            (tr("actual"), diagnosis.actual),
            (tr("where"), diagnosis.where),
        ]
        lines = [f"{label}: {text}" if label else f"{text}" for label, text in rows if text is not None]
        return "\n".join([*lines, f"-> {diagnosis.hint}"] if diagnosis.hint is not None else lines)

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The checks, in the notebook's order of exercises."""
        found = [item for item in super().collect() if isinstance(item, pytest.Item)]
        chosen = [item for item in found if exercise_of(item) in self.order]
        for item in chosen:
            item.extra_keyword_matches.add(exercise_of(item) or "")  # so that `-k EXERCISE` finds its checks
        yield from sorted(chosen, key=lambda item: self.order[exercise_of(item) or ""])
