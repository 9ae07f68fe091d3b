"""Audits an exercise: makes its mutants, tries them, its mistakes and its right answers, and gathers what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import Course, CourseError
from grader.devkit.audit.attempts import Attempt, Outcome, Place
from grader.devkit.audit.equivalents import read_marks, stale
from grader.devkit.audit.mutants import mutants, sample
from grader.devkit.audit.trying import Host
from grader.devkit.audit.verdicts import ExerciseAudit

CHUNK: Final = 10
"""Seeds that one process tries an answer with: few enough that several share an answer's seeds."""


@dataclass(frozen=True)
class Plan:
    """How thorough an audit is.

    Attributes:
        sample: mutants to try of each exercise; all of them where it is None.
        seeds: how often each right answer is tried.
        seed: of the sample, and of the inputs.
    """

    sample: int | None = None
    seeds: int = 3
    seed: int = 1


def places(course: Course, assignment: str, exercise: str | None) -> list[Place]:
    """The exercises to audit, in the notebook's order.

    Raises:
        CourseError: there are none, or they have no answers.
    """
    from grader.devkit.answers import source_of

    checks = course.checks(assignment)
    visible, _ = checks.count()
    if not visible:
        raise CourseError(f"there are no checks of {assignment!r}; there are: {', '.join(course.assignments())}")
    if exercise is not None and exercise not in visible:
        raise CourseError(f"{assignment} has no checks of {exercise!r}; there are: {', '.join(sorted(visible))}")
    names = [exercise] if exercise is not None else _in_order(checks.folder, list(visible))
    return [Place(checks.folder, source_of(checks.folder, name), name) for name in names]


def _in_order(checks: Path, names: list[str]) -> list[str]:
    import nbformat

    from grader.devkit.answers import exercises_checked, source_of

    notebooks = dict.fromkeys(source_of(checks, name) for name in names)
    ordered = [name for path in notebooks for name in exercises_checked(nbformat.read(path, as_version=4))]
    return [name for name in ordered if name in names]


def audit(
    place: Place, plan: Plan, host: Host, on_total: Callable[[int], None], on_outcome: Callable[[], None]
) -> ExerciseAudit:
    """Audits one exercise.

    Args:
        place: where it is.
        plan: how thoroughly.
        host: what tries answers.
        on_total: told how many attempts there will be.
        on_outcome: told of each that ended.

    Raises:
        CourseError: its answers or checks cannot be used.
    """
    from grader.devkit.answers import answers_folder, answers_in, bases_in, references

    began = time.monotonic()
    folder = answers_folder(place.checks, place.exercise)
    reference = references(place.notebook).get(place.exercise)
    bases = bases_in(folder, reference)
    wrong = [answer for answer in answers_in(folder, reference) if not answer.is_right]
    made = mutants(place.exercise, bases)
    marks = read_marks(folder)
    chosen = sample(made, plan.sample, plan.seed)

    repeats = [
        (name, Attempt(place, source, seeds, records=name == next(iter(bases))))
        for name, source in bases.items()
        for seeds in _chunks(range(plan.seed, plan.seed + plan.seeds))
    ]
    attempts = [
        *(attempt for _, attempt in repeats),
        *(Attempt(place, answer.source, (plan.seed,)) for answer in wrong),
        *(Attempt(place, mutant.source, (plan.seed,)) for mutant in chosen),
    ]
    on_total(len(attempts))
    outcomes: dict[int, Outcome] = {}
    for position, outcome in host.try_all(attempts):
        outcomes[position] = outcome
        on_outcome()
    ordered = iter(outcomes[position] for position in range(len(attempts)))
    right = [(name, next(ordered)) for name, _ in repeats]
    mistakes = [(answer.name, next(ordered)) for answer in wrong]
    return ExerciseAudit(
        assignment=place.checks.name,
        exercise=place.exercise,
        made=len(made),
        tried=[(mutant, next(ordered)) for mutant in chosen],
        marks=marks,
        stale=stale(marks, made),
        mistakes=mistakes,
        right=right,
        inputs=right[0][1].inputs,
        seconds=time.monotonic() - began,
    )


def _chunks(seeds: range) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(seeds), CHUNK):
        yield tuple(seeds[start : start + CHUNK])
