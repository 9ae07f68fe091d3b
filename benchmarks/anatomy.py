"""Where a submission's time goes: right answers graded again and again, with a clock at each stage.

    python benchmarks/anatomy.py [ASSIGNMENT …] [--rounds N]

It writes ``docs/benchmarks/anatomy.md``. Each assignment is graded with figures drawn and without, turn by turn. The
clocks are put around the grader's own methods from outside, so what is measured is what runs.
"""

from __future__ import annotations

import functools
import gc
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import click
import nbformat
import psutil
import torch
from nbformat.v4 import new_code_cell, new_notebook

from grader.course import Checks
from grader.devkit.answers import ROOT, assignments, policy_of
from grader.devkit.classroom import as_bytes, with_solutions
from grader.grading.core import grade_notebook
from grader.grading.policy import Policy
from grader.grading.run import NotebookRun
from grader.grading.zygotes import new_zygote
from grader.kit.connections import Loopback
from grader.kit.student import Student
from grader.sandbox.cells import Kernel
from grader.sandbox.zygote import Zygote
from grader.settings import AulaTorch
from grader.wire.answering import NamespaceServer

PAGE = ROOT / "docs" / "benchmarks" / "anatomy.md"
CALLS = "checks: calls of the student's functions"
END = "kernel: end"
STAGES: dict[str, tuple[type, str]] = {
    "kernel: fork, confine, connect": (Kernel, "__enter__"),
    "cells": (Kernel, "run_cell"),
    CALLS: (NotebookRun, "request"),
    END: (Kernel, "close"),
}
REST = "checks: pytest, inputs, comparisons, panels"
_HEAD = """<!-- Made by `python benchmarks/anatomy.py`. Do not edit. -->

# Where a submission's time goes

Released notebooks with right answers, graded one after another in one process with a warm zygote: seconds a
submission, medians of {rounds} rounds, on one of {cores} cores. Cells that only show something are not run. A page
fault is a page of the zygote's memory that a kernel or its warden touches, mostly to copy it. nbgrader's own share
(reading, sanitizing, writing, the gradebook) comes on top: see the synthetic class in [throughput.md](throughput.md).

"""


@dataclass
class Turn:
    """One grading.

    Attributes:
        seconds: of each stage.
        counts: how often each stage was entered.
        wall: seconds in all.
        grader: seconds of processor time in the grader.
        kernel: seconds of processor time in the kernel and its warden.
        faults: page faults there.
    """

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wall: float = 0.0
    grader: float = 0.0
    kernel: float = 0.0
    faults: int = 0


@contextmanager
def clocks(turn: Turn) -> Iterator[None]:
    """Puts a clock at each stage."""

    def timed(stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                turn.seconds[stage] += time.perf_counter() - start
                turn.counts[stage] += 1

        return call

    patches = [patch.object(owner, name, timed(stage, getattr(owner, name))) for stage, (owner, name) in STAGES.items()]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def processor_seconds(process: psutil.Process) -> float:
    """Of a process and all of its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def page_faults(process: psutil.Process) -> int:
    """Of all children of a process that have ended, and of theirs; none had to wait for a disk."""
    return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[8])


def graded(notebook: bytes, policy: Policy, zygote: Zygote, process: psutil.Process) -> Turn:
    """Grades once."""
    turn = Turn()
    mine, theirs, faults = resource.getrusage(resource.RUSAGE_SELF), processor_seconds(process), page_faults(process)
    start = time.perf_counter()
    with clocks(turn):
        result = grade_notebook(notebook, policy, zygote=zygote)
    turn.wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    turn.grader = used.ru_utime + used.ru_stime - mine.ru_utime - mine.ru_stime
    turn.kernel, turn.faults = processor_seconds(process) - theirs, page_faults(process) - faults
    turn.seconds[REST] = turn.wall - sum(turn.seconds.values())
    if any(exercise.score != exercise.points for exercise in result.exercises):
        raise click.ClickException("a reference solution did not get all of its points")
    return turn


def table(assignment: str, rounds: int, zygote: Zygote, process: psutil.Process) -> str:
    """An assignment's section of the page."""
    (released,) = (ROOT / "assignments" / "en").glob(f"{assignment}/{assignment}.ipynb")
    notebook = as_bytes(with_solutions(assignment, nbformat.read(released, as_version=4)))
    turns: dict[str, list[Turn]] = {"always": [], "never": []}
    for number in range(rounds + 1):
        for figures, found in turns.items():
            policy = policy_of(assignment, figures=figures)
            turn = graded(notebook, policy, zygote, process)
            if number > 0:  # the first one reads the checks
                found.append(turn)
    drawn, plain = turns["always"], turns["never"]

    def median(found: list[Turn], value: Callable[[Turn], float]) -> str:
        return f"{statistics.median(map(value, found)):.2f}"

    rows = [
        (stage, lambda turn, stage=stage: turn.seconds[stage])
        for stage in (*(name for name in STAGES if name != END), REST, END)
    ]
    rows += [
        ("**all**", lambda turn: turn.wall),
        ("processor time: grader", lambda turn: turn.grader),
        ("processor time: kernel and warden", lambda turn: turn.kernel),
    ]
    lines = [
        f"## `{assignment}`",
        "",
        f"{plain[0].counts['cells']} cells and {plain[0].counts[CALLS]} calls.",
        "",
        "| | figures drawn | not drawn (the default) |",
        "|---|---:|---:|",
        *(f"| {name} | {median(drawn, value)} | {median(plain, value)} |" for name, value in rows),
        "| page faults: kernel and warden | {:,.0f} | {:,.0f} |".format(
            *(statistics.median(turn.faults for turn in found) for found in (drawn, plain))
        ),
        "",
    ]
    return "\n".join(lines)


def crossing(zygote: Zygote, cells: int = 100, calls: int = 500) -> str:
    """The section on what it costs to reach the other process: cells and calls in which nothing is computed."""
    policy = Policy.of(AulaTorch(language="en"), Checks(ROOT))
    sources = ["def same(x):\n    return x", *["pass"] * cells]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    x = torch.zeros(3)

    def each(student: Student) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            student.same(x)
        return (time.perf_counter() - start) / calls * 1000

    with NotebookRun(zygote, notebook, {}, policy, {"first": 1, "last": cells}) as run:
        run.student("first")
        start = time.perf_counter()
        student = run.student("last")
        cell = (time.perf_counter() - start) / (cells - 1) * 1000
        there = each(student)
    here = each(Student(Loopback(NamespaceServer({"same": lambda x: x}))))
    return "\n".join(
        [
            "## The way to the other process",
            "",
            "Where nothing is computed:",
            "",
            "| | milliseconds |",
            "|---|---:|",
            f"| a cell, through Jupyter's protocol | {cell:.1f} |",
            f"| a call, with one small tensor: a kernel's function | {there:.2f} |",
            f"| the same call in one process: encoded, observed, decoded, but sent nowhere | {here:.2f} |",
            "",
        ]
    )


@click.command()
@click.argument("names", nargs=-1)
@click.option("--rounds", default=3, show_default=True, help="How often each assignment is graded each way.")
def main(names: tuple[str, ...], rounds: int) -> None:
    """Measure, print, and write the page."""
    torch.set_num_threads(1)
    page = _HEAD.format(rounds=rounds, cores=psutil.cpu_count())
    with new_zygote() as zygote:
        zygote.clone().close()  # returns when all is imported
        (process,) = psutil.Process().children()
        gc.freeze()  # as the workers of `grader autograde` do
        for name in names or assignments():
            section = table(name, rounds, zygote, process)
            click.echo(section)
            page += section + "\n"
        section = crossing(zygote)
        click.echo(section)
        page += section
    PAGE.write_text(page.rstrip() + "\n")


if __name__ == "__main__":
    main()
