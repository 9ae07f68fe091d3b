"""Names the mistake behind a wrong answer while a notebook is graded."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from grader.checking.evidence import NEARLY, Evidence, KnownMistake, evidence_of, the_mistake
from grader.checking.results import CheckResult, NamedMistake
from grader.course import Checks
from grader.evidence.answers import references
from grader.evidence.library import known_mistakes
from grader.grading.observer import ObserverError, Place, observed
from grader.grading.policy import Policy
from grader.sandbox.zygote import Zygote, ZygoteError

log = logging.getLogger(__name__)

_MOST: Final = 12
"""Mistakes that hidden checks are run on for one exercise: more look alike only where visible checks ask too little."""


def named(
    results: Iterable[CheckResult], exercise: str, policy: Policy, zygote: Zygote
) -> tuple[NamedMistake | None, str]:
    """The known mistake that an exercise's answer is, and the digest of what was observed in it.

    The visible checks leave few mistakes that it can be; on those the hidden checks are run, with the seed of this
    grading, in a kernel of their own. Nothing that goes wrong here costs anybody more than a hint.

    Args:
        results: what the exercise's checks found.
        exercise: its name.
        policy: how the notebook is graded.
        zygote: forks the kernels.
    """
    theirs = evidence_of(results)
    if theirs is None or not theirs.traces:
        return None, ""
    try:
        return the_mistake(theirs, _candidates(theirs, exercise, policy, zygote)), theirs.digest
    except ZygoteError:
        raise  # the machine's fault, for which the notebook is graded again
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here costs a hint and no grade
        log.warning("the mistake in %s was not looked for: %s", exercise, error)
    return None, theirs.digest


def _candidates(theirs: Evidence, exercise: str, policy: Policy, zygote: Zygote) -> list[KnownMistake]:
    visible = theirs.of_visible()
    library = _library(policy.checks, policy.sources, exercise)
    alike = [mistake for mistake in library if not mistake.evidence.contradicts(visible, NEARLY)]
    if not policy.checks.hidden or not policy.sources:  # then it is what the visible checks tell, as in a self-check
        return alike
    found: list[KnownMistake] = []
    for mistake in sorted(alike, key=lambda mistake: mistake.is_change)[:_MOST]:
        if mistake.is_change and any(written.evidence.agrees(theirs) for written in found if not written.is_change):
            break  # a change is named where nothing that somebody wrote is the same
        whole = _with_hidden(policy, exercise, mistake.name, zygote)
        if whole is not None:
            found.append(replace(mistake, evidence=mistake.evidence.with_hidden_of(whole)))
    return found


@lru_cache(maxsize=256)
def _library(checks: Checks, sources: tuple[Path, ...], exercise: str) -> tuple[KnownMistake, ...]:
    return known_mistakes(checks, sources, [exercise]).get(exercise, ())


_observed: dict[tuple[Checks, int, str, str], Evidence | None] = {}


def _with_hidden(policy: Policy, exercise: str, name: str, zygote: Zygote) -> Evidence | None:
    """What all checks observe in a mistake with the seed of this grading: found out once in a process."""
    key = (policy.checks, policy.seed, exercise, name)
    if key not in _observed:
        if any(seed != policy.seed for _, seed, _, _ in _observed):
            _observed.clear()
        _observed[key] = _observe(policy, exercise, name, zygote)
    return _observed[key]


def _observe(policy: Policy, exercise: str, name: str, zygote: Zygote) -> Evidence | None:
    notebook = next((path for path in policy.sources if exercise in references(path)), None)
    if notebook is None:
        return None
    place = Place(policy.checks, notebook, exercise, tuple(policy.variables.items()))
    try:
        return observed(zygote, place, name, policy.seed)
    except ObserverError as error:
        log.warning("%s of %s was not observed: %s", name, exercise, error)
    return None
