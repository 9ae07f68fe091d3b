"""Audits an exercise: tries its mutants, its mistakes and its right answers, and gathers what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from grader.course import Course, CourseError
from grader.devkit.audit.attempts import Attempt, Outcome, Place
from grader.devkit.audit.equivalents import read_marks, stale
from grader.devkit.audit.naming import difference, library, name_of, twins
from grader.devkit.audit.trying import Host
from grader.devkit.audit.verdicts import ExerciseAudit, FalseName
from grader.evidence.mistakes import Answer
from grader.evidence.mutation.mutants import Mutant, mutants, sample

CHUNK: Final = 10
"""Seeds that one process tries an answer with: few enough that several share an answer's seeds."""

FRESH: Final = 2
"""Seeds on which what was given a mistake's name is compared with that mistake once more."""


@dataclass(frozen=True)
class Plan:
    """How thorough an audit is.

    Attributes:
        sample: mutants to try of each exercise; all of them where it is None.
        seeds: how often each right answer is tried.
        seed: of the sample, and of the inputs.
        right_only: whether to try nothing but the right answers.
    """

    sample: int | None = None
    seeds: int = 3
    seed: int = 1
    right_only: bool = False


def places(course: Course, assignment: str, exercise: str | None) -> list[Place]:
    """The exercises to audit, in the notebook's order.

    Raises:
        CourseError: there are none, or they have no answers.
    """
    from grader.evidence.answers import source_of

    checks = course.checks(assignment)
    visible, _ = checks.count()
    if not visible:
        raise CourseError(f"there are no checks of {assignment!r}; there are: {', '.join(course.assignments())}")
    if exercise is not None and exercise not in visible:
        raise CourseError(f"{assignment} has no checks of {exercise!r}; there are: {', '.join(sorted(visible))}")
    names = [exercise] if exercise is not None else _in_order(checks.folder, list(visible))
    return [Place(checks.folder, source_of(checks.folder, name), name) for name in names]


def _in_order(checks: Path, names: list[str]) -> list[str]:
    from grader.evidence.answers import exercises_checked, read_notebook, source_of

    notebooks = dict.fromkeys(source_of(checks, name) for name in names)
    ordered = [name for path in notebooks for name in exercises_checked(read_notebook(path))]
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
    from grader.evidence.answers import answers_folder, answers_in, bases_in, references

    began = time.monotonic()
    folder = answers_folder(place.checks, place.exercise)
    reference = references(place.notebook).get(place.exercise)
    bases = bases_in(folder, reference)
    wrong = [] if plan.right_only else [answer for answer in answers_in(folder, reference) if not answer.is_right]
    made = [] if plan.right_only else mutants(place.exercise, bases)
    marks = [] if plan.right_only else read_marks(folder)
    chosen = sample(made, plan.sample, plan.seed)

    repeats = [
        (name, Attempt(place, source, seeds, records=name == next(iter(bases))))
        for name, source in bases.items()
        for seeds in _chunks(range(plan.seed, plan.seed + plan.seeds))
    ]
    fresh = tuple(range(plan.seed + 1, plan.seed + 1 + FRESH))
    tries = Tries(host, on_total, on_outcome)
    right = tries.of([attempt for _, attempt in repeats])
    seen = tries.of([Attempt(place, answer.source, (plan.seed, *fresh)) for answer in wrong])
    changes = known_changes(place, made) if made else []
    as_changes = tries.of([Attempt(place, mutant.source, (plan.seed, *fresh)) for mutant in changes])
    all_known: list[Answer | Mutant] = [*wrong, *changes]
    known = library(all_known, [*seen, *as_changes], plan.seed)
    found = [
        replace(outcome, mistake=name_of(outcome, plan.seed, known))
        for outcome in tries.of([Attempt(place, mutant.source, (plan.seed,)) for mutant in chosen])
    ]
    named = [(mutant, outcome.mistake) for mutant, outcome in zip(chosen, found, strict=True) if outcome.mistake]
    again = tries.of([Attempt(place, mutant.source, fresh) for mutant, _ in named])
    by_name = {item.name: outcome for item, outcome in zip(all_known, [*seen, *as_changes], strict=True)}
    return ExerciseAudit(
        assignment=place.checks.name,
        exercise=place.exercise,
        made=len(made),
        tried=list(zip(chosen, found, strict=True)),
        marks=marks,
        stale=stale(marks, made),
        mistakes=[(answer.name, outcome) for answer, outcome in zip(wrong, seen, strict=True)],
        right=[(name, outcome) for (name, _), outcome in zip(repeats, right, strict=True)],
        inputs=right[0].inputs,
        false_names=[
            FalseName(mutant, name, seed)
            for (mutant, name), outcome in zip(named, again, strict=True)
            if (seed := difference(outcome, by_name[name], fresh)) is not None
        ],
        twins=twins(wrong, seen, plan.seed),
        seconds=time.monotonic() - began,
    )


def known_changes(place: Place, made: Sequence[Mutant]) -> list[Mutant]:
    """Those of an exercise's mutants by which answers are named that nobody's mistake explains."""
    from grader.course import Checks
    from grader.evidence.library import known_mistakes

    checks = Checks.in_folder(place.checks).without_hidden()
    known = known_mistakes(checks, [place.notebook], [place.exercise]).get(place.exercise, ())
    names = {mistake.name for mistake in known if mistake.is_change}
    return [mutant for mutant in made if mutant.name in names]


@dataclass
class Tries:
    """Tries lists of answers and says how far it is.

    Attributes:
        host: what tries them.
        on_total: told how many there are, as far as is known.
        on_outcome: told of each that ended.
    """

    host: Host
    on_total: Callable[[int], None]
    on_outcome: Callable[[], None]
    total: int = 0

    def of(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """What came of each, in their order."""
        self.total += len(attempts)
        self.on_total(self.total)
        outcomes: dict[int, Outcome] = {}
        for position, outcome in self.host.try_all(attempts):
            outcomes[position] = outcome
            self.on_outcome()
        return [outcomes[position] for position in range(len(attempts))]


def _chunks(seeds: range) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(seeds), CHUNK):
        yield tuple(seeds[start : start + CHUNK])
