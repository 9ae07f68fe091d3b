"""The process between the zygote and one kernel: it bounds what the kernel uses and ends what it leaves behind.

Every process that a student's code starts, however it detaches itself, stays a descendant of the warden. New ones
ask the warden before they exist, so that once it stops answering nothing can outrun it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import random
import select
import signal
import socket
import stat
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from grader.sandbox.linux import Supervision, adopt_orphans, die_with_parent
from grader.sandbox.mappings import mapping_bytes
from grader.sandbox.relay import Relay
from grader.sandbox.syscalls import starts_process

if TYPE_CHECKING:
    from grader.sandbox.request import KernelRequest

ENDED: Final = 0
NOT_STARTED: Final = 70
NOT_CONFINED: Final = 71
OUT_OF_MEMORY: Final = 101
OUT_OF_DISK: Final = 102
"""The warden's exit codes: why the kernel ended."""

SEALED: Final = b"sealed"
"""What a kernel says before the student's first cell."""

MAX_TASKS: Final = 128
"""Processes and threads of one kernel together; an idle one has about ten."""

MAX_EPOLLS: Final = 16
"""Descriptors of epoll in one process; IPython has three. Linux counts what they watch for a user as a whole, and a
grader that finds none left cannot go on."""

MAX_FILES: Final = 5_000
"""Files and folders that one kernel may have."""

_INTERVAL: Final = 0.05
"""Seconds between two looks at the memory. Touching new memory is done at 2 to 4 GB/s, so it is not far over."""
_DISK_EVERY: Final = 5
_CPU_EVERY: Final = 20
"""Looks at the memory for each look at the disk and the processors."""
_CORES: Final = 1.5
"""A kernel that keeps more processor cores than this busy has all its threads put on one."""
_WRITTEN_FACTOR: Final = 8
"""Files can be written and removed again, but not more than this many times the folder's limit."""
_KERNEL_BYTES: Final = {stat.S_IFSOCK: 2**19, stat.S_IFIFO: 2**16}
"""What one socket and one pipe may hold in Linux's own memory, by default; no process's size shows it."""
_NEGLIGIBLE: Final = 16
"""Mappings are counted where they could hold more than this part of the memory: not those of one process alone."""
_PATIENCE: Final = 10.0
"""Seconds to wait for killed processes to be gone: one that Linux cannot end holds up nobody else."""


class Warden:
    """Watches one kernel until it ends.

    Args:
        request: what the kernel may use.
        kernel: its process id.
        link: the kernel sends its filter's descriptor here.
        wakeup: readable when a signal came.
    """

    def __init__(self, request: KernelRequest, kernel: int, link: socket.socket, wakeup: socket.socket) -> None:
        self._request, self._kernel, self._link, self._wakeup = request, kernel, link, wakeup
        self._supervision: Supervision | None = None
        self._is_sealed = False
        self._is_alone = True
        self._tasks = 1
        self._looks = 0
        self._in_kernel = 0
        self._busy = (time.monotonic(), 0.0)
        self.told_to_end = False

    def watch(self) -> int:
        """Watches until the kernel ends by itself or must be ended; returns why, as an exit code."""
        waiting = select.poll()
        waiting.register(self._link, select.POLLIN)
        waiting.register(self._wakeup, select.POLLIN)
        next_look = time.monotonic() + _INTERVAL
        while True:
            for descriptor, _ in waiting.poll(max(next_look - time.monotonic(), 0.0) * 1000):
                if descriptor == self._wakeup.fileno():
                    with contextlib.suppress(BlockingIOError):
                        self._wakeup.recv(4096)
                elif not self._is_sealed and descriptor == self._link.fileno():
                    self._hear(waiting)
                else:
                    self._decide()
            code = self._reap()
            if code is not None:
                return code
            if self.told_to_end:
                return ENDED
            if time.monotonic() >= next_look:
                reason = self._look()
                if reason is not None:
                    return reason
                next_look = time.monotonic() + _INTERVAL

    def interrupt(self) -> None:
        """Sends the kernel and the processes of its group the signal of Ctrl-C."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self._kernel, signal.SIGINT)
                return

    def end(self) -> None:
        """Ends every descendant, and returns when there is none."""
        deadline = time.monotonic() + _PATIENCE
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self._kernel, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._kernel, 0)
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
                for process in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
                time.sleep(0.001)
                continue
            return  # no child is left

    # -------------------------------------------------------------------------------------- supervision

    def _hear(self, waiting: select.poll) -> None:
        """Takes the filter's descriptor, and the news that the student's code may begin."""
        with contextlib.suppress(OSError):
            said, descriptors, _, _ = socket.recv_fds(self._link, 64, 1)
            if descriptors:
                self._supervision = Supervision(descriptors[0])
                waiting.register(descriptors[0], select.POLLIN)
            if said not in (b"", SEALED):
                return
            self._is_sealed = bool(said)
        waiting.unregister(self._link)
        self._link.close()

    def _decide(self) -> None:
        """Allows or refuses the birth of one process or thread."""
        assert self._supervision is not None
        with contextlib.suppress(OSError):  # the caller is gone
            call = self._supervision.next_call()
            if starts_process(call.number, call.first_argument):
                self._is_alone = False
            self._tasks += 1
            if self._tasks > MAX_TASKS:
                self._tasks = sum(1 for _ in _tasks_of(self._processes())) + 1
            self._supervision.answer(call, errno.EAGAIN if self._tasks > MAX_TASKS else 0)

    def _processes(self) -> list[int]:
        """The kernel and every process that it started."""
        if self._is_alone and self._supervision is not None:
            return [self._kernel]
        with contextlib.suppress(psutil.Error):
            found = [process.pid for process in psutil.Process().children(recursive=True)]
            self._is_alone = found == [self._kernel]
            return found
        return [self._kernel]

    def _reap(self) -> int | None:
        """Takes leave of children that ended; returns an exit code once the kernel is among them."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return None
                if pid == self._kernel:
                    code = os.waitstatus_to_exitcode(status)
                    return code if code in (NOT_STARTED, NOT_CONFINED) and not self._is_sealed else ENDED
        return ENDED

    # ------------------------------------------------------------------------------------------- limits

    def _look(self) -> int | None:
        """Looks at what the processes use; returns an exit code where it is too much."""
        if sys.platform != "linux":
            return None  # nothing to look at; the course accepted that
        self._looks += 1
        processes = self._processes()
        if _held_memory(processes) + _page_tables(processes) + self._in_kernel > self._request.memory_bytes:
            return OUT_OF_MEMORY
        if self._looks % _DISK_EVERY == 0:
            opened = list(_open_files(processes))
            kept = {(status.st_dev, status.st_ino): stat.S_IFMT(status.st_mode) for status in opened}
            self._in_kernel = sum(_KERNEL_BYTES.get(kind, 0) for kind in kept.values())
            self._in_kernel += mapping_bytes(processes, self._request.memory_bytes // _NEGLIGIBLE)
            if self._wrote_too_much(processes, opened):
                return OUT_OF_DISK
            if _nameless(opened) > MAX_EPOLLS and max(map(_epolls, processes), default=0) > MAX_EPOLLS:
                return ENDED
        if self._looks % _CPU_EVERY == 0:
            self._share_processors(processes)
        return None

    def _wrote_too_much(self, processes: list[int], opened: Iterable[os.stat_result]) -> bool:
        limit = self._request.scratch_bytes
        if _written([*processes, os.getpid()]) > limit * _WRITTEN_FACTOR:
            return True
        held, files = 0, 0
        nameless = (status for status in opened if stat.S_ISREG(status.st_mode) and status.st_nlink == 0)
        named = map(_files_under, (self._request.scratch, self._request.cwd))
        try:
            for status in itertools.chain(nameless, *named):
                held, files = held + status.st_blocks * 512, files + 1
                if held > limit or files > MAX_FILES:
                    return True
        except PermissionError:
            return True  # nobody needs a folder that cannot be looked into
        return False

    def _share_processors(self, processes: list[int]) -> None:
        """Puts a kernel that takes more than its core on one, so that other students' kernels keep theirs."""
        before, then = self._busy
        self._busy = time.monotonic(), sum(_cpu_seconds(processes))
        if self._busy[1] - then > _CORES * (self._busy[0] - before):
            core = random.choice(sorted(os.sched_getaffinity(0)))  # noqa: S311 - any will do
            for task in _tasks_of(processes):
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(task, {core})


def _tasks_of(processes: Iterable[int]) -> Iterator[int]:
    for pid in processes:
        with contextlib.suppress(OSError):
            yield from (int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())


def _held_memory(processes: list[int]) -> int:
    """Bytes of memory that the processes hold together, without the libraries that Linux could drop any time."""
    held = sum(_sizes(pid, "status", ("RssAnon:", "RssShmem:", "VmSwap:")) for pid in processes)
    if len(processes) == 1:
        return held
    # Forked processes share pages; only the exact count, which takes longer, tells them apart.
    shared = sum(_sizes(pid, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")) for pid in processes)
    return min(held, shared) if shared else held


def _page_tables(processes: list[int]) -> int:
    """Bytes of Linux's lists of which page lies where; forked processes have their own ones."""
    return sum(_sizes(pid, "status", ("VmPTE:",)) for pid in processes)


def _sizes(pid: int, file: str, keys: tuple[str, ...]) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(keys))
    return 0


def _written(processes: list[int]) -> int:
    """Bytes that the processes wrote, and those of their children for whom they waited: Linux adds them up."""
    total = 0
    for pid in processes:
        with contextlib.suppress(psutil.Error, OSError):
            counters = psutil.Process(pid).io_counters()
            total += max(counters.write_bytes, counters.write_chars)  # only the latter where files lie in memory
    return total


def _cpu_seconds(processes: list[int]) -> Iterator[float]:
    for pid in processes:
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            yield times.user + times.system


def _files_under(folder: str) -> Iterator[os.stat_result]:
    """Everything in a folder, however deep.

    It goes from folder to folder, for the paths of deep ones are longer than Linux allows.

    Raises:
        PermissionError: a folder cannot be looked into.
    """
    here = os.open(folder, _FOLDER)
    try:
        waiting = [[folder]]
        while waiting:
            below = waiting[-1].pop() if waiting[-1] else ".."
            if below == "..":
                waiting.pop()
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                there = os.open(below, _FOLDER, dir_fd=here)
                os.close(here)
                here = there
                if below == "..":
                    continue
                with os.scandir(here) as entries:
                    found = list(entries)
                yield from (entry.stat(follow_symlinks=False) for entry in found)
                waiting.append([entry.name for entry in found if entry.is_dir(follow_symlinks=False)])
    finally:
        os.close(here)


_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def _open_files(processes: list[int]) -> Iterator[os.stat_result]:
    """Everything that the processes have open."""
    for pid in processes:
        with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as descriptors:
            for descriptor in descriptors:
                with contextlib.suppress(OSError):
                    yield descriptor.stat()


def _nameless(opened: Iterable[os.stat_result]) -> int:
    """How many of these are of no type: epolls, timers, events and the like."""
    return sum(stat.S_IFMT(status.st_mode) == 0 for status in opened)


def _epolls(pid: int) -> int:
    found = 0
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as descriptors:
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                found += str(Path(descriptor.path).readlink()) == "anon_inode:[eventpoll]"
    return found


def run_warden(request: KernelRequest, worker_descriptor: int) -> int:
    """Forks the kernel and watches it; returns why it ended, as an exit code.

    It runs in a process of its own, which the zygote forked for it.
    """
    adopt_orphans()
    die_with_parent(signal.SIGTERM)
    wakeup, wakeup_writer = socket.socketpair()
    for end in (wakeup, wakeup_writer):
        end.setblocking(False)
    link, kernels_link = socket.socketpair()
    relay = Relay(request.connection_file)
    pid = os.fork()
    if pid == 0:
        for end in (wakeup, wakeup_writer, link):
            end.close()
        _become_kernel(request, worker_descriptor, kernels_link)
    os.close(worker_descriptor)
    kernels_link.close()
    warden = Warden(request, pid, link, wakeup)

    def note_end(*_: object) -> None:
        warden.told_to_end = True

    def end_soon() -> None:
        note_end()
        wakeup_writer.send(b"\0")

    signal.set_wakeup_fd(wakeup_writer.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: warden.interrupt())
    signal.signal(signal.SIGTERM, note_end)
    try:
        relay.start(end_soon)
        return warden.watch()
    finally:
        warden.end()


def _become_kernel(request: KernelRequest, worker_descriptor: int, link: socket.socket) -> None:
    from grader.sandbox.confinement import ConfinementError
    from grader.sandbox.kernel import run_kernel

    code = NOT_STARTED
    try:
        signal.set_wakeup_fd(-1)
        run_kernel(request, worker_descriptor, link)
        code = ENDED
    except ConfinementError as error:
        os.write(2, str(error).encode())
        code = NOT_CONFINED
    except Exception:  # noqa: BLE001 - whatever it is, the grader reports it from the kernel's log
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)
