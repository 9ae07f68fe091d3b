"""A kernel, in the process that the zygote forked for it: IPython for the cells, a server for the checks' calls."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import logging
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import ipykernel.ipkernel
import ipykernel.zmqshell
import IPython.core.shellapp
import numpy as np
import torch
import zmq
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from IPython.core.pylabtools import find_gui_and_backend
from tornado.ioloop import IOLoop
from traitlets import default

from grader.sandbox.confinement import confine, may_signal_children, seal
from grader.sandbox.import_path import leave_out_unreadable
from grader.sandbox.linux import die_with_parent
from grader.sandbox.parallel import keep_in_private_folder
from grader.sandbox.warden import SEALED
from grader.wire.answering import NamespaceServer
from grader.wire.asking import ask_nobody
from grader.wire.debuggers import pass_by_debuggers
from grader.wire.frames import ConnectionLostError, Frame, FrameError, receive, send

if TYPE_CHECKING:
    from grader.sandbox.request import KernelRequest

MAX_REQUEST: Final = 512 * 2**20
"""Bytes of tensors that a check may send in one request."""

_LOADED_LATER: Final = (
    "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.magics.execution",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "tornado.platform.asyncio", "tornado.queues",
    "matplotlib.pyplot", "matplotlib_inline.backend_inline", "encodings.idna", "faulthandler",
)  # fmt: skip
"""What a kernel would import as it starts: 0.5 s."""


_FAKED: Final[tuple[Callable[[torch.Tensor], object], ...]] = (
    lambda x: x + x * 2 - x / 2, lambda x: (x > 0).sum(), lambda x: x.mean(0).max(), lambda x: x.exp(),
    lambda x: x[1:, ::2], lambda x: x[0].clone().fill_(1), lambda x: x[:, 2].unsqueeze(0).expand(2, -1),
    lambda x: x.reshape(2, 12).t().contiguous(), lambda x: x.view(-1).double().int(), lambda x: x.clamp(0, 1),
    lambda x: torch.cat([x, x]), lambda x: torch.stack([x, x]), lambda x: x.new_zeros(2).copy_(x[0, :2]),
    lambda x: x @ x.T, lambda x: torch.arange(3, device=x.device), lambda x: torch.ones_like(x),
    lambda x: x.__setitem__((slice(2), slice(3)), x[:2, 3:]), lambda x: torch.rand(2, device=x.device),
    lambda x: torch.where(x > 0, x, -x), lambda x: x.permute(1, 0).flatten(),
)  # fmt: skip
"""What is slow the first time that a fake tensor does it."""


class _NoModules:
    """`sys`, as if nothing had been imported."""

    modules: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


@contextlib.contextmanager
def _seeing_no_modules(module: Any) -> Iterator[None]:
    """Lets a module see no other one.

    To look at thousands of them, or at their names, is to write into them, for Python counts who does; and each page
    that a fork writes into, it has to copy.
    """
    module.sys = _NoModules()
    try:
        yield
    finally:
        module.sys = sys


_present: Final[set[str]] = set()
"""The names of all modules that a kernel has when it starts."""


class KernelApp(IPKernelApp):  # type: ignore[misc]
    """ipykernel, without the TCP socket on which it would hear from forked processes."""

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """Opens the iopub channel."""
        greets = "session" in signature(IOPubThread).parameters  # whoever subscribes; since ipykernel 7.2
        self.iopub_socket = context.socket(zmq.XPUB if greets else zmq.PUB)
        self.iopub_socket.linger = 1000
        self.iopub_port: int = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = IOPubThread(self.iopub_socket, pipe=False, **({"session": self.session} if greets else {}))
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_kernel(self) -> None:
        """Makes the kernel, without the list of all modules that its debugger would go by."""
        with _seeing_no_modules(ipykernel.ipkernel):
            super().init_kernel()

    def init_code(self) -> None:
        """Runs nothing, and notes which modules there are, for ``%reset aggressive``."""
        with _seeing_no_modules(IPython.core.shellapp):
            super().init_code()
        self.shell._sys_modules_keys = _present

    @default("log")
    def _log_default(self) -> logging.Logger:
        log = logging.Logger(type(self).__name__, logging.CRITICAL)  # no other one has to hear of it
        log.addHandler(logging.NullHandler())
        return log

    def _configure_logging(self) -> None:
        """Leaves Python's loggers as they are: setting one up looks at all of them."""

    def write_connection_file(self, **_: Any) -> None:
        """Writes none: the grader did, where this process may only read."""

    def init_heartbeat(self) -> None:
        """Starts none: the warden watches."""


def run_kernel(request: KernelRequest, worker_descriptor: int, warden: socket.socket) -> None:
    """Serves one notebook until the grader ends it.

    Raises:
        ConfinementError: this machine cannot confine it.
    """
    os.setsid()
    die_with_parent(signal.SIGKILL)
    _close_others({worker_descriptor, warden.fileno()})
    stream = socket.socket(fileno=worker_descriptor)
    _redirect_standard_streams(Path(request.scratch) / "kernel.log")
    _set_environment(request)
    _reseed(request.device)
    os.chdir(request.cwd)
    # Helper modules beside the notebook can be imported, and can shadow nothing: they come last.
    sys.path[:] = [entry for entry in sys.path if entry not in ("", request.cwd)] + [request.cwd]
    sys.argv[:] = ["ipykernel"]
    confine(request, warden)
    leave_out_unreadable()
    app = KernelApp.instance()
    app.initialize(
        ["-f", request.connection_file, "--KernelApp.log_level=50", "--HistoryManager.hist_file=:memory:",
         "--HistoryManager.enabled=False"]
    )  # fmt: skip
    if sys.path[0] in ("", request.cwd):
        sys.path.pop(0)
    app.kernel.shell.enable_matplotlib("inline")  # imported before the fork, so it does not see the shell by itself
    if request.figure_text:
        _leave_out_figures(app.kernel.shell, request.figure_text)
    app.kernel.shell.ask_exit = lambda: None  # a student's exit() costs nobody anything
    app.kernel.do_shutdown = lambda restart: {"status": "ok", "restart": restart}  # nor does a restart of the kernel
    app.kernel.shell.system = _run_command
    keep_in_private_folder(may_signal_children=may_signal_children())
    pass_by_debuggers(request.debugger_text)
    ask_nobody(app.kernel, request.asking_text)
    serve_namespace(stream, app.kernel.shell.user_ns, request.max_reply)
    seal(request)
    warden.send(SEALED)
    warden.close()
    app.start()


def serve_namespace(stream: socket.socket, namespace: dict[str, Any], max_reply: int) -> None:
    """Answers the checks' requests between cells, on the kernel's own event loop and main thread."""
    server = NamespaceServer(namespace, max_reply=max_reply)
    loop = IOLoop.current()

    def answer(_descriptor: Any, _events: int) -> None:
        try:
            request = receive(stream, MAX_REQUEST)
        except (ConnectionLostError, FrameError, OSError):
            loop.remove_handler(stream.fileno())
            return
        with _interruptible():
            reply = server.handle(request)
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

    modules: dict[str, Any] = sys.modules
    modules["debugpy"] = None  # ipykernel's debugger is slow to load, and nobody debugs here
    for module in _LOADED_LATER:
        importlib.import_module(module)
    find_gui_and_backend("inline")  # reads what every installed package says of itself
    value = torch.ones(2, 3, requires_grad=True)
    torch.autograd.backward((value.t() @ value).sum())  # a CPU-only backward starts no thread
    with FakeTensorMode():
        fake = torch.zeros(4, 6)  # on a fake GPU it would begin to use the real one, which no fork may inherit
        for operation in _FAKED:
            operation(fake)
    _present.update(modules)


def _close_others(kept: set[int]) -> None:
    """Closes every inherited file but the standard streams and these."""
    edges = [2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for low, high in itertools.pairwise(edges):
        os.closerange(low + 1, high)


def _run_command(command: str) -> None:
    """What ``!command`` does: IPython's own way needs a terminal, and terminals are shared."""
    done = subprocess.run(  # noqa: S602 - the student's own command, in the student's own confinement
        command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        errors="replace", check=False,
    )  # fmt: skip
    print(done.stdout, end="")


def _leave_out_figures(shell: Any, text: str) -> None:
    """Shows a text in place of each figure: drawing them can take longer than all else that a notebook does."""
    from matplotlib.figure import Figure
    from matplotlib_inline.config import InlineBackend

    InlineBackend.instance(parent=shell).figure_formats = set()
    shell.display_formatter.formatters["text/plain"].for_type(
        Figure, lambda _figure, printer, _cycle: printer.text(text)
    )


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
        USER="student",
        LOGNAME="student",
        TMPDIR=scratch,
        IPYTHONDIR=f"{scratch}/.ipython",
        MPLCONFIGDIR=f"{scratch}/.matplotlib",
        TORCH_HOME=f"{scratch}/.torch",
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        NBGRADER_EXECUTION="autograde",
        **request.variables,
    )
    tempfile.tempdir = None  # the zygote's answer, found before the fork
    if request.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _reseed(device: str) -> None:
    """A fork copies the random state; without this every student would draw the same numbers."""
    random.seed()
    np.random.seed(secrets.randbelow(2**32))
    if device == "cpu":
        torch.default_generator.seed()  # `torch.seed` notes for a GPU that is never used who asked, line by line
    else:
        torch.seed()
