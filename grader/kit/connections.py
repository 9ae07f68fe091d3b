"""Ways to a notebook's namespace: what `Student` asks through."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol

import torch

from grader.wire.answering import NamespaceServer, leave_inference_mode
from grader.wire.defaults import default_device
from grader.wire.frames import Frame


class Connection(Protocol):
    """A way to a namespace server: a socket to another process, or a call within this one."""

    def request(self, frame: Frame, timeout: float | None) -> Frame:
        """Sends a request and returns the reply.

        Args:
            frame: the request.
            timeout: seconds to wait; None means the course's own limit.

        Raises:
            WorkerFault: no readable answer came.
        """

    def cells(self) -> Sequence[str]:
        """The code cells of the notebook that ran so far."""

    def read_file(self, name: str, size: int) -> bytes | None:
        """The first `size` bytes of a file that was handed in beside the notebook; None where there is none."""


CPU: Final = torch.device("cpu")


@dataclass
class Modes:
    """What PyTorch keeps for a whole process: a notebook's are not a check's, where both share one.

    Attributes:
        dtype: of new tensors of decimal numbers.
        device: of new tensors.
        has_autograd: whether autograd is on.
    """

    dtype: torch.dtype = torch.float32
    device: torch.device = CPU
    has_autograd: bool = True

    @classmethod
    def current(cls) -> Modes:
        """Those of this process as they are now."""
        return cls(torch.get_default_dtype(), default_device() or CPU, torch.is_grad_enabled())

    def enter(self) -> None:
        """Makes them those of this process."""
        now = Modes.current()
        if not self.has_autograd or not now.has_autograd:
            leave_inference_mode()
            torch.set_grad_enabled(self.has_autograd)
        if self.dtype != now.dtype:
            torch.set_default_dtype(self.dtype)
        if self.device != now.device:
            torch.set_default_device(None if self.device == CPU else self.device)

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """Runs a notebook's code in its modes, keeps what it makes of them, and goes back to those of checks."""
        self.enter()
        try:
            yield
        finally:
            left = Modes.current()
            self.dtype, self.device, self.has_autograd = left.dtype, left.device, left.has_autograd
            CHECKS_MODES.enter()

    @contextlib.contextmanager
    def set_aside(self) -> Iterator[None]:
        """Runs checks in modes of their own, and ends in these as they were."""
        before = replace(self)
        CHECKS_MODES.enter()
        try:
            yield
        finally:
            before.enter()


CHECKS_MODES: Final = Modes()
"""What checks are written for: those of a new process."""


@dataclass
class Loopback:
    """A connection to a namespace server in this very process: the notebook's own self-check.

    Requests and replies still pass through the wire's codec, so a check sees the same values as in grading. What the
    notebook's code leaves of PyTorch's modes holds for its next call, and not for what the check computes.

    Args:
        server: answers the requests.
        read_cells: gives the code cells that ran so far.
        modes: the notebook's, as its code left them.
    """

    server: NamespaceServer
    read_cells: Callable[[], Sequence[str]] = field(default=lambda: ())
    modes: Modes = field(default_factory=Modes.current)
    _raised: TracebackType | None = None

    def request(self, frame: Frame, timeout: float | None) -> Frame:  # noqa: ARG002 - nothing to wait for here
        """Answers at once; there is no limit on time but the student's patience."""
        self.server.on_error = self._note
        try:
            with self.modes.in_force():
                return self.server.handle(frame)
        finally:
            self.server.on_error = None

    def _note(self, error: BaseException) -> None:
        self._raised = _of_notebook(error.__traceback__, self.server.namespace)

    def take_traceback(self) -> TracebackType | None:
        """The student's own frames of the latest error, once: a debugger belongs at their last line."""
        raised, self._raised = self._raised, None
        return raised

    def cells(self) -> Sequence[str]:
        """The code cells that ran so far."""
        return self.read_cells()

    def read_file(self, name: str, size: int) -> bytes | None:
        """The beginning of a file in the notebook's folder, reached through no link."""
        folder = Path.cwd()
        path = folder / name
        if not path.is_file() or path.resolve() != path or not path.is_relative_to(folder):
            return None
        with path.open("rb") as file:
            return file.read(size)


def _of_notebook(trace: TracebackType | None, namespace: Mapping[str, Any]) -> TracebackType | None:
    """A traceback from the notebook's first frame to its last, without what is around it."""
    entries = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    own = [position for position, entry in enumerate(entries) if entry.tb_frame.f_globals is namespace]
    found: TracebackType | None = None
    for entry in reversed(entries[own[0] : own[-1] + 1] if own else []):
        found = TracebackType(found, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return found
