"""What it costs to name mistakes: a class of wrong answers graded with diagnosis by evidence and without, turn by turn.

    python benchmarks/naming.py [ASSIGNMENT …] [--students N]

It writes ``docs/benchmarks/naming.md``. Each student has right answers but for two known mistakes, drawn with a fixed
seed. What the visible checks observe in the mistakes is there already, as after generating the assignment; what the
hidden ones do is found out on the way, once for the run.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import click
import nbformat
import psutil
import torch

from grader.checking.results import ExerciseResult
from grader.devkit.answers import answers, assignments, exercises, policy_of, solution
from grader.evidence.answers import answered
from grader.evidence.library import observed
from grader.grading.core import grade_notebook
from grader.grading.zygotes import new_zygote
from grader.sandbox.zygote import Zygote

PAGE = ROOT / "docs" / "benchmarks" / "naming.md"
_HEAD = """<!-- Made by `python benchmarks/naming.py`. Do not edit. -->

# What it costs to name mistakes

{students} students an assignment, each with two of the known mistakes, graded one after another in one process on one
of {cores} cores: each notebook once with diagnosis by evidence and once without.

| assignment | known mistakes | s a submission, without | with | more | wrong answers named |
|---|---:|---:|---:|---:|---:|
"""


@contextmanager
def nobody_named() -> Iterator[None]:
    """Grading without diagnosis by evidence."""
    with patch("grader.grading.core.named", lambda *_: (None, "")):
        yield


def submissions(assignment: str, students: int) -> list[bytes]:
    """Notebooks with two wrong answers each."""
    rng = random.Random(assignment)  # noqa: S311 - nobody must not guess it
    wrong = {name: [] for name in exercises(assignment)}
    for answer in answers(assignment):
        if not answer.is_right:
            wrong[answer.exercise].append(answer.source)
    found = []
    for _ in range(students):
        chosen = rng.sample([name for name, sources in wrong.items() if sources], 2)
        notebook = answered(solution(assignment), {name: rng.choice(wrong[name]) for name in chosen})
        found.append(nbformat.writes(notebook).encode())
    return found


def row(assignment: str, students: int, zygote: Zygote) -> str:
    """An assignment's line of the table."""
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    policy = replace(policy_of(assignment, seed=1), sources=(source,))
    observed(policy.checks.without_hidden(), [source], exercises(assignment))
    spent = {True: 0.0, False: 0.0}
    wrong: list[ExerciseResult] = []
    grade_notebook(nbformat.writes(solution(assignment)).encode(), policy, zygote=zygote)  # reads the checks
    for notebook in submissions(assignment, students):
        for naming in (False, True):
            start = time.perf_counter()
            if naming:
                graded = grade_notebook(notebook, policy, zygote=zygote)
                wrong += [result for result in graded.exercises if not result.passed]
            else:
                with nobody_named():
                    grade_notebook(notebook, policy, zygote=zygote)
            spent[naming] += time.perf_counter() - start
    known = sum(not answer.is_right for answer in answers(assignment))
    named = sum(result.mistake is not None for result in wrong)
    more = spent[True] / spent[False] - 1
    return (
        f"| `{assignment}` | {known} | {spent[False] / students:.2f} | {spent[True] / students:.2f} | {more:+.0%} |"
        f" {named} of {len(wrong)} |"
    )


@click.command()
@click.argument("names", nargs=-1)
@click.option("--students", default=30, show_default=True)
def main(names: tuple[str, ...], students: int) -> None:
    """Measure, print, and write the page."""
    torch.set_num_threads(1)
    page = _HEAD.format(students=students, cores=psutil.cpu_count())
    with new_zygote() as zygote:
        for name in names or assignments():
            line = row(name, students, zygote)
            click.echo(line)
            page += line + "\n"
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
