"""Observes known mistakes while notebooks are graded: in a process that is forked from the zygote, and forked again.

A kernel for each mistake would take half a second. Here nothing but the course's own code runs, so no kernel is needed:
for each exercise a process keeps its notebook, run up to the solution cell, and is forked for each mistake. Seeds
reach it through its pipe alone, and the zygote, which it comes from, never hears of them.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, Self
from weakref import WeakKeyDictionary

from grader.checking.evidence import Evidence
from grader.course import Checks
from grader.evidence.observing import SECONDS, Scene, on_scene, source_of
from grader.kit.messages import add_catalogues
from grader.sandbox.folders import OBSERVERS, PrivateFolder
from grader.sandbox.linux import die_with_parent
from grader.sandbox.zygote import Zygote

_PATIENCE: Final = 2 * SECONDS
"""Seconds for an answer: what comes before the solution takes time as well, and has no limit of its own."""


class ObserverError(RuntimeError):
    """A mistake cannot be observed; says why."""


@dataclass(frozen=True)
class Place:
    """What a scene is made of.

    Attributes:
        checks: the assignment's.
        notebook: the source notebook.
        exercise: its name.
        variables: of the environment.
    """

    checks: Checks
    notebook: Path
    exercise: str
    variables: tuple[tuple[str, str], ...] = ()

    def absolute(self) -> Self:
        """The same for a process that stands somewhere else."""
        folder, visible, hidden = self.checks.folder, self.checks.visible, self.checks.hidden
        checks = Checks(folder.absolute(), *(tuple(path.absolute() for path in files) for files in (visible, hidden)))
        return replace(self, checks=checks, notebook=self.notebook.absolute())


_ATTEMPTS: Final = 2
"""At a mistake whose process ends: it may have been ended from outside, as where a machine runs out of memory."""

Reply = tuple[Evidence | None, str]
"""What was observed, and what went wrong, if anything did."""

_lock = threading.Lock()
_links: WeakKeyDictionary[Zygote, Connection] = WeakKeyDictionary()


def observed(zygote: Zygote, place: Place, name: str, seed: int) -> Evidence | None:
    """What all checks of an exercise observe in a known mistake; None where it says nothing.

    Args:
        zygote: that the observer is forked from, once, and ends with.
        place: the exercise.
        name: the mistake's.
        seed: of all randomness.

    Raises:
        ObserverError: it takes too long, or the observer ended.
        ZygoteError: there is no zygote.
    """
    with _lock:
        for _ in range(_ATTEMPTS):
            # One that failed is left to end, and there is another: if the zygote has ended with it, that is said.
            link = _links.pop(zygote, None) or Connection(zygote.serve(__name__).detach())
            try:
                link.send((place.absolute(), name, seed))
                if not link.poll(2 * _PATIENCE):
                    raise ObserverError("the process that observes mistakes does not answer")
                reply: Reply = link.recv()
            except (EOFError, OSError):
                continue
            _links[zygote] = link
            break
        else:
            raise ObserverError("the process that observes mistakes has ended")
    evidence, error = reply
    if error:
        raise ObserverError(error)
    return evidence


# ------------------------------------------------------------------------------------------ in the new process


def serve(link: socket.socket) -> None:
    """Answers until the owner closes its end."""
    scenes = _Scenes()
    with PrivateFolder.make(OBSERVERS) as folder, Connection(link.detach()) as owner:
        tempfile.tempdir = str(folder.path)
        with suppress(EOFError, OSError):
            while True:
                place, name, seed = owner.recv()
                owner.send(scenes.ask(place, name, seed))
        scenes.close()


class _Scenes:
    """The processes that hold the scenes of one assignment."""

    def __init__(self) -> None:
        self._running: dict[Place, tuple[BaseProcess, Connection]] = {}

    def ask(self, place: Place, name: str, seed: int) -> Reply:
        """What is observed in a mistake."""
        if any(other.checks != place.checks for other in self._running):
            self.close()
        for _ in range(_ATTEMPTS):
            if place not in self._running:
                self._running[place] = _started(place)
            _, link = self._running[place]
            try:
                link.send((name, seed))
                if link.poll(_PATIENCE):
                    reply: Reply = link.recv()
                    return reply
            except (EOFError, OSError):
                _end(*self._running.pop(place))
                continue
            _end(*self._running.pop(place))
            break
        return None, f"what comes before {place.exercise} takes too long, or ends its process"

    def close(self) -> None:
        """Ends all of them."""
        while self._running:
            _end(*self._running.popitem()[1])


def _started(place: Place) -> tuple[BaseProcess, Connection]:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_play, args=(theirs, place), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _end(process: BaseProcess, link: Connection) -> None:
    link.close()
    process.kill()
    process.join()


def _play(link: Connection, place: Place) -> None:
    """Holds a scene, and answers for it."""
    die_with_parent(signal.SIGKILL)
    os.environ.update(place.variables)

    def answer(there: Scene) -> None:
        while True:
            name, seed = link.recv()
            source = source_of(place.checks, place.notebook, place.exercise, name)
            evidence = None if source is None else there.evidence(source, seed)
            link.send((evidence, ""))

    try:
        add_catalogues(place.checks.locale)
        on_scene(place.checks, place.notebook, place.exercise, answer)
    except Exception as error:  # noqa: BLE001 - whatever it is costs a hint
        link.send((None, f"{type(error).__name__}: {error}"))
