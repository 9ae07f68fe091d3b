"""Which known mistake an answer is, by evidence, as while grading: and whether the name holds on other inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.evidence.mistakes import look_alike
from grader.evidence.mutation.mutants import Mutant

if TYPE_CHECKING:
    from grader.checking.evidence import Evidence, KnownMistake
    from grader.devkit.audit.attempts import Outcome
    from grader.evidence.mistakes import Answer


def _evidence(outcome: Outcome, seed: int) -> Evidence | None:
    from grader.checking.evidence import Evidence

    content = outcome.evidence.get(seed)
    return None if content is None else Evidence.from_json(content)


def library(answers: Sequence[Answer | Mutant], outcomes: Sequence[Outcome], seed: int) -> list[KnownMistake]:
    """The known mistakes of an exercise, by what its checks observe in them with one seed.

    Args:
        answers: the wrong ones, and the changes to right ones that are known.
        outcomes: of each, tried with several seeds: what differs in the visible checks depends on chance.
        seed: of the inputs of the hidden checks.
    """
    from grader.checking.evidence import KnownMistake

    found = []
    for answer, outcome in zip(answers, outcomes, strict=True):
        whole = _evidence(outcome, seed)
        if whole is None:
            continue
        visible = whole.of_visible()
        for other in outcome.evidence:
            if (again := _evidence(outcome, other)) is not None:
                visible = visible.without_chance(again.of_visible())
        evidence = visible.with_hidden_of(whole)
        if isinstance(answer, Mutant):
            found.append(KnownMistake(answer.name, {"en": str(answer.change)}, {"en": ""}, evidence, is_change=True))
        else:
            found.append(KnownMistake(answer.name, answer.titles, answer.hints, evidence))
    return found


def name_of(outcome: Outcome, seed: int, known: Sequence[KnownMistake]) -> str:
    """The name of the mistake that an answer is; empty where it is none, or cannot be told from another one."""
    from grader.checking.evidence import the_mistake

    theirs = _evidence(outcome, seed)
    named = the_mistake(theirs, known) if theirs is not None and theirs.traces else None
    return "" if named is None else named.name


def difference(one: Outcome, other: Outcome, seeds: Sequence[int]) -> int | None:
    """The first of some seeds with which two answers do not behave alike; None where they do with all."""
    for seed in seeds:
        ones, others = _evidence(one, seed), _evidence(other, seed)
        if ones is not None and others is not None and ones.contradicts(others):
            return seed
    return None


def twins(answers: Sequence[Answer], outcomes: Sequence[Outcome], seed: int) -> list[tuple[str, str]]:
    """The pairs of mistakes that look alike to all checks, and are given different hints."""
    seen = ((answer, _evidence(outcome, seed)) for answer, outcome in zip(answers, outcomes, strict=True))
    return [(one.name, other.name) for one, other in look_alike(seen)]
