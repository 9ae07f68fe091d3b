"""Diagnosis by evidence: whose mistake answers everything that the checks asked as the student's code does.

A known mistake is a program. Its `Evidence` is what the checks found of it and observed in it. Where a student's
evidence is the same, the student made that mistake; where it is nobody's, nobody claims to know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from grader.checking.results import CheckResult, ExerciseResult, NamedMistake, Verdict
from grader.course import OBSERVED, OBSERVED_FORMAT
from grader.kit.messages import verbatim, written
from grader.kit.observations import Observation

_TELLING: Final = {Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.NOT_JUDGED}
"""Verdicts that say something of the answer; any other one is a fact that needs no explanation."""

NEARLY: Final = 20.0
"""How many times the usual rounding two trainings of one code come apart: up to 10 was seen after Adam's steps."""

_VISIBLE: Final = "visible::"
_DIGITS: Final = 3


@dataclass(frozen=True)
class Trace:
    """One check that did not pass.

    Attributes:
        verdict: what came of it.
        problem: what it said, before translation and without its values.
        observations: the replies that it got; None where they depend on chance.
    """

    verdict: str
    problem: str
    observations: tuple[Observation, ...] | None

    def agrees(self, other: Trace, slack: float = 1.0) -> bool:
        """Whether another one says the same of the same replies, but for rounding."""
        if (self.verdict, self.problem) != (other.verdict, other.problem):
            return False
        if self.observations is None or other.observations is None:
            return True
        return len(self.observations) == len(other.observations) and all(
            own.agrees(theirs, slack) for own, theirs in zip(self.observations, other.observations, strict=True)
        )

    @property
    def tells(self) -> bool:
        """Whether two answers that it is the same of may be one mistake: it saw something that is not chance."""
        return self.observations is not None and self.verdict != Verdict.NOT_JUDGED.value


@dataclass(frozen=True)
class Evidence:
    """What the checks of an exercise observed in one answer.

    Attributes:
        traces: the checks that did not pass, by `check_id`; None for one that passes or not by chance, which says
            nothing.
    """

    traces: Mapping[str, Trace | None] = field(default_factory=dict)

    def agrees(self, other: Evidence, slack: float = 1.0) -> bool:
        """Whether two answers are the same to everything that was asked; two right ones are nobody's mistake."""
        pairs = ((trace, other.traces.get(name)) for name, trace in self.traces.items())
        is_told = any(own is not None and own.tells and theirs is not None and theirs.tells for own, theirs in pairs)
        return is_told and not self.contradicts(other, slack)

    def contradicts(self, other: Evidence, slack: float = 1.0) -> bool:
        """Whether something that was asked of both tells two answers apart."""
        names = self.traces.keys() | other.traces.keys()
        pairs = ((self.traces.get(name, _PASSED), other.traces.get(name, _PASSED)) for name in names)
        return any(own is not None and theirs is not None and not own.agrees(theirs, slack) for own, theirs in pairs)

    def with_hidden_of(self, other: Evidence) -> Self:
        """This evidence of the visible checks, with another one's of the hidden checks."""
        hidden = {name: trace for name, trace in other.traces.items() if not name.startswith(_VISIBLE)}
        return type(self)({**self.traces, **hidden})

    def of_visible(self) -> Self:
        """What the visible checks observed."""
        return type(self)({name: trace for name, trace in self.traces.items() if name.startswith(_VISIBLE)})

    def without_chance(self, again: Evidence) -> Self:
        """The same without what came out otherwise at another time."""
        names = self.traces.keys() | again.traces.keys()
        pairs = {name: (self.traces.get(name, _PASSED), again.traces.get(name, _PASSED)) for name in names}
        kept = {name: _common(own, other) for name, (own, other) in pairs.items()}
        return type(self)({name: trace for name, trace in kept.items() if trace is not _PASSED})

    @property
    def digest(self) -> str:
        """Equal for answers that behave alike, but for rounding at a digit's edge; empty for a right one."""
        if not self.traces:
            return ""
        told = [
            [name, trace.verdict, trace.problem, [_rounded(seen) for seen in trace.observations]]
            for name, trace in sorted(self.traces.items())
            if trace is not None and trace.observations is not None
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            name: None if trace is None else [trace.verdict, trace.problem, _seen_to_json(trace.observations)]
            for name, trace in sorted(self.traces.items())
        }

    @classmethod
    def from_json(cls, node: Mapping[str, Any]) -> Self:
        """Reads `to_json`."""
        return cls(
            {
                name: None if trace is None else Trace(trace[0], trace[1], _seen_from_json(trace[2]))
                for name, trace in node.items()
            }
        )


_PASSED: Final = Trace(Verdict.PASSED.value, "", ())


def _common(one: Trace | None, other: Trace | None) -> Trace | None:
    """What two runs of a check on one answer have in common."""
    if one is None or other is None or (one.verdict, one.problem) != (other.verdict, other.problem):
        return None
    return one if one.agrees(other) else replace(one, observations=None)


def _seen_to_json(seen: tuple[Observation, ...] | None) -> Any:
    return None if seen is None else [item.to_json() for item in seen]


def _seen_from_json(node: Any) -> tuple[Observation, ...] | None:
    return None if node is None else tuple(Observation.from_json(item) for item in node)


def _rounded(seen: Observation) -> list[Any]:
    return [seen.exact, *(f"{number:.{_DIGITS}g}" for number, allowed in seen.sums if abs(number) > 100 * allowed)]


def check_id(result: CheckResult) -> str:
    """What a check is called in evidence; the same for each run of it."""
    return f"{_VISIBLE if result.visible else 'hidden::'}{result.check}[{result.case}]"


def evidence_of(results: Iterable[CheckResult]) -> Evidence | None:
    """The evidence in an exercise's results; None where some say nothing of the answer, as after a time-out."""
    traces: dict[str, Trace | None] = {}
    for result in results:
        if result.verdict not in _TELLING:
            return None
        if not result.passed:
            problem = result.diagnosis.problem.text if result.diagnosis is not None else ""
            traces[check_id(result)] = Trace(result.verdict.value, problem, result.observed)
    return Evidence(traces)


@dataclass(frozen=True)
class KnownMistake:
    """A mistake of an exercise's library.

    Attributes:
        name: unique in its exercise.
        title: what is wrong, by language.
        hint: one next step, by language.
        evidence: what the checks observe in it.
        is_change: whether nobody wrote it: it is a right answer with one change.
    """

    name: str
    title: Mapping[str, str]
    hint: Mapping[str, str]
    evidence: Evidence
    is_change: bool = False

    @property
    def named(self) -> NamedMistake:
        """What a student is told of it."""
        return NamedMistake(self.name, written(self.title), written(self.hint), self.is_change)


def the_mistake(theirs: Evidence, known: Iterable[KnownMistake]) -> NamedMistake | None:
    """The known mistake that an answer is; None where it is none, or cannot be told from another one.

    One that somebody wrote comes before a right answer with a change. Several that look alike and have one hint are
    one to a student, who is told what they share: that hint, and the title if it is one. Training makes more of
    rounding: where nobody's replies are the same, those are asked that are nearly the same, and only one may be.
    """
    known = list(known)
    alike = [mistake for mistake in known if mistake.evidence.agrees(theirs)]
    found = [mistake for mistake in alike if not mistake.is_change] or alike
    written_down = [mistake for mistake in known if not mistake.is_change]
    found = found or [mistake for mistake in written_down if mistake.evidence.agrees(theirs, NEARLY)]
    if not found or any(dict(mistake.hint) != dict(found[0].hint) for mistake in found):
        return None
    if found[0].is_change:
        return found[0].named if len(found) == 1 else None
    named = found[0].named
    is_one = all(dict(mistake.title) == dict(found[0].title) for mistake in found)
    return named if is_one else replace(named, title=named.hint, hint=verbatim(""))


def dump(mistakes: Sequence[KnownMistake], *, of: str = "") -> bytes:
    """The content of `OBSERVED`.

    Args:
        mistakes: of one exercise.
        of: a digest of what they were observed in.
    """
    lines = [
        json.dumps(
            {
                "name": mistake.name,
                "title": dict(mistake.title),
                "hint": dict(mistake.hint),
                "checks": mistake.evidence.to_json(),
                **({"is_change": True} if mistake.is_change else {}),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for mistake in mistakes
    ]
    joined = ",\n".join(lines)
    return f'{{"format":{OBSERVED_FORMAT},"of":"{of}","mistakes":[\n{joined}\n]}}\n'.encode()


def load(content: bytes) -> tuple[KnownMistake, ...]:
    """Reads `dump`; nothing where it was written by another version.

    Raises:
        ValueError: it is damaged.
    """
    try:
        found = json.loads(content)
        if found.get("format") != OBSERVED_FORMAT:
            return ()
        return tuple(
            KnownMistake(
                node["name"],
                node["title"],
                node["hint"],
                Evidence.from_json(node["checks"]),
                bool(node.get("is_change")),
            )
            for node in found["mistakes"]
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"not a list of known mistakes: {error}") from None


def known_beside(checks: Path, exercise: str) -> tuple[KnownMistake, ...]:
    """The known mistakes that were released with an exercise's checks; none where there are none.

    Args:
        checks: the folder of the assignment's checks.
        exercise: its name.
    """
    path = checks / exercise / OBSERVED
    return _loaded(path, path.stat().st_mtime_ns) if path.is_file() else ()


def explained(result: ExerciseResult, checks: Path) -> ExerciseResult:
    """An exercise's results with the mistake that it is, as far as its visible checks and what was released tell.

    Args:
        result: of the visible checks.
        checks: the folder of the assignment's checks.
    """
    theirs = evidence_of(result.checks)
    if theirs is None or not theirs.traces:
        return result
    return replace(result, mistake=the_mistake(theirs, known_beside(checks, result.exercise)))


@lru_cache(maxsize=64)
def _loaded(path: Path, changed: int) -> tuple[KnownMistake, ...]:  # noqa: ARG001 - the cache's key
    try:
        return load(path.read_bytes())
    except (OSError, ValueError):
        return ()  # a hint is missing, and no check
