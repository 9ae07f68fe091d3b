"""What Python's and PyTorch's parallel programs use in a graded kernel in place of ``/dev/shm`` and named sockets.

All processes of a machine share ``/dev/shm``, so no kernel may write there; but semaphores, shared tensors and shared
arrays of the standard libraries lie there. Here semaphores lie in memory that forked processes inherit, and shared data
in files of the private folder, where the limits on memory and disk see them. So `Pool`, `Queue`, `Value`, `Manager`,
`ProcessPoolExecutor` and `share_memory_` do what they do elsewhere, in real processes. No protection rests on this: a
program that goes around it is refused by the confinement.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import inspect
import mmap
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.heap
import multiprocessing.managers
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.process
import multiprocessing.queues
import multiprocessing.reduction
import multiprocessing.shared_memory
import multiprocessing.synchronize
import os
import secrets
import signal
import socket
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import torch
import torch.multiprocessing.reductions
import torch.utils.data

MOST_PROCESSORS: Final = 4
"""Processors that a kernel is told of at most. It has one; but pools get half of them, or all but one."""

_reductions: Any = torch.multiprocessing.reductions
_SEMAPHORE_BYTES: Final = 128
"""At least the size of the C library's ``sem_t``."""
_RECURSIVE: Final = 0


class NotAvailableWhileGradingError(PermissionError):
    """A notebook uses what no graded notebook can have, such as a socket with a name."""


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class SemLock:
    """`_multiprocessing.SemLock`, in anonymous memory: forked processes share it, and nobody else can reach it."""

    SEM_VALUE_MAX: Final = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        self.kind, self.maxvalue, self.name = kind, maxvalue, None if unlink else name
        self._memory = mmap.mmap(-1, _SEMAPHORE_BYTES)
        self._at = ctypes.byref((ctypes.c_char * _SEMAPHORE_BYTES).from_buffer(self._memory))
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._held, self._holder = 0, 0
        if self._libc.sem_init(self._at, 1, ctypes.c_uint(value)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    @property
    def handle(self) -> int:
        """Where it lies."""
        return ctypes.addressof(self._at._obj)  # type: ignore[attr-defined]

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Takes one, waiting for it at most `timeout` seconds; whether it was there."""
        if self.kind == _RECURSIVE and self._is_mine():
            self._held += 1
            return True
        if not block:
            taken = self._waited(self._libc.sem_trywait)
        elif timeout is None:
            taken = self._waited(self._libc.sem_wait)
        else:
            end = time.time() + max(timeout, 0.0)
            until = _Timespec(int(end), int(end % 1 * 1e9))
            taken = self._waited(self._libc.sem_timedwait, ctypes.byref(until))
        if taken:
            self._held += 1
            self._holder = threading.get_ident()
        return taken

    __enter__ = acquire

    def _waited(self, wait: Callable[..., int], *until: Any) -> bool:
        while wait(self._at, *until):  # between two tries Python handles signals
            number = ctypes.get_errno()
            if number in (errno.EAGAIN, errno.ETIMEDOUT):
                return False
            if number != errno.EINTR:
                raise OSError(number, os.strerror(number))
        return True

    def release(self) -> None:
        """Gives one back.

        Raises:
            AssertionError: a recursive lock is another thread's.
            ValueError: there are as many as there can be.
        """
        if self.kind == _RECURSIVE:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._held > 1:
                self._held -= 1
                return
        elif self._get_value() >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self._held -= 1
        self._libc.sem_post(self._at)

    def __exit__(self, *error: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._held

    def _is_mine(self) -> bool:
        return self._held > 0 and self._holder == threading.get_ident()

    def _get_value(self) -> int:
        value = ctypes.c_int()
        self._libc.sem_getvalue(self._at, ctypes.byref(value))
        return value.value

    def _is_zero(self) -> bool:
        return self._get_value() == 0

    def _after_fork(self) -> None:
        self._held = 0


def keep_in_private_folder(*, may_signal_children: bool = True) -> None:
    """Lets this process, and those that it forks, do without ``/dev/shm`` and named sockets.

    Args:
        may_signal_children: whether it may end by a signal what it forks; else such a process ends when it is asked to.
    """
    if not may_signal_children:
        multiprocessing.popen_fork.Popen = _AskedPopen  # type: ignore[misc]
    multiprocessing.synchronize._multiprocessing = SimpleNamespace(SemLock=SemLock)  # type: ignore[attr-defined]
    multiprocessing.synchronize.SemLock._make_name = staticmethod(lambda: "/grading")  # type: ignore[attr-defined]
    multiprocessing.heap.Arena._dir_candidates = []  # type: ignore[attr-defined] # only temporary files are left
    multiprocessing.shared_memory._posixshmem = SimpleNamespace(  # type: ignore[attr-defined]
        shm_open=_open_shared, shm_unlink=lambda name: _shared_file(name).unlink()
    )
    _start_by_fork()
    _serve_managers()
    _share_tensors()
    _load_data_in_process()
    os.cpu_count = functools.wraps(os.cpu_count)(_few_processors(os.cpu_count() or 1))


def _few_processors(count: int) -> Callable[[], int]:
    return lambda: min(count, MOST_PROCESSORS)


def _shared_file(name: str) -> Path:
    return Path(tempfile.gettempdir(), f"shared-{name.strip('/').replace('/', '-')}")


def _open_shared(name: str, flags: int, mode: int = 0o600) -> int:
    return os.open(_shared_file(name), flags | os.O_CLOEXEC | os.O_NOFOLLOW, mode)


# ------------------------------------------------------------------------------------------------ processes


class _AskedPopen(multiprocessing.popen_fork.Popen):
    """A forked process that ends when it is asked to: before Linux 6.12 a kernel may signal nobody but itself."""

    def _launch(self, process_obj: Any) -> None:
        run = process_obj.run

        def run_until_asked() -> None:
            parent: Any = multiprocessing.process.parent_process()
            threading.Thread(target=_end_when_asked, args=(parent.sentinel,), daemon=True).start()
            run()

        process_obj.run = run_until_asked
        super()._launch(process_obj)  # type: ignore[misc]
        finalizer: Any = self.finalizer
        self._line = finalizer._args[1]  # the end of the pipe that the child watches for its parent's end

    def _send_signal(self, sig: int) -> None:
        try:
            super()._send_signal(sig)  # type: ignore[misc]
        except OSError:  # the filter knows no such call
            os.write(self._line, b"x")


def _end_when_asked(line: int) -> None:
    if os.read(line, 1):  # else the parent is gone, and its children may go on
        os._exit(128 + signal.SIGTERM)


def _start_by_fork() -> None:
    """Makes every way of starting a process a fork: semaphores are inherited, and the others need named sockets."""
    fork = multiprocessing.get_context("fork")
    contexts: dict[str, Any] = multiprocessing.context._concrete_contexts  # type: ignore[attr-defined]
    contexts.update(dict.fromkeys(("spawn", "forkserver"), fork))
    default: Any = multiprocessing.context._default_context
    default._default_context, default._actual_context = fork, None


def _serve_managers() -> None:
    """Lets a `Manager` and its proxies talk over pairs of sockets, which forked processes inherit."""
    start = multiprocessing.managers.BaseManager.start

    @functools.wraps(start)
    def start_reachable(self: Any, *args: Any, **options: Any) -> None:
        line = _Line()
        self._address = line.name
        try:
            start(self, *args, **options)
        finally:
            line.answerer.close()  # the manager's process alone answers, so that its end is heard

    managers: Any = multiprocessing.managers
    managers.BaseManager.start = start_reachable
    managers.listener_client["pickle"] = (_LineListener, _call_line)
    connection: Any = multiprocessing.connection
    connection.Listener, connection.Client = _refuse("Listener"), _refuse("Client")


def _refuse(name: str) -> Callable[..., Any]:
    def refused(*_args: Any, **_options: Any) -> Any:
        raise NotAvailableWhileGradingError(
            f"multiprocessing.connection.{name} is not available while grading: use a Pipe or a Queue"
        )

    return refused


class _Line:
    """A pair of sockets on which a manager's clients hand it their connections."""

    all: Final[dict[str, _Line]] = {}

    def __init__(self) -> None:
        self.name = f"line-{secrets.token_hex(8)}"
        self.callers, self.answerer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.all[self.name] = self


class _LineListener:
    """A manager's end of its line."""

    def __init__(self, address: str | None = None, **_options: Any) -> None:
        self.address = address
        self._line = _line(address)

    def accept(self) -> Connection:
        """Waits for the next connection."""
        _, descriptors, _, _ = socket.recv_fds(self._line.answerer, 1, 1)
        return Connection(descriptors[0])

    def close(self) -> None:
        """Hangs up."""
        self._line.answerer.close()


def _call_line(address: str, family: str | None = None, authkey: bytes | None = None) -> Connection:  # noqa: ARG001
    """A new connection to the manager on this line."""
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(_line(address).callers, [b"c"], [theirs.fileno()])
    connection = Connection(ours.detach())
    if authkey is not None:
        multiprocessing.connection.answer_challenge(connection, authkey)
        multiprocessing.connection.deliver_challenge(connection, authkey)
    return connection


def _line(address: object) -> _Line:
    if address not in _Line.all:
        raise NotAvailableWhileGradingError(
            "a manager of another program is not available while grading: start one in the notebook"
        )
    return _Line.all[str(address)]


# -------------------------------------------------------------------------------------------------- tensors


def _share_tensors() -> None:
    """Lets shared tensors lie in mapped files, and sends others to other processes as copies."""
    tensor: Any = torch.Tensor
    share = tensor.share_memory_

    @functools.wraps(share)
    def share_in_file(self: torch.Tensor) -> torch.Tensor:
        if type(self) not in (torch.Tensor, torch.nn.Parameter) or not _is_plain(self):
            return self  # a copy for each process
        if not self.untyped_storage().is_shared() and self.untyped_storage().nbytes() > 0:
            shared = _storage_in_file(self.untyped_storage())
            empty = torch.empty(0, dtype=self.dtype)
            self.data = empty.set_(shared, self.storage_offset(), self.size(), self.stride())
        return self

    tensor.share_memory_ = share_in_file
    for storage in (torch.UntypedStorage, torch.TypedStorage):
        storage.share_memory_ = _itself  # type: ignore[method-assign]
    register = multiprocessing.reduction.ForkingPickler.register
    register(torch.UntypedStorage, _reduce_storage)
    for kind in (torch.Tensor, torch.nn.Parameter):
        register(kind, _reduce_tensor)


def _itself(self: Any, *_args: Any, **_options: Any) -> Any:
    return self


def _is_plain(tensor: torch.Tensor) -> bool:
    return tensor.device.type == "cpu" and tensor.layout is torch.strided and not tensor.is_nested


def _storage_in_file(storage: torch.UntypedStorage) -> Any:
    """A copy in a mapped file, which goes when no tensor lies in it any more and it was sent to nobody."""
    descriptor, path = tempfile.mkstemp(prefix="shared-")
    os.close(descriptor)
    shared: Any = torch.UntypedStorage.from_file(path, True, storage.nbytes())
    shared.copy_(storage)
    _removals[path] = weakref.finalize(shared, Path(path).unlink, missing_ok=True)
    _removals[path].atexit = False
    return shared


_removals: Final[dict[str, weakref.finalize[..., Any]]] = {}


def _reduce_tensor(tensor: torch.Tensor) -> Any:
    is_part = _is_plain(tensor) and tensor.numel() * tensor.element_size() < tensor.untyped_storage().nbytes()
    if is_part and not tensor.untyped_storage().is_shared() and (tensor.is_leaf or not tensor.requires_grad):
        copied = tensor.detach().clone()  # not all that it is a part of
        if isinstance(tensor, torch.nn.Parameter):
            tensor = torch.nn.Parameter(copied, tensor.requires_grad)
        else:
            tensor = copied.requires_grad_(tensor.requires_grad)
    return _reductions.reduce_tensor(tensor)


def _reduce_storage(storage: torch.UntypedStorage) -> Any:
    if storage.device.type != "cpu":
        return _reductions.reduce_storage(storage)
    if storage.filename is not None and storage.filename in _removals:
        _removals.pop(storage.filename).detach()  # who opens it, and when, is not known
    if storage.filename is not None:
        return torch.UntypedStorage.from_file, (storage.filename, True, storage.nbytes())
    data = torch.empty(0, dtype=torch.uint8).set_(storage).numpy().tobytes()
    return _storage_of, (data,)


def _storage_of(data: bytes) -> torch.UntypedStorage:
    return torch.tensor(bytearray(data), dtype=torch.uint8).untyped_storage()


def _load_data_in_process() -> None:
    """Makes a `DataLoader` do without worker processes: a graded notebook has one core."""
    loader: Any = torch.utils.data.DataLoader
    start: Callable[..., None] = loader.__init__

    def start_in_process(self: Any, *args: Any, **options: Any) -> None:
        bound = signature.bind(self, *args, **options)
        bound.arguments.update(num_workers=0)
        for name in ("timeout", "prefetch_factor", "persistent_workers", "multiprocessing_context"):
            bound.arguments.pop(name, None)
        start(*bound.args, **bound.kwargs)

    signature = inspect.signature(start)
    loader.__init__ = functools.wraps(start)(start_in_process)
