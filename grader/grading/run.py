"""One notebook on its way through a kernel: cells in order, checks in between, replays after an accident."""

from __future__ import annotations

import copy
import logging
import math
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.grading.environment import set_aside_in
from grader.grading.policy import Policy
from grader.sandbox.cells import GRACE, Kernel, KernelLostError
from grader.sandbox.confinement import ConfinementError
from grader.sandbox.file_rules import exposed
from grader.sandbox.zygote import Zygote
from grader.testing.failures import (
    WorkerCrashedError,
    WorkerFault,
    WorkerMemoryError,
    WorkerReplyError,
    WorkerTimeoutError,
)
from grader.testing.messages import tr
from grader.testing.student import Student
from grader.worker.frames import ConnectionLostError, Frame, FrameError, receive, send
from grader.worker.replies import require_reply
from grader.worker.values import ValueFormatError

STRIKES: Final = 2
"""Crashes and time-outs that one exercise's checks may cause; its other checks are then not run."""

log = logging.getLogger(__name__)

_CUT_SHORT: Final = {
    "timeout": ("CellTimeout", tr("This cell did not finish in time and was stopped.")),
    "output": ("OutputLimit", tr("This cell wrote too much output and was stopped; the rest of it was cut.")),
    "memory": ("MemoryLimit", tr("This cell used more memory than it may, and its Python process was ended.")),
    "disk": ("DiskLimit", tr("This cell wrote more files than it may, and its Python process was ended.")),
    "died": ("KernelDied", tr("This cell ended the Python process. The cells after it ran without it.")),
    "hung": ("KernelHung", tr("This cell could not be stopped. The cells after it ran without it.")),
    "budget": ("NotRun", tr("This cell was not run: the notebook had used up its time.")),
}

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

    Attributes:
        ran_out: whether its time was over before everything had run.
    """

    zygote: Zygote
    notebook: NotebookNode
    files: Mapping[str, bytes]
    policy: Policy
    checkpoints: Mapping[str, int]
    restarts: int = 0
    _position: int = 0
    _skipped: set[int] = field(default_factory=set)
    _kernel: Kernel | None = None
    _was_called: bool = False
    _exercise: str | None = None
    _strikes: Counter[str] = field(default_factory=Counter)
    _last_fault: WorkerFault | None = None
    _deadline: float = math.inf
    _set_aside: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    ran_out: bool = False

    @property
    def seed(self) -> int:
        """Of the checks' random inputs."""
        return self.policy.seed

    def __enter__(self) -> Self:
        self._refuse_exposed_checks()
        code = [
            (index, cell.source)
            for index, cell in enumerate(self.notebook.cells)
            if cell.cell_type == "code" and index not in self.checkpoints.values()
        ]
        self._set_aside = {index: (runs, lines) for index, runs, lines in set_aside_in(code, self.files)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_kernel()

    def _refuse_exposed_checks(self) -> None:
        for path in self.policy.hidden:
            folder = exposed(path, self.policy.readable)
            if folder is not None:
                raise ConfinementError(
                    f"the hidden checks in {path.parent} could be read by graded notebooks, as all of {folder} can:"
                    " move them, and name their new folder in c.AulaTorch.hidden_directory"
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
                    self._end_kernel()
                    if self._was_called:
                        continue  # a check's call may have done it: the cell gets a kernel without one
                    self._skipped.add(index)
                    self._note(cell, lost.reason)
            self._position = index + 1
        self._ready_kernel()

    def _is_executed(self, index: int) -> bool:
        cell = self.notebook.cells[index]
        return cell.cell_type == "code" and index not in self._skipped and index not in self.checkpoints.values()

    def _run(self, cell: NotebookNode, index: int) -> None:
        assert self._kernel is not None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._out_of_time()
        runs, aside = self._set_aside.get(index, (cell.source, []))
        copied = copy.copy(cell)
        copied["source"] = runs
        try:
            reason = self._kernel.run_cell(copied, index, left)
        finally:
            cell["outputs"] = copied.get("outputs", [])
            if aside:
                remark = tr("(not run while grading, for another environment: {lines})", lines="; ".join(aside))
                text = f"{remark.render(self.policy.language)}\n"
                cell.outputs.insert(0, new_output("stream", name="stdout", text=text))
        if reason is not None:
            self._note(cell, reason)

    def _note(self, cell: NotebookNode, reason: str) -> None:
        """Says in a cell's outputs why it was cut short."""
        name, message = _CUT_SHORT[reason]
        text = message.render(self.policy.language)
        cell.outputs.append(new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))

    def _mark_unrun(self) -> None:
        for index in range(self._position, len(self.notebook.cells)):
            cell = self.notebook.cells[index]
            if self._is_executed(index) and cell.source.strip():
                cell.outputs = []
                self._note(cell, "budget")

    # ----------------------------------------------------------------------------------------- kernels

    def _ready_kernel(self) -> None:
        """Makes sure of a kernel in which every cell before the position has run.

        Raises:
            WorkerFault: the budget of restarts or of time is used up.
        """
        while self._kernel is None or self._kernel.is_out_of_step:
            self._end_kernel()
            if time.monotonic() >= self._deadline:
                raise self._out_of_time()
            if self._position > 0:
                self.restarts += 1
                if self.restarts > self.policy.restarts:
                    raise self._last_fault or WorkerCrashedError("the notebook's kernel was lost too often")
            self._start_kernel()
            self._replay()

    def _start_kernel(self) -> None:
        policy = self.policy
        kernel = Kernel(
            self.zygote,
            copy.deepcopy(self.notebook),
            self.files,
            policy.limits,
            policy.device,
            dataset=policy.dataset,
            readable=policy.readable,
            accept_unprotected=policy.accept_unprotected,
            figure_text="" if self._draws_figures() else _UNDRAWN.render(policy.language),
        )
        self._kernel = kernel.__enter__()
        self._was_called = False
        if self._deadline == math.inf:  # a slow start is the machine's, not the notebook's
            self._deadline = time.monotonic() + self.policy.notebook_seconds

    def _draws_figures(self) -> bool:
        if self.policy.figures != "auto":
            return self.policy.figures == "always"
        roles = (cell.metadata.get("nbgrader", {}) for cell in self.notebook.cells)
        return any(role.get("task") or (role.get("grade") and role.get("solution")) for role in roles)

    def _replay(self) -> None:
        """Runs the earlier cells again, on copies: their outputs are already there."""
        for index in range(self._position):
            if not self._is_executed(index):
                continue
            try:
                self._run(copy.deepcopy(self.notebook.cells[index]), index)
            except KernelLostError:
                self._skipped.add(index)
                self._end_kernel()
                return

    def _end_kernel(self) -> None:
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.close()

    def _out_of_time(self) -> WorkerTimeoutError:
        self._end_kernel()
        self.ran_out = True
        return WorkerTimeoutError("the notebook has used up its time")

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
        stream = self._kernel.worker_socket
        number = secrets.token_hex(8)
        seconds = min(timeout or self.policy.call_seconds, max(self._deadline - time.monotonic(), 0.0))
        deadline = time.monotonic() + seconds
        try:
            send(stream, Frame({**frame.content, "id": number}, frame.buffers), deadline)
            reply = receive(stream, self.policy.reply_bytes, deadline)
            if reply.content.get("id") != number:
                raise ValueFormatError("the reply answers no request")
            require_reply(frame.content, reply.content)
        except TimeoutError:
            self.ran_out |= time.monotonic() >= self._deadline
            raise self._strike(self._interrupted(number)) from None
        except ConnectionLostError:
            raise self._strike(self._loss(), lost=True) from None
        except ValueFormatError as error:
            raise self._strike(WorkerReplyError(str(error)), lost=True) from None
        return reply

    def _loss(self) -> WorkerFault:
        """The fault for a kernel that ended during a call."""
        assert self._kernel is not None
        if self._kernel.why_lost() == "memory":
            return WorkerMemoryError("the process held too much memory")
        return WorkerCrashedError("the process ended during the call")

    def _interrupted(self, number: str) -> WorkerFault:
        """Interrupts the call; the kernel lives on if it answers that it was interrupted."""
        assert self._kernel is not None
        try:
            self._kernel.interrupt()
            late = receive(self._kernel.worker_socket, self.policy.reply_bytes, time.monotonic() + GRACE)
            if late.content.get("id") == number:
                return WorkerTimeoutError("the call did not return in time")
        except (TimeoutError, ConnectionLostError, FrameError):
            pass
        self._end_kernel()
        return WorkerTimeoutError("the call did not return in time, nor stop when interrupted")

    def _strike(self, fault: WorkerFault, *, lost: bool = False) -> WorkerFault:
        if lost:
            self._end_kernel()
        if self._exercise is not None:
            self._strikes[self._exercise] += 1
        self._last_fault = fault
        return fault

    def _refuse_after_strikes(self) -> None:
        if self._exercise is not None and self._strikes[self._exercise] >= STRIKES and self._last_fault is not None:
            raise type(self._last_fault)("not run: the exercise's earlier checks crashed or timed out")
