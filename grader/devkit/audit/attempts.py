"""An attempt: an answer that is tried on its checks in a process of its own, and what comes of it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.devkit.audit.inputs import Inputs, listen

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.checking.results import CheckResult

MEMORY: Final = 4 * 2**30
"""Bytes of address space that an attempt may take beyond what its host has."""


@dataclass(frozen=True)
class Place:
    """Where an exercise is.

    Attributes:
        checks: the assignment's folder of checks.
        notebook: the source notebook with the solutions.
        exercise: its name.
    """

    checks: Path
    notebook: Path
    exercise: str


@dataclass(frozen=True)
class Attempt:
    """What to try.

    Attributes:
        place: the exercise.
        source: the answer.
        seeds: of the random inputs: the checks run once with each.
        records: whether to note what the checks call it with.
    """

    place: Place
    source: str
    seeds: tuple[int, ...]
    records: bool = False


@dataclass(frozen=True)
class Finding:
    """What one check, or one case of it, found.

    Attributes:
        check: the check function's name.
        case: the id of its parameters; empty without.
        visible: whether students have it.
        verdict: one of `grader.checking.results.Verdict`.
        seconds: that it took.
        seed: of its inputs.
        problem: what the student is told is wrong, in English; empty where it passed.
        hint: the hint, where there is one.
        shows_facts: whether it says what was expected and what came, or which line of the answer raised.
        fault: a grader error's last line.
    """

    check: str
    case: str
    visible: bool
    verdict: str
    seconds: float
    seed: int
    problem: str = ""
    hint: str = ""
    shows_facts: bool = False
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.verdict == "passed"

    @property
    def caught(self) -> bool:
        """Whether the check itself found something: one that waited for another was not judged."""
        return self.verdict not in ("passed", "not_judged")


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    Attributes:
        findings: the checks that ended, visible ones first.
        ended: why it ended before its last check, ``timeout`` or ``crashed``; empty where it did not.
        seconds: from its start to its end.
        mistake: the name of the known mistake that it is, where its observations say so.
        evidence: what the checks observed, by seed (`grader.checking.evidence.Evidence.to_json`).
        inputs: what it was called with, where that was asked for.
    """

    findings: tuple[Finding, ...] = ()
    ended: str = ""
    seconds: float = 0.0
    mistake: str = ""
    evidence: Mapping[int, Any] = field(default_factory=dict)
    inputs: Inputs = field(default_factory=Inputs)

    @property
    def lost(self) -> list[Finding]:
        """The checks that did not pass."""
        return [finding for finding in self.findings if not finding.passed]

    @property
    def is_killed(self) -> bool:
        """Whether a check, or a limit, noticed something."""
        return bool(self.ended or self.lost)

    @property
    def is_seen(self) -> bool:
        """Whether a visible check noticed something, or was running when the attempt reached a limit."""
        in_visible = bool(self.ended) and all(finding.visible for finding in self.findings)
        return in_visible or any(finding.visible for finding in self.lost)


# ---------------------------------------------------------------------------------------------- in its process


def run_attempt(attempt: Attempt, writer: int, seconds: int, folder: Path) -> None:
    """Tries one answer in this process, and ends it.

    Args:
        attempt: it.
        writer: a pipe's end, for a line of JSON a check and a last one with what came of all.
        seconds: of the processor that it may take.
        folder: for the files that it leaves.
    """
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        tempfile.tempdir = str(folder)

        def write(content: Any) -> None:
            line = json.dumps(content).encode() + b"\n"
            while line:
                line = line[os.write(writer, line) :]

        inputs = Inputs()
        listener = inputs if attempt.records else None
        evidence = results_of(attempt, lambda finding: write(asdict(finding)), listener)
        write({"end": {"evidence": evidence, "inputs": inputs.to_json()}})
        code = 0
    finally:
        os._exit(code)


def results_of(attempt: Attempt, on_finding: Callable[[Finding], None], inputs: Inputs | None = None) -> dict[int, Any]:
    """Runs the checks of an answer, once a seed, and tells each finding as it comes; the evidence of each seed."""
    from grader.checking.evidence import evidence_of
    from grader.checking.runner import run_checks
    from grader.course import Checks
    from grader.evidence.answers import answered, read_notebook
    from grader.evidence.observing import seed_generators

    place, found = attempt.place, {}
    notebook = answered(read_notebook(place.notebook), {place.exercise: attempt.source})
    for seed in attempt.seeds:
        seed_generators(seed)
        stage = _clocked_notebook(notebook, seed, inputs)

        def note(result: CheckResult, seed: int = seed, stage: Any = stage) -> None:
            on_finding(_finding(result, time.perf_counter() - stage.began, seed))

        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            results = run_checks(stage, [place.exercise], Checks.in_folder(place.checks), on_result=note)
        evidence = evidence_of(results)
        found[seed] = None if evidence is None else evidence.to_json()
    return found


def _clocked_notebook(notebook: NotebookNode, seed: int, inputs: Inputs | None) -> Any:
    """A notebook in this process that notes when its cells have run, so that a check's time is its own."""
    from grader.checking.notebooks import InProcessNotebook, exercise_cells
    from grader.kit.student import Student

    class Clocked(InProcessNotebook):
        began = time.perf_counter()

        def student(self, exercise: str) -> Student:
            found = super().student(exercise)
            if inputs is not None:
                listen(self._namespace(), exercise, inputs)
            self.began = time.perf_counter()
            return found

    return Clocked(exercise_cells(notebook), seed=seed)


def _finding(result: CheckResult, seconds: float, seed: int) -> Finding:
    diagnosis = result.diagnosis
    found: dict[str, Any] = {}
    if diagnosis is not None:
        shown = diagnosis.expected or diagnosis.shown_expected, diagnosis.actual or diagnosis.shown_actual
        found["problem"] = diagnosis.problem.render("en")
        found["hint"] = "" if diagnosis.hint is None else diagnosis.hint.render("en")
        found["shows_facts"] = None not in shown or diagnosis.where is not None
    if result.fault:
        found["fault"] = result.fault.strip().splitlines()[-1][:500]
    case = (result.check, result.case, result.visible, result.verdict.value)
    return Finding(*case, seconds=round(seconds, 4), seed=seed, **found)
