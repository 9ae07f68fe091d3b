"""One notebook on its way through a kernel: cells in order, checks in between, replays after an accident."""

from __future__ import annotations

import copy
import logging
import math
import secrets
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from nbformat.notebooknode import NotebookNode

from grader.checking.asking import ASKS_NOBODY, Questions
from grader.checking.explanations import NOBODY_DEBUGS
from grader.grading.environment import SetAside, set_aside_in
from grader.grading.exchange import exchange, fault_of_loss, interrupted
from grader.grading.policy import Policy
from grader.grading.remarks import say_what_was_set_aside, say_why_it_stopped
from grader.grading.showing import draws_figures
from grader.kit.failures import WorkerCrashedError, WorkerFault, WorkerReplyError, WorkerTimeoutError
from grader.kit.messages import tr
from grader.kit.student import Student
from grader.sandbox.cells import Kernel, KernelLostError
from grader.sandbox.confinement import ConfinementError
from grader.sandbox.file_rules import exposed
from grader.sandbox.zygote import Zygote, ZygoteError
from grader.wire.frames import ConnectionLostError, Frame
from grader.wire.values import ValueFormatError

MAX_FAULTS: Final = 2
"""Crashes and time-outs that one exercise's checks may cause; its other checks are then not run."""

_LONGEST_WAIT: Final = 10.0
"""Seconds that a fresh kernel is watched doing nothing, to see whether a cell left something in it that ends it."""

_WAIT_FACTOR, _WAIT_MORE = 1.2, 0.5
"""How much longer than the lost one a fresh kernel must live: machines are not always equally fast."""

_MAX_TRIALS: Final = 24
"""Kernels started only to find out which cell ended another one."""

log = logging.getLogger(__name__)

_OUT_OF_TIME: Final = tr("This check was not run: the notebook had used up its time.")
_LOST_TOO_OFTEN: Final = tr("This check was not run: the notebook's Python process had ended too often.")
_STRUCK_OUT: Final = tr(
    "This check was not run: earlier checks of this exercise ended the Python process or did not finish in time."
)

_UNDRAWN: Final = tr("(a figure, not drawn while grading)")


@dataclass
class NotebookRun:
    """Runs a notebook's cells as far as its checks ask; a context manager.

    It is the stage that checks play on (`student`), and their connection to the worker (`request`, `cells`).

    Args:
        zygote: forks kernels.
        notebook: outputs are written into its cells.
        files: the files beside the notebook.
        policy: how to grade.
        checkpoints: for each exercise, the position of its check cell; such cells are not executed.
        left_out: the positions of other cells that are not.

    Attributes:
        ran_out: whether its time was over before everything had run.
        questions: what its cells would have asked somebody.
        accident: why no kernel could be had, which is the machine's fault, and no grade follows from.
    """

    zygote: Zygote
    notebook: NotebookNode
    files: Mapping[str, bytes]
    policy: Policy
    checkpoints: Mapping[str, int]
    left_out: Collection[int] = ()
    restarts: int = 0
    _position: int = 0
    _skipped: set[int] = field(default_factory=set)
    _kernel: Kernel | None = None
    _was_called: bool = False
    _exercise: str | None = None
    _strikes: Counter[str] = field(default_factory=Counter)
    _last_fault: WorkerFault | None = None
    _deadline: float = math.inf
    _ready_since: float = 0.0
    _lived: float | None = None
    _proven: dict[tuple[int, ...], float] = field(default_factory=dict)
    _trials: int = 0
    _excused: int = 0
    _callers: set[str | None] = field(default_factory=set)
    _repeated: set[int] = field(default_factory=set)
    _is_wronged: bool = False
    _set_aside: dict[int, SetAside] = field(default_factory=dict)
    ran_out: bool = False
    questions: Questions = field(default_factory=Questions)
    accident: ZygoteError | None = None

    @property
    def seed(self) -> int:
        """Of the checks' random inputs."""
        return self.policy.seed

    def __enter__(self) -> Self:
        self._refuse_exposed_checks()
        self._skipped.update(self.left_out)
        code = [
            (index, cell.source)
            for index, cell in enumerate(self.notebook.cells)
            if cell.cell_type == "code" and index not in self.checkpoints.values()
        ]
        self._set_aside = dict(set_aside_in(code, self.files, self.questions))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_kernel()

    def _refuse_exposed_checks(self) -> None:
        for path in self.policy.checks.files:
            folder = exposed(path, self.policy.readable)
            if folder is not None:
                raise ConfinementError(
                    f"the checks in {path.parent} could be read by graded notebooks, as all of {folder} can: move them,"
                    " and name their new folder in c.AulaTorch.checks_directory"
                )

    # ------------------------------------------------------------------------------------------ cells

    def student(self, exercise: str) -> Student:
        """The notebook, run up to the check cell of `exercise`.

        Raises:
            WorkerFault: no kernel can be had any more.
        """
        self._exercise = exercise
        self._refuse_after_strikes()
        self._advance(self.checkpoints[exercise])
        return Student(self)

    def finish(self) -> None:
        """Runs the cells after the last check."""
        try:
            self._advance(len(self.notebook.cells))
        except WorkerFault:
            self._mark_unrun()

    def cells(self) -> Sequence[str]:
        """The code cells that ran so far."""
        ran = self.notebook.cells[: self._position]
        return [
            cell.source
            for index, cell in enumerate(ran)
            if cell.cell_type == "code" and index not in self.checkpoints.values()
        ]

    def read_file(self, name: str, size: int) -> bytes | None:
        """The beginning of a file as it was handed in, whatever the notebook's cells did to their copy of it."""
        content = self.files.get(name)
        return content if content is None else content[:size]

    def _advance(self, target: int) -> None:
        """Runs cells up to position `target`, replacing the kernel where one is lost."""
        while self._position < target:
            self._ready_kernel()
            index = self._position
            cell = self.notebook.cells[index]
            if self._is_executed(index):
                try:
                    self._run(cell, index)
                except KernelLostError as lost:
                    was_called = self._was_called
                    self._lose_kernel()
                    if was_called:
                        continue  # a check's call may have done it: the cell gets a kernel without one
                    if lost.reason != "hung" and self._is_anothers_doing(index):
                        continue
                    self._skipped.add(index)
                    say_why_it_stopped(cell, lost.reason, self.policy.language)
            self._position = index + 1
        self._ready_kernel()

    def _is_anothers_doing(self, index: int) -> bool:
        """Whether the kernel that was lost in a cell may have been ended by what an earlier cell left running."""
        skipped = len(self._skipped)
        may_be_cut = (self._lived or 0.0) > _LONGEST_WAIT
        try:
            self._ready_kernel()
        except WorkerFault:
            return False  # nobody can tell any more
        if len(self._skipped) > skipped:
            return True
        if may_be_cut and index not in self._repeated:
            self._repeated.add(index)
            return True
        return False

    def _is_executed(self, index: int) -> bool:
        cell = self.notebook.cells[index]
        return cell.cell_type == "code" and index not in self._skipped and index not in self.checkpoints.values()

    def _run(self, cell: NotebookNode, index: int) -> None:
        assert self._kernel is not None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._out_of_time()
        aside = self._set_aside.get(index)
        copied = copy.copy(cell)
        copied["source"] = cell.source if aside is None else aside.runs
        try:
            reason = self._kernel.run_cell(copied, index, left)
        finally:
            cell["outputs"] = copied.get("outputs", [])
            if aside is not None:
                say_what_was_set_aside(cell, aside, self.policy.language)
        for output in cell["outputs"]:
            if output.output_type == "error":
                self._kernel.packages.require_readable(output.ename, output.evalue)
        if reason is not None:
            say_why_it_stopped(cell, reason, self.policy.language)

    def _mark_unrun(self) -> None:
        for index in range(self._position, len(self.notebook.cells)):
            cell = self.notebook.cells[index]
            if self._is_executed(index) and cell.source.strip():
                cell.outputs = []
                say_why_it_stopped(
                    cell, "budget" if time.monotonic() >= self._deadline else "restarts", self.policy.language
                )

    # ----------------------------------------------------------------------------------------- kernels

    def _ready_kernel(self) -> None:
        """Makes sure of a kernel in which every cell before the position has run.

        Raises:
            WorkerFault: the budget of restarts or of time is used up.
        """
        while self._kernel is None or self._kernel.is_out_of_step:
            self._lose_kernel()
            if time.monotonic() >= self._deadline:
                raise self._out_of_time()
            if self._position > 0:
                self.restarts += 1
                if self.restarts - self._excused > self.policy.restarts:
                    raise WorkerCrashedError("the notebook's kernel was lost too often", _LOST_TOO_OFTEN)
            executed = [index for index in range(self._position) if self._is_executed(index)]
            if not self._survives(executed):
                self._skip_culprit(executed)
        self._lived = None

    def _survives(self, executed: Sequence[int]) -> bool:
        """Starts a kernel and runs earlier cells in it, on copies: their outputs are already there.

        Where a kernel was lost, cells may have left something behind that ended it, a timer for one: the new one must
        live a little longer than it did.
        """
        self._end_kernel()
        self._start_kernel()
        assert self._kernel is not None
        try:
            for index in executed:
                self._run(copy.deepcopy(self.notebook.cells[index]), index)
        except KernelLostError:
            return False
        if self._lived is None:
            return True
        wanted = self._lived * _WAIT_FACTOR + _WAIT_MORE
        if self._proven.get(tuple(executed), 0.0) >= wanted:
            return True
        left = self._ready_since + wanted - time.monotonic()
        self._proven[tuple(executed)] = math.inf if left > _LONGEST_WAIT else wanted
        return self._kernel.is_alive_after(max(0.0, min(left, _LONGEST_WAIT, self._deadline - time.monotonic())))

    def _skip_culprit(self, executed: Sequence[int]) -> None:
        """Finds the cell after which a kernel does not survive, the last ones being tried first; it runs no more."""
        alive, lost, step = 0, len(executed), 1
        self._lose_kernel()
        while lost - alive > 1:
            if self._trials >= _MAX_TRIALS:
                break
            self._trials += 1
            tried = max(alive + 1, lost - step)
            if self._survives(executed[:tried]):
                alive, step = tried, max(1, (lost - tried) // 2)
            else:
                lost, step = tried, step * 2
        self._end_kernel()
        if lost:
            culprit = executed[lost - 1]
            self._skipped.add(culprit)
            say_why_it_stopped(self.notebook.cells[culprit], "later", self.policy.language)

    def _lose_kernel(self) -> None:
        """Takes leave of a kernel that ended or can be trusted no more, and notes how long it lived."""
        if self._kernel is not None:
            self._lived = max(self._lived or 0.0, time.monotonic() - self._ready_since)
            self._end_kernel()

    def _start_kernel(self) -> None:
        if self.accident is not None:
            raise self.accident
        policy = self.policy
        kernel = Kernel(
            self.zygote,
            copy.deepcopy(self.notebook),
            self.files,
            policy.limits,
            policy.device,
            variables=policy.variables,
            readable=policy.readable,
            private=(*policy.private, *{str(path.parent) for path in policy.checks.files}),
            accept_unprotected=policy.accept_unprotected,
            figure_text="" if draws_figures(self.notebook, policy.figures) else _UNDRAWN.render(policy.language),
            debugger_text=NOBODY_DEBUGS.render(policy.language),
            asking_text=ASKS_NOBODY.render(policy.language),
        )
        try:
            self._kernel = kernel.__enter__()
        except ZygoteError as error:
            self.accident = error
            raise
        self._was_called = False
        self._callers.clear()
        self._ready_since = time.monotonic()
        if self._deadline == math.inf:  # a slow start is the machine's, not the notebook's
            self._deadline = time.monotonic() + self.policy.notebook_seconds

    def _end_kernel(self) -> None:
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.close()

    def _out_of_time(self) -> WorkerTimeoutError:
        self._end_kernel()
        self.ran_out = True
        return WorkerTimeoutError("the notebook has used up its time", _OUT_OF_TIME)

    # ------------------------------------------------------------------------------------------- checks

    def request(self, frame: Frame, timeout: float | None) -> Frame:
        """Sends a check's request to the worker and returns its reply.

        Raises:
            WorkerFault: no readable answer came in time.
        """
        self._refuse_after_strikes()
        self._ready_kernel()
        assert self._kernel is not None
        self._was_called = True
        self._callers.add(self._exercise)
        number = secrets.token_hex(8)
        seconds = min(timeout or self.policy.call_seconds, max(self._deadline - time.monotonic(), 0.0))
        try:
            return exchange(self._kernel, frame, number, self.policy.reply_bytes, seconds)
        except TimeoutError:
            self.ran_out |= time.monotonic() >= self._deadline
            if interrupted(self._kernel, number, self.policy.reply_bytes):
                raise self._strike(WorkerTimeoutError("the call did not return in time")) from None
            self._end_kernel()
            late = WorkerTimeoutError("the call did not return in time, nor stop when interrupted")
            raise self._strike(late) from None
        except ConnectionLostError:
            raise self._strike(fault_of_loss(self._kernel), lost=True) from None
        except ValueFormatError as error:
            raise self._strike(WorkerReplyError(str(error)), lost=True) from None

    def _strike(self, fault: WorkerFault, *, lost: bool = False) -> WorkerFault:
        if lost:
            self._is_wronged = bool(self._callers - {self._exercise})
            self._lose_kernel()
        if self._exercise is not None:
            self._strikes[self._exercise] += 1
        self._last_fault = fault
        return fault

    def takes_back_fault(self) -> bool:
        """Whether the check that just lost its kernel must run again: what ended it may be none of its exercise's.

        That is so where an earlier cell left something running that ends a kernel in which no check called anything,
        or where another exercise's checks had called functions in the lost one.
        """
        if self._lived is None or self._exercise is None or self._kernel is not None:
            return False
        skipped = len(self._skipped)
        is_wronged, self._is_wronged = self._is_wronged, False
        try:
            self._ready_kernel()
        except (WorkerFault, ZygoteError):
            return False
        if not is_wronged and len(self._skipped) == skipped:
            return False
        self._strikes[self._exercise] -= 1
        self._excused += 1
        return True

    def _refuse_after_strikes(self) -> None:
        if self._exercise is not None and self._strikes[self._exercise] >= MAX_FAULTS and self._last_fault is not None:
            raise type(self._last_fault)("the exercise's earlier checks crashed or timed out", _STRUCK_OUT)
