"""One request of a check's to a kernel, and what became of it."""

from __future__ import annotations

import time

from grader.kit.failures import WorkerCrashedError, WorkerDiskError, WorkerFault, WorkerMemoryError
from grader.sandbox.cells import GRACE, Kernel
from grader.wire.frames import ConnectionLostError, Frame, FrameError, receive, send
from grader.wire.replies import require_reply
from grader.wire.values import ValueFormatError


def exchange(kernel: Kernel, frame: Frame, number: str, reply_bytes: int, seconds: float) -> Frame:
    """Sends a request to the worker in a kernel and returns its reply.

    Args:
        kernel: in which the worker runs.
        frame: the request.
        number: of the request, which the reply must carry.
        reply_bytes: the most that a reply may have.
        seconds: until the reply must be there.

    Raises:
        TimeoutError: there was none in time.
        ConnectionLostError: the kernel ended.
        ValueFormatError: the reply is none.
    """
    deadline = time.monotonic() + seconds
    send(kernel.worker_socket, Frame({**frame.content, "id": number}, frame.buffers), deadline)
    reply = receive(kernel.worker_socket, reply_bytes, deadline)
    if reply.content.get("id") != number:
        raise ValueFormatError("the reply answers no request")
    require_reply(frame.content, reply.content)
    if reply.content["status"] == "error":
        kernel.packages.require_readable(str(reply.content["type"]), str(reply.content["message"]))
    return reply


def interrupted(kernel: Kernel, number: str, reply_bytes: int) -> bool:
    """Interrupts a call that is late; whether the worker answers that it was, so that the kernel lives on."""
    try:
        kernel.interrupt()
        late = receive(kernel.worker_socket, reply_bytes, time.monotonic() + GRACE)
    except (TimeoutError, ConnectionLostError, FrameError):
        return False
    return bool(late.content.get("id") == number)


def fault_of_loss(kernel: Kernel) -> WorkerFault:
    """The fault for a kernel that ended during a call."""
    match kernel.why_lost():
        case "memory":
            return WorkerMemoryError("the process held too much memory")
        case "disk":
            return WorkerDiskError("the process wrote too much")
    return WorkerCrashedError("the process ended during the call")
