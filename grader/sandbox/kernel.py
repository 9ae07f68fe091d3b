"""A kernel, in the process that the zygote forked for it: IPython for the cells, a worker for the checks' calls."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import resource
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipykernel.ipkernel
import ipykernel.zmqshell  # noqa: F401 - imported before the fork, used after it
import numpy as np
import torch
from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop

from grader.worker.frames import ConnectionLostError, Frame, FrameError, receive, send
from grader.worker.worker import Worker

if TYPE_CHECKING:
    from grader.sandbox.zygote import KernelRequest

MAX_REQUEST: Final = 512 * 2**20
"""Bytes of tensors that a check may send in one request."""

_PR_SET_PDEATHSIG: Final = 1


def run_kernel(request: KernelRequest, worker_descriptor: int) -> None:
    """Serves one notebook until the grader ends it. Never returns to the zygote's loop."""
    os.setsid()
    _die_with_parent()
    stream = socket.socket(fileno=worker_descriptor)
    _redirect_standard_streams(Path(request.scratch) / "kernel.log")
    _set_environment(request)
    _reseed()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(request.cwd)
    # Helper modules beside the notebook can be imported, and can shadow nothing: they come last.
    sys.path[:] = [entry for entry in sys.path if entry not in ("", request.cwd)] + [request.cwd]
    sys.argv[:] = ["ipykernel"]
    app = IPKernelApp.instance()
    app.initialize(
        ["-f", request.connection_file, "--IPKernelApp.log_level=50", "--HistoryManager.hist_file=:memory:",
         "--HistoryManager.enabled=False"]
    )  # fmt: skip
    if sys.path[0] in ("", request.cwd):
        sys.path.pop(0)
    app.kernel.shell.enable_matplotlib("inline")  # imported before the fork, so it does not see the shell by itself
    serve_worker(stream, app.kernel.shell.user_ns, request.max_reply)
    app.start()


def serve_worker(stream: socket.socket, namespace: dict[str, Any], max_reply: int) -> None:
    """Answers the checks' requests between cells, on the kernel's own event loop and main thread."""
    worker = Worker(namespace, max_reply=max_reply)
    loop = IOLoop.current()

    def answer(_descriptor: Any, _events: int) -> None:
        try:
            request = receive(stream, MAX_REQUEST)
        except (ConnectionLostError, FrameError, OSError):
            loop.remove_handler(stream.fileno())
            return
        with _interruptible():
            reply = worker.handle(request)
        with contextlib.suppress(ConnectionLostError):
            send(stream, Frame({**reply.content, "id": request.content.get("id")}, reply.buffers))

    loop.add_handler(stream.fileno(), answer, IOLoop.READ)


@contextlib.contextmanager
def _interruptible() -> Any:
    """Lets the grader's SIGINT end a call that takes too long; between calls the kernel ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def warm_up() -> None:
    """Does once, before any fork, what is slow the first time."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    value = torch.ones(2, 3, requires_grad=True)
    torch.autograd.backward((value.t() @ value).sum())  # a CPU-only backward starts no thread
    with FakeTensorMode():
        fake = torch.empty(2, 3, device="meta")
        (fake + fake).sum()


def _die_with_parent() -> None:
    """Asks Linux to end this process when the zygote ends; elsewhere the zygote sees to it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _redirect_standard_streams(log: Path) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(null)
    os.close(out)


def _set_environment(request: KernelRequest) -> None:
    scratch = request.scratch
    os.environ.update(
        HOME=scratch,
        TMPDIR=scratch,
        IPYTHONDIR=f"{scratch}/.ipython",
        MPLCONFIGDIR=f"{scratch}/.matplotlib",
        TORCH_HOME=f"{scratch}/.torch",
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        NBGRADER_EXECUTION="autograde",
        AULATORCH_DEVICE=request.device,
    )
    if request.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _reseed() -> None:
    """A fork copies the random state; without this every student would draw the same numbers."""
    random.seed()
    np.random.seed(secrets.randbelow(2**32))
    torch.seed()
