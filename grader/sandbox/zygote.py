"""A process with torch already imported, that forks a kernel on request in a few milliseconds.

It is started once for a batch, with a clean environment, and is told nothing but what to fork, so the
memory that a fork copies holds nothing worth stealing. It listens on no address: one socket pair, inherited,
leads to its owner.

The requests are JSON datagrams, answered one by one::

    {"op": "spawn", …KernelRequest…}  with the worker's socket attached  →  {"pid": 4711}
    {"op": "poll", "pid": 4711}                                          →  {"status": null | wait status}
    {"op": "signal", "pid": 4711, "signal": 2}                           →  {"sent": true}
    {"op": "clone"}                   with a clone's socket attached     →  {"pid": 4712}
    {"op": "serve", "module": "…"}    with a server's socket attached    →  {"pid": 4713}

A clone is a zygote of its own, forked when all is imported: it answers whoever holds the other end of its socket. So
does a server, a process of the grader's own that shares what is imported: it runs a module's ``serve(socket)``.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import IO, Any, ClassVar, Final, Self

from grader.sandbox.import_path import ImportPath, last_line, python_options, python_variables
from grader.sandbox.linux import adopt_orphans, die_with_parent
from grader.sandbox.request import KernelRequest

_MAX_DATAGRAM: Final = 128 * 1024
_LAST_WORDS: Final = 5.0
"""Seconds in which a zygote that ends may say why."""
_TAIL: Final = 2**16
"""Bytes of them that are read."""
_START_TIMEOUT: Final = 300.0
"""Seconds for the zygote to import torch: 4 s on an idle machine, far more on a cold disk."""

INHERITED_VARIABLES: Final = ("LD_LIBRARY_PATH",)
"""What a kernel may see of the grader's environment: where libraries lie, which it could not start without."""

ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Variables for one thread in each graded notebook."""

OWN_VARIABLES: Final = {
    "PATH": os.pathsep.join((os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin")),  # noqa: PTH120
    "LANG": "C.UTF-8",
    **ONE_THREAD,
    # `torch.compile` leaves functions as they are: compiling takes longer than any exercise, and a compiler.
    "TORCHDYNAMO_DISABLE": "1",
    "TORCH_COMPILE_DISABLE": "1",
    # joblib, and so scikit-learn, does one thing after another: its workers need named semaphores.
    "JOBLIB_MULTIPROCESSING": "0",
}
"""A kernel's environment, the same for every instructor."""


class ZygoteError(RuntimeError):
    """The zygote cannot start or is gone."""


class Zygote:
    """A running zygote; a context manager, usable from several threads.

    Args:
        link: leads to a clone (see `clone`), which is used for as long as it lives.
        preload: modules that notebooks import, to have in memory before the first is run.

    Attributes:
        program: what Python runs as the zygote.
        import_path: where it finds packages.

    Raises:
        ZygoteError: it did not start.
    """

    program: ClassVar[Sequence[str]] = ("-m", "grader.sandbox.zygote")

    def __init__(self, link: socket.socket | None = None, *, preload: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = link
        self._preload = tuple(preload)
        self._said: IO[bytes] | None = None
        self.import_path = ImportPath()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the process, if it is not running; returns before it has imported torch."""
        if self._is_running():
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        variables = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        self.import_path = ImportPath()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *python_options(), *self.program, str(theirs.fileno()), *self._preload],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env=variables | python_variables() | OWN_VARIABLES,
                cwd="/",
                start_new_session=True,  # Ctrl-C is the grader's to handle
            )
        self._socket = ours

    def _is_running(self) -> bool:
        if self._process is None:
            return self._socket is not None  # a clone, as far as anybody knows
        return self._process.poll() is None

    def require_running(self) -> None:
        """Makes sure that the process has not ended since it was started; `start` then makes another one.

        Raises:
            ZygoteError: it has.
        """
        with self._lock:
            if self._socket is not None:
                waiting = select.poll()
                waiting.register(self._socket, select.POLLIN)
                if not waiting.poll(0):
                    return
            raise self._ended()

    def close(self) -> None:
        """Ends the zygote and every kernel that it forked."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._said is not None:
            self._said.close()
            self._said = None

    def clone(self) -> socket.socket:
        """Forks another zygote, for another process: what is imported is in memory once. Returns the way to it."""
        return self._forked({"op": "clone"}, socket.SOCK_SEQPACKET)

    def serve(self, module: str) -> socket.socket:
        """Forks a process that runs a module's ``serve(socket)`` and ends with the zygote; returns the way to it.

        Args:
            module: of the grader, to be trusted: nothing confines it.
        """
        return self._forked({"op": "serve", "module": module}, socket.SOCK_STREAM)

    def _forked(self, request: dict[str, Any], kind: socket.SocketKind) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        with theirs:
            try:
                self._ask(request, theirs)
            except ZygoteError:
                ours.close()
                raise
        return ours

    def spawn(self, request: KernelRequest, worker_socket: socket.socket) -> int:
        """Forks a kernel, which gets `worker_socket`; returns the process id of its warden."""
        reply = self._ask({"op": "spawn", **asdict(request)}, worker_socket)
        return int(reply["pid"])

    def poll(self, pid: int) -> int | None:
        """A warden's wait status (see `os.waitstatus_to_exitcode`), or None while its kernel runs."""
        status = self._ask({"op": "poll", "pid": pid})["status"]
        return None if status is None else int(status)

    def send_signal(self, pid: int, number: int) -> None:
        """Signals a kernel through its warden: SIGINT interrupts it, SIGTERM ends it and all that it started."""
        self._ask({"op": "signal", "pid": pid, "signal": number})

    def _ask(self, request: dict[str, Any], attached: socket.socket | None = None) -> dict[str, Any]:
        with self._lock:
            if self._socket is None:
                raise ZygoteError("the zygote is not running")
            self._socket.settimeout(_START_TIMEOUT)
            payload = json.dumps(request).encode()
            try:
                if attached is None:
                    self._socket.send(payload)
                else:
                    socket.send_fds(self._socket, [payload], [attached.fileno()])
                answer = self._socket.recv(_MAX_DATAGRAM)
            except TimeoutError as error:
                self._abandon()
                raise ZygoteError("the zygote does not answer") from error
            except OSError as error:
                raise self._ended() from error
            if not answer:
                raise self._ended()
        reply: dict[str, Any] = json.loads(answer)
        if "error" in reply:
            raise ZygoteError(reply["error"])
        return reply

    def _ended(self) -> ZygoteError:
        """The error for a zygote that ended, with the last thing that it said."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LAST_WORDS)  # its end of the socket closes before it says why
        self._abandon()
        why = "the zygote, from which graded notebooks start, has ended"
        if self._said is not None:
            size = self._said.seek(0, os.SEEK_END)
            self._said.seek(max(size - _TAIL, 0))
            said = self._said.read().decode(errors="replace")
            if said.strip():
                why += f": {last_line(said)}\n(`python -m grader.sandbox.zygote` shows all that it says)"
        return ZygoteError(why)

    def _abandon(self) -> None:
        """Ends a zygote that did not answer in time: a late answer would be taken for the next one's."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()


# ------------------------------------------------------------------------------------- in the new process


class _Server:
    """The zygote's side."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.statuses: dict[int, int | None] = {}

    def serve(self) -> None:
        """Answers requests until the owner closes its end; then ends every kernel."""
        wakeup_reader, wakeup_writer = socket.socketpair()
        for end in (wakeup_reader, wakeup_writer):
            end.setblocking(False)
        signal.set_wakeup_fd(wakeup_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._inherited = (wakeup_reader, wakeup_writer)
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(wakeup_reader, selectors.EVENT_READ)
        self._selector = selector
        try:
            while True:
                for key, _ in selector.select():
                    if key.fileobj is wakeup_reader:
                        with contextlib.suppress(BlockingIOError):
                            wakeup_reader.recv(4096)
                        self._reap()
                    elif not self._answer():
                        return
        finally:
            self._end_kernels()

    def _answer(self) -> bool:
        payload, descriptors, _, _ = socket.recv_fds(self.control, _MAX_DATAGRAM, 1)
        if not payload:
            return False
        request = json.loads(payload)
        match request.pop("op"):
            case "spawn":
                reply = self._spawn(KernelRequest(**request), descriptors[0])
            case "clone":
                reply = self._clone(descriptors[0])
            case "serve":
                reply = self._serve(request["module"], descriptors[0])
            case "poll":
                self._reap()
                reply = {"status": self.statuses.get(request["pid"], 0)}
            case "signal":
                running = request["pid"] in self.statuses and self.statuses[request["pid"]] is None
                if running:
                    os.kill(request["pid"], request["signal"])
                reply = {"sent": running}
            case _:
                reply = {"error": "unknown request"}
        try:
            self.control.send(json.dumps(reply).encode())
        except OSError:
            return False  # the owner is gone
        return True

    def _spawn(self, request: KernelRequest, worker_descriptor: int) -> dict[str, Any]:
        def become_warden() -> int:
            from grader.sandbox.warden import run_warden

            return run_warden(request, worker_descriptor)

        return {"pid": self._forked(become_warden, worker_descriptor)}

    def _clone(self, descriptor: int) -> dict[str, Any]:
        def become_zygote() -> int:
            die_with_parent(signal.SIGTERM)
            with socket.socket(fileno=descriptor) as control:
                adopt_orphans()
                _Server(control).serve()
            return 0

        return {"pid": self._forked(become_zygote, descriptor)}

    def _serve(self, module: str, descriptor: int) -> dict[str, Any]:
        def become_server() -> int:
            die_with_parent(signal.SIGKILL)
            with socket.socket(fileno=descriptor) as link:
                import_module(module).serve(link)
            return 0

        return {"pid": self._forked(become_server, descriptor)}

    def _forked(self, become: Callable[[], int], descriptor: int) -> int:
        """Forks a process that inherits this one's memory and, of its files, `descriptor`."""
        pid = os.fork()
        if pid:
            os.close(descriptor)
            self.statuses[pid] = None
            return pid
        code = 70  # EX_SOFTWARE: it did not even start
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            for end in (*self._inherited, self.control):
                end.close()
            code = become()
        finally:
            os._exit(code)

    def _reap(self) -> None:
        for pid, status in self.statuses.items():
            if status is None:
                with contextlib.suppress(ChildProcessError):
                    done, found = os.waitpid(pid, os.WNOHANG)
                    if done:
                        self.statuses[pid] = found
                        if os.WIFSIGNALED(found):
                            self._end_strays()

    def _running(self) -> set[int]:
        return {pid for pid, status in self.statuses.items() if status is None}

    def _end_strays(self) -> None:
        """Ends what a warden that was killed itself left behind: it is ours now."""
        import psutil

        for process in psutil.Process().children():
            if process.pid not in self._running():
                with contextlib.suppress(psutil.Error):
                    process.kill()

    def _end_kernels(self) -> None:
        for pid in self._running():
            os.kill(pid, signal.SIGTERM)
        for pid in self._running():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def preload(modules: Sequence[str] = ()) -> None:
    """Imports what kernels need, and `modules`, so that a fork finds them in memory."""
    import gc

    import torch
    import torch.nn.functional
    import torch.utils.data

    import grader.sandbox.confinement
    import grader.sandbox.kernel

    for name in modules:
        import_module(name)
    torch.set_num_threads(1)
    grader.sandbox.kernel.warm_up()
    grader.sandbox.confinement.prepare()
    gc.collect()
    gc.freeze()


def main(descriptor: int, modules: Sequence[str] = ()) -> None:
    """The zygote's life."""
    with socket.socket(fileno=descriptor) as control:
        preload(modules)
        adopt_orphans()
        _Server(control).serve()
    os._exit(0)  # nothing to save, and libraries' farewells would only clutter the instructor's terminal


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(int(sys.argv[1]), sys.argv[2:])
    else:
        preload()
        print("the zygote can start")
