"""Tries answers on their checks, each in a process of its own: one may run for ever, fill the memory or end it.

A *host* imports torch and runs each exercise's reference once; the processes that try answers are forked from it, so
that an attempt costs what its checks cost. An attempt's seed decides its inputs, whatever runs beside it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from grader.course import CourseError
from grader.devkit.audit.attempts import Attempt, Finding, Outcome, Place, results_of, run_attempt
from grader.devkit.audit.inputs import Inputs

PATIENCE: Final = 10
"""An attempt may take so many times what the reference takes of the processor, and `GRACE` seconds more."""

GRACE: Final = 15
"""What the reference did not need may have to be imported: `torch.broadcast_shapes` takes 8 s the first time."""

WALL: Final = 5
"""Its limit on the clock, in those limits on the processor: others may run on the same cores, and some code sleeps."""

_ENVIRONMENT: Final = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    "CUDA_VISIBLE_DEVICES": "",  # autograd's threads for other devices do not survive a fork
}


class TryingError(CourseError):
    """Answers cannot be tried: the checks or the notebook cannot be used, or the host has died."""


class Host:
    """The process that attempts are forked from; a context manager.

    Args:
        jobs: attempts at once.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def __enter__(self) -> Self:
        before = {name: os.environ.get(name) for name in _ENVIRONMENT}
        os.environ.update(_ENVIRONMENT)
        try:
            context = get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._jobs), name="audit-host")
            self._process.start()
            theirs.close()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._process.join(1)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def try_all(self, attempts: Sequence[Attempt]) -> Iterator[tuple[int, Outcome]]:
        """Tries answers, several at once; gives the position of each with its outcome, in the order they end.

        Raises:
            TryingError: they cannot be tried.
        """
        try:
            self._connection.send(list(attempts))
            for _ in attempts:
                found = self._connection.recv()
                if isinstance(found, str):
                    raise TryingError(found)
                yield found
        except (EOFError, OSError):
            raise TryingError("the process that tries answers has ended") from None


# ------------------------------------------------------------------------------------------------ in the host


def _serve(connection: Connection, jobs: int) -> None:
    """Tries the lists of attempts that come, until nobody sends any more."""
    _silence()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    from grader.evidence.observing import start_autograd

    torch.set_num_threads(1)
    start_autograd()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError), tempfile.TemporaryDirectory() as scratch:
        hatchery = _Hatchery(connection, jobs, Path(scratch))
        try:
            while True:
                hatchery.try_all(connection.recv())
        finally:
            hatchery.end()


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)


@dataclass
class _Running:
    """An attempt under way."""

    position: int
    process: int
    folder: Path
    began: float
    deadline: float
    data: bytes = b""


class _Hatchery:
    """Forks a process for each attempt and reads what it finds."""

    def __init__(self, connection: Connection, jobs: int, scratch: Path) -> None:
        self._connection = connection
        self._jobs = jobs
        self._scratch = scratch
        self._seconds: dict[Place, float] = {}
        self._running: dict[int, _Running] = {}

    def try_all(self, attempts: Sequence[Attempt]) -> None:
        """Tries all of them and sends what came of each."""
        waiting = list(enumerate(attempts))[::-1]
        while waiting or self._running:
            while waiting and len(self._running) < self._jobs:
                position, attempt = waiting.pop()
                try:
                    self._warm_up(attempt.place)
                except Exception as error:  # noqa: BLE001 - whatever an author's file raises
                    traceback.print_exc()
                    self._connection.send(f"{attempt.place.exercise}: the reference cannot be tried: {error}")
                    return
                self._start(position, attempt)
            self._read()

    def _warm_up(self, place: Place) -> None:
        """Imports what an exercise's checks need, and takes the time of its reference."""
        if place in self._seconds:
            return
        from grader.evidence.answers import references

        source = references(place.notebook)[place.exercise]
        for _ in range(2):
            began = time.process_time()
            results_of(Attempt(place, source, (0,)), lambda _: None)
            self._seconds[place] = time.process_time() - began

    def _start(self, position: int, attempt: Attempt) -> None:
        seconds = math.ceil((GRACE + PATIENCE * self._seconds[attempt.place]) * len(attempt.seeds))
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        reader, writer = os.pipe()
        began = time.monotonic()
        process = os.fork()
        if process == 0:
            os.close(reader)
            run_attempt(attempt, writer, seconds, folder)
        os.close(writer)
        self._running[reader] = _Running(position, process, folder, began, began + WALL * seconds)

    def _read(self) -> None:
        now = time.monotonic()
        soonest = min(running.deadline for running in self._running.values())
        for reader in wait(list(self._running), max(0.0, soonest - now)):
            assert isinstance(reader, int)
            chunk = os.read(reader, 2**16)
            self._running[reader].data += chunk
            if not chunk:
                self._finish(reader)
        for reader, running in list(self._running.items()):
            if time.monotonic() > running.deadline:
                self._finish(reader, is_late=True)

    def _finish(self, reader: int, is_late: bool = False) -> None:
        running = self._running.pop(reader)
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process, signal.SIGKILL)  # and what it has started
        _, status = os.waitpid(running.process, 0)
        shutil.rmtree(running.folder, ignore_errors=True)
        was_ended_for_time = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        ended = "timeout" if is_late or was_ended_for_time else "crashed"
        outcome = _outcome(running.data, ended, time.monotonic() - running.began)
        self._connection.send((running.position, outcome))

    def end(self) -> None:
        """Ends what still runs."""
        for reader in list(self._running):
            with contextlib.suppress(OSError):
                self._finish(reader, is_late=True)


def _outcome(data: bytes, ended: str, seconds: float) -> Outcome:
    """What a process wrote: a line a check, and a last one where it came to its end."""
    findings, last = [], None
    for line in data.decode(errors="replace").splitlines():
        with contextlib.suppress(ValueError, TypeError):
            content = json.loads(line)
            if "end" in content:
                last = content["end"]
            else:
                findings.append(Finding(**content))
    found = tuple(findings)
    if last is None:
        return Outcome(found, ended, seconds)
    evidence = {int(seed): content for seed, content in last["evidence"].items()}
    return Outcome(found, "", seconds, evidence=evidence, inputs=Inputs.from_json(last["inputs"]))
