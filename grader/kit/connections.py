"""Ways to a notebook's namespace: what `Student` asks through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from grader.wire.answering import NamespaceServer
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


@dataclass
class Loopback:
    """A connection to a namespace server in this very process: the notebook's own self-check.

    Requests and replies still pass through the wire's codec, so a check sees the same values as in grading.
    """

    server: NamespaceServer
    read_cells: Callable[[], Sequence[str]] = field(default=lambda: ())
    _raised: TracebackType | None = None

    def request(self, frame: Frame, timeout: float | None) -> Frame:  # noqa: ARG002 - nothing to wait for here
        """Answers at once; there is no limit on time but the student's patience."""
        self.server.on_error = self._note
        try:
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
