"""The runs of `grader autograde` that a Jupyter server begins for those who click: one at a time, in their order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.command_line import INTERRUPTED, ids_listed
from grader.grading.sharing import OF_THE_GROUP
from grader.hub.formgrader.progress import Progress, read_progress
from grader.kit.messages import Message, tr

_SAID: Final = ("Error: ", "stopped: ", "failed: ", "quarantined: ", "kept: ")
"""What the lines begin with that say why a run did not end well."""

_SHOWN: Final = 20_000
"""Characters of a run's output, the last ones, that are shown."""


@dataclass(frozen=True)
class Work:
    """An assignment to grade.

    Attributes:
        assignment: its name.
        root: the course's folder.
        log: of `grader autograde`; None where the course wants none.
        is_shared: whether the course's group writes its files.
    """

    assignment: str
    root: Path
    log: Path | None
    is_shared: bool = False

    @property
    def output(self) -> Path:
        """What the last run for the whole class said."""
        return self.root / f"autograde-{self.assignment}.log"

    def command(self, by: str, *arguments: str) -> list[str]:
        """Grades what is new or has changed."""
        started_by = f"--ParallelAutograde.started_by={by}"
        command = [sys.executable, "-P", "-m", "grader", "autograde"]
        return [*command, f"--assignment={self.assignment}", *arguments, started_by]


@dataclass
class Run:
    """A run for a whole class.

    Attributes:
        work: what is graded.
        by: who began it.
        offset: bytes of the log that are of earlier runs.
        is_waiting: whether somebody's single submission comes first.
        pid: its process; 0 until it has one.
        stopped_by: who asked it to end before it had a process.
        code: its exit code; None until it has ended.
        fault: why it could not begin.
    """

    work: Work
    by: str
    offset: int = 0
    is_waiting: bool = True
    pid: int = 0
    stopped_by: str = ""
    code: int | None = None
    fault: str = ""


class Runs:
    """All runs of a server, which has one course."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._run: Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._stops: dict[int, str] = {}
        """Who asked which process to end."""

    async def one(self, work: Work, student: str, by: str) -> dict[str, Any]:
        """Grades a student's submission, whether or not it was graded before.

        Returns:
            What nbgrader's own handler answers with: `success`, `log`, and `error` where there was one; texts of ours
            are `Message`.
        """
        if (reason := self.refusal(work)) is not None:
            return {"success": False, "error": reason}
        command = work.command(by, f"--students={ids_listed([student])}", "--force")
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=work.root, env=_environment(), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
            )
            output, _ = await process.communicate()
        text = output.decode("utf-8", "replace")
        if process.returncode == 0:
            return {"success": True, "log": text}
        return {"success": False, "log": text, "error": reasons(text)}

    def all(self, work: Work, by: str) -> dict[str, Any]:
        """Begins to grade what is new or has changed of an assignment, unless somebody did."""
        if (reason := self.refusal(work)) is not None:
            return {"success": False, "error": reason}
        self._run = Run(work, by)
        self._task = asyncio.create_task(self._grade(self._run))
        return {"success": True}

    def stop(self, work: Work, by: str) -> dict[str, Any]:
        """Asks the run that grades an assignment to end between two submissions; what is graded is kept."""
        run = self._run_of(work)
        if run is not None and run.code is None and not run.pid:
            run.stopped_by = run.stopped_by or by
            return {"success": True}
        found = None if work.log is None else read_progress(work.log)
        pid = run.pid if run is not None and run.code is None else found.pid if found and found.is_running else 0
        if not pid:
            return {"success": False, "error": tr("{assignment} is not being graded.", assignment=work.assignment)}
        return self._end(pid, work, by)

    def _end(self, pid: int, work: Work, by: str) -> dict[str, Any]:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:  # it has just ended
            return {"success": True}
        except PermissionError:
            error = tr(
                "{assignment} is graded from another account, which alone can stop it.", assignment=work.assignment
            )
            return {"success": False, "error": error}
        self._stops.setdefault(pid, by)
        return {"success": True}

    def _end_if_asked(self, run: Run) -> None:
        """Ends a run that somebody stopped while its process was made."""
        if run.stopped_by:
            self._end(run.pid, run.work, run.stopped_by)

    def _run_of(self, work: Work) -> Run | None:
        """This server's last run, if it is for an assignment."""
        return self._run if self._run is not None and self._run.work.assignment == work.assignment else None

    def refusal(self, work: Work) -> Message | None:
        """Why nothing can be begun now, or None."""
        if self._run is not None and self._run.code is None:
            busy, by = self._run.work.assignment, self._run.by
            return tr("{assignment} is being graded for the whole class: {by} began that.", assignment=busy, by=by)
        found = None if work.log is None or self._turn.locked() else read_progress(work.log)
        if found is not None and found.is_running:
            return tr("{assignment} is being graded: {by} began that.", assignment=work.assignment, by=found.by)
        return None

    async def _grade(self, run: Run) -> None:
        work = run.work
        try:
            async with self._turn:
                if run.stopped_by:
                    run.code = INTERRUPTED
                    return
                run.offset = work.log.stat().st_size if work.log is not None and work.log.exists() else 0
                with work.output.open("wb") as output:
                    if work.is_shared:
                        with suppress(OSError):  # another's, which the group can write already
                            work.output.chmod(OF_THE_GROUP)
                    process = await asyncio.create_subprocess_exec(
                        *work.command(run.by),
                        cwd=work.root,
                        env=_environment(),
                        stdin=DEVNULL,
                        stdout=output,
                        stderr=STDOUT,
                        start_new_session=True,  # it goes on where the server ends
                    )
                run.pid, run.is_waiting = process.pid, False
                self._end_if_asked(run)
                run.code = await process.wait()
        except OSError as error:
            run.fault, run.code = f"{error.filename or work.output}: {error.strerror}", 1

    def state(self, work: Work) -> dict[str, Any]:
        """How far the grading of an assignment is, as plain data; its text is a `Message`."""
        run = self._run_of(work)
        found = None
        if work.log is not None and (run is None or run.code is not None):
            found = read_progress(work.log)
        if run is not None and (found is None or not found.is_running):
            found = None if work.log is None or run.is_waiting else read_progress(work.log, run.offset)
        else:
            run = None  # somebody graded after it
        is_running = run.code is None if run is not None else found is not None and found.is_running
        stopped_by = self._stopped_by(run, found)
        output = "" if run is None and found is None else _tail(work.output)
        return {
            "running": is_running,
            "stopping": is_running and bool(stopped_by),
            "interrupted": not is_running and found is not None and found.is_interrupted,
            "started_by": _begun_by(run, found),
            "total": None if found is None else found.total,
            "done": 0 if found is None else found.done,
            "failed": 0 if found is None else found.to_look_at,
            "exit_code": None if run is None else run.code,
            "error": _error(run, output, is_stopped=bool(stopped_by)),
            "log": output,
            "text": _text(run, found, stopped_by, is_running=is_running),
        }

    def _stopped_by(self, run: Run | None, found: Progress | None) -> str:
        pid = run.pid if run is not None else found.pid if found is not None else 0
        return self._stops.get(pid, "" if run is None else run.stopped_by)


def _begun_by(run: Run | None, found: Progress | None) -> str:
    return run.by if run is not None else "" if found is None else found.by


def _error(run: Run | None, output: str, *, is_stopped: bool) -> str:
    if run is None or not run.code:
        return ""
    return run.fault or ("\n".join(_said(output)) if is_stopped else reasons(output))


def _text(run: Run | None, found: Progress | None, stopped_by: str, *, is_running: bool) -> Message | None:
    by = _begun_by(run, found)
    if stopped_by and (is_running or found is None or found.is_interrupted):
        return _text_of_stop(found, stopped_by, is_running=is_running)
    if is_running and run is not None and run.is_waiting:
        return tr("begun by {by}: a single submission comes first", by=by)
    if found is None:
        return tr("begun by {by}: it starts", by=by) if is_running else None
    done = tr("{done} of {total} done", done=found.done, total=found.total)
    if found.to_look_at:
        done = tr("{done}, {n} of them to be looked at", done=done, n=found.to_look_at)
    if is_running:
        return tr("{done}; begun by {by}", done=done, by=by)
    if found.is_interrupted:
        return tr("{done}; interrupted: the same button goes on with the others", done=done)
    return done if run is not None else None


def _text_of_stop(found: Progress | None, by: str, *, is_running: bool) -> Message:
    done = tr(
        "{done} of {total} done", done=0 if found is None else found.done, total="?" if found is None else found.total
    )
    if is_running:
        return tr("{done}; {by} stops it", done=done, by=by)
    return tr("{done}; stopped by {by}: the same button goes on with the others", done=done, by=by)


def reasons(output: str) -> str:
    """The lines of a run's output that say why it did not end well, or its last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return "\n".join(_said(output) or lines[-1:])


def _said(output: str) -> list[str]:
    lines = (line.strip() for line in output.splitlines())
    return [line.removeprefix("Error: ") for line in lines if line.startswith(_SAID)]


def _environment() -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _SHOWN))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
