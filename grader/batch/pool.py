"""Where submissions are graded and pages made: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import os
import signal
import socket
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.context import BaseContext
from typing import Any, Final, Protocol

import psutil

from grader.course import CheckFileError
from grader.grading.zygotes import new_zygote, share_zygote
from grader.sandbox.folders import KERNELS, OBSERVERS, WORKERS, remove_ownerless
from grader.sandbox.zygote import Zygote, ZygoteError

START_SECONDS: Final = 300.0
"""For a worker to import torch and answer, on however slow a disk."""

_END_SECONDS: Final = 5.0
"""For killed workers to be gone."""


@dataclass(frozen=True)
class Trade:
    """What workers do.

    Attributes:
        module: has ``prepare(course)``, called once, and ``work(course, task)``; a `course` is whatever was pickled.
        has_zygotes: whether they start kernels.
    """

    module: str
    has_zygotes: bool = False


GRADING: Final = Trade("grader.batch.worker", has_zygotes=True)
"""Its courses are `Course`, its tasks `Task`, and what comes back is an `Outcome`."""


class WorkerLostError(RuntimeError):
    """The worker that graded a submission is gone.

    Attributes:
        is_final: whether it was tried as often as it is going to be.
        is_blamed: whether the submission may have done it.
    """

    def __init__(self, reason: str, *, is_final: bool = False, is_blamed: bool = True) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_blamed = is_blamed


class NoWorkersError(RuntimeError):
    """Nothing can be graded: no worker starts, or the cluster is gone."""


class Workers(Protocol):
    """Does tasks somewhere else."""

    def has_room(self) -> bool:
        """Whether a task submitted now would begin at once, or wait no longer than it should.

        Raises:
            CheckFileError: the checks cannot be imported.
            NoWorkersError: none will ever begin.
        """

    def submit(self, task: Any) -> Future[Any]:
        """Begins a task; its future raises `WorkerLostError` where its worker was lost."""

    def kill(self, task: Any) -> None:
        """Ends the worker of a task that takes impossibly long."""

    def close(self) -> None:
        """Ends everything, at once."""


_PASSING: Final = (BrokenProcessPool, CancelledError, EOFError, OSError, ZygoteError)
"""What a process raises whose server or zygote was ended by somebody: the next one has others."""


class _Slot:
    """One process; what it does can be blamed on one submission."""

    def __init__(self, course: bytes, zygote: Zygote | None, trade: Trade) -> None:
        self._course, self._zygote, self._trade = course, zygote, trade
        self.start()

    def start(self) -> None:
        # Forked from a server that has imported what workers need; from the coordinator itself, which has threads, a
        # fork would copy their locks.
        self.task: Any = None
        self.ready: Future[int] = Future()
        self._executor: ProcessPoolExecutor | None = None
        try:
            with self._link() as link:
                context = _context(self._trade.module)
                self._executor = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(link,))
                self.ready = self._executor.submit(_prepare, self._trade.module, self._course)
        except _PASSING as error:
            self.ready.set_exception(error)

    def _link(self) -> AbstractContextManager[socket.socket | None]:
        """What the process reaches its zygote by, if it needs one."""
        if self._zygote is None:
            return nullcontext()
        self._zygote.start()
        return self._zygote.clone()

    def start_error(self) -> BaseException | None:
        """Why the process, which is no longer starting, did not start; None if it did."""
        return CancelledError() if self.ready.cancelled() else self.ready.exception()

    def submit(self, task: Any) -> Future[Any]:
        assert self._executor is not None
        self.task = task
        return self._executor.submit(_work, self._trade.module, task)

    def process(self) -> psutil.Process | None:
        with suppress(psutil.Error):
            if self.ready.done() and not self.ready.cancelled() and self.ready.exception() is None:
                return psutil.Process(self.ready.result())
        return None

    def kill(self) -> None:
        process = self.process()
        if process is not None:
            with suppress(psutil.Error):
                process.kill()

    def close(self) -> None:
        self.kill()
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)


class LocalWorkers:
    """Processes of this machine, each with a clone of one warm zygote if its trade needs one.

    Args:
        course: pickled.
        jobs: how many.
        trade: what they do.
    """

    def __init__(self, course: bytes, jobs: int, trade: Trade = GRADING) -> None:
        self._zygote = new_zygote() if trade.has_zygotes else None
        if self._zygote is not None:
            self._zygote.start()
        _start_server(trade.module)  # it imports while the zygote does
        self._slots = [_Slot(course, self._zygote, trade) for _ in range(jobs)]
        self._failures = 0
        self._is_closed = False

    def has_room(self) -> bool:
        """Whether a process is ready and has no task.

        Raises:
            CheckFileError: the checks cannot be imported.
            NoWorkersError: no process starts.
        """
        return self._free_slot() is not None

    def _free_slot(self) -> _Slot | None:
        for slot in self._slots:
            if slot.task is not None or not slot.ready.done():
                continue
            error = slot.start_error()
            if error is None:
                self._failures = 0
                return slot
            if isinstance(error, CheckFileError):
                raise error
            self._failures += 1
            if self._failures > len(self._slots) or not isinstance(error, _PASSING):
                raise NoWorkersError(f"no worker starts: {error}") from error
            slot.close()
            slot.start()
        return None

    def submit(self, task: Any) -> Future[Any]:
        """Begins a task on a process that has none; ask `has_room` first."""
        slot = self._free_slot()
        if slot is None:
            raise RuntimeError("every process has a task")
        outcome: Future[Any] = Future()
        try:
            inner = slot.submit(task)
        except _PASSING:  # it ended while it had nothing to do
            slot.close()
            slot.start()
            outcome.set_exception(WorkerLostError("its worker process had ended", is_blamed=False))
            return outcome
        inner.add_done_callback(lambda done: self._finished(slot, done, outcome))
        return outcome

    def _finished(self, slot: _Slot, done: Future[Any], outcome: Future[Any]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if isinstance(error, BrokenProcessPool):
            slot.close()
            if not self._is_closed:
                slot.start()
            error = WorkerLostError("its worker process ended")
        slot.task = None
        _settle(outcome, done, error)

    def kill(self, task: Any) -> None:
        """Ends the process that grades a task; its future then raises `WorkerLostError`."""
        for slot in self._slots:
            if slot.task is task:
                slot.kill()

    def close(self) -> None:
        """Ends all processes, and removes what they leave: they have no time to do it themselves."""
        self._is_closed = True
        processes = [process for slot in self._slots if (process := slot.process()) is not None]
        for slot in self._slots:
            slot.close()
        psutil.wait_procs(processes, timeout=_END_SECONDS)
        if self._zygote is not None:
            self._zygote.close()
        for prefix in (WORKERS, KERNELS, OBSERVERS):
            remove_ownerless(prefix)


def _settle(outcome: Future[Any], done: Future[Any], error: BaseException | None) -> None:
    if error is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(done.result())


_course: bytes = b""


@cache
def _context(module: str) -> BaseContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([module])
    return context


def _start_server(module: str) -> None:
    _context(module)
    forkserver.ensure_running()


def _begin(link: socket.socket | None) -> None:
    """In a new process: Ctrl-C is the coordinator's to handle, and a worker does not outlive it.

    Nor does the server that forked the worker: it waits for the last of them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_owner()
    if link is not None:
        share_zygote(Zygote(link))


def end_with_owner() -> None:
    """Ends this process of a pool with the one that has the pool, however that one ends."""
    owner = parent_process()
    assert owner is not None

    def die_with_coordinator() -> None:
        owner.join()
        os._exit(1)

    threading.Thread(target=die_with_coordinator, daemon=True).start()


def _prepare(module: str, course: bytes) -> int:
    global _course
    _course = course
    import_module(module).prepare(course)
    return os.getpid()


def _work(module: str, task: Any) -> Any:
    return import_module(module).work(_course, task)


class DaskWorkers:
    """The workers of a Dask cluster, through its scheduler.

    A worker grades one submission at a time whatever its number of threads, so start them with one. Dask itself gives
    a lost worker's submission to another one, and gives it up when it was lost with four of them.

    Args:
        course: pickled.
        address: of the scheduler, such as ``tcp://10.0.0.1:8786``.
        trade: what they do.

    Raises:
        NoWorkersError: there is no scheduler, or it has no worker.
    """

    def __init__(self, course: bytes, address: str, trade: Trade = GRADING) -> None:
        self._trade = trade
        try:
            from distributed import Client
        except ImportError:
            raise NoWorkersError("Dask is not installed: pip install distributed") from None
        try:
            self._client: Any = Client(address, timeout="30s", set_as_default=False, name="aulatorch")
            self._client.wait_for_workers(1, timeout=START_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise NoWorkersError(f"no Dask workers at {address}: {error}") from error
        self._course = self._client.scatter(course, broadcast=True, hash=False)
        self._executor = self._client.get_executor(pure=False)
        self._under_way = 0

    def has_room(self) -> bool:
        """Whether there are fewer than two tasks a worker, so that none waits for the network.

        Raises:
            NoWorkersError: the scheduler is gone.
        """
        if self._client.status not in ("running", "connecting"):
            raise NoWorkersError("the Dask scheduler is gone")
        return self._under_way < max(1, 2 * len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def submit(self, task: Any) -> Future[Any]:
        """Begins a task somewhere."""
        outcome: Future[Any] = Future()
        self._under_way += 1
        try:
            inner = self._executor.submit(_work_remotely, self._trade.module, self._course, task)
        except Exception as error:
            raise NoWorkersError(f"the Dask cluster is gone: {error}") from error
        inner.add_done_callback(lambda done: self._finished(done, outcome))
        return outcome

    def _finished(self, done: Future[Any], outcome: Future[Any]) -> None:
        from distributed import KilledWorker

        self._under_way -= 1
        error = NoWorkersError("the Dask scheduler is gone") if done.cancelled() else done.exception()
        if isinstance(error, KilledWorker):
            error = WorkerLostError(f"its workers ended: {error}", is_final=True)
        _settle(outcome, done, error)

    def kill(self, task: Any) -> None:
        """Leaves it to the cluster, whose workers have time limits of their own."""

    def close(self) -> None:
        """Cancels what is under way and disconnects."""
        with suppress(Exception):
            self._executor.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):
            self._client.close(timeout=5)


def _work_remotely(module: str, course: bytes, task: Any) -> Any:
    return import_module(module).work(course, task)
