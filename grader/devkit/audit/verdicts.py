"""What an audit says of an exercise: which mutants its checks let through, and what students would be told."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.devkit.audit.attempts import Finding, Outcome
from grader.devkit.audit.equivalents import Mark
from grader.devkit.audit.inputs import Inputs
from grader.evidence.mutation.mutants import Mutant


@dataclass(frozen=True)
class Refusal:
    """A right answer that loses points.

    Attributes:
        answer: its name.
        seed: of the inputs.
        check: that it failed, with its case.
        problem: what it was told.
    """

    answer: str
    seed: int
    check: str
    problem: str


@dataclass(frozen=True)
class FalseName:
    """A mutant that is given the name of a mistake which it is not.

    Attributes:
        mutant: it.
        mistake: the name.
        seed: of inputs on which the two differ.
    """

    mutant: Mutant
    mistake: str
    seed: int


@dataclass(frozen=True)
class ExerciseAudit:
    """What came of one exercise.

    Attributes:
        assignment: its assignment.
        exercise: its name.
        made: how many mutants there are.
        tried: those that were tried, each with what came of it.
        marks: the mutants that are marked as right answers, by their key.
        stale: marks of mutants that there are no more.
        mistakes: the known wrong answers by name, with what came of each.
        right: the right answers by name, with what came of each.
        inputs: what the checks called the reference with.
        false_names: mutants that are called what they are not.
        twins: pairs of mistakes that cannot be told apart.
        seconds: that all took.
    """

    assignment: str
    exercise: str
    made: int
    tried: Sequence[tuple[Mutant, Outcome]]
    marks: Sequence[Mark] = ()
    stale: Sequence[Mark] = ()
    mistakes: Sequence[tuple[str, Outcome]] = ()
    right: Sequence[tuple[str, Outcome]] = ()
    inputs: Inputs = field(default_factory=Inputs)
    false_names: Sequence[FalseName] = ()
    twins: Sequence[tuple[str, str]] = ()
    seconds: float = 0.0

    # ------------------------------------------------------------------------------------------------- mutants

    @property
    def marked(self) -> list[Mutant]:
        """Mutants that pass every check and are marked as right."""
        keys = {mark.key for mark in self.marks}
        return [mutant for mutant, outcome in self.tried if not outcome.is_killed and mutant.key in keys]

    @property
    def survived(self) -> list[Mutant]:
        """Mutants that pass every check, and nobody has said why."""
        keys = {mark.key for mark in self.marks}
        return [mutant for mutant, outcome in self.tried if not outcome.is_killed and mutant.key not in keys]

    @property
    def contradicted(self) -> list[Mutant]:
        """Mutants that are marked as right and fail a check."""
        keys = {mark.key for mark in self.marks}
        return [mutant for mutant, outcome in self.tried if outcome.is_killed and mutant.key in keys]

    @property
    def killed(self) -> list[tuple[Mutant, Outcome]]:
        """Mutants that fail a check."""
        return [(mutant, outcome) for mutant, outcome in self.tried if outcome.is_killed]

    @property
    def unseen(self) -> list[Mutant]:
        """Mutants that hidden checks alone notice."""
        return [mutant for mutant, outcome in self.killed if not outcome.is_seen]

    @property
    def named(self) -> list[tuple[Mutant, Outcome]]:
        """Killed mutants whose mistake is named."""
        return [(mutant, outcome) for mutant, outcome in self.killed if outcome.mistake]

    @property
    def as_changes(self) -> list[tuple[Mutant, Outcome]]:
        """Those of the named ones that nobody's mistake explains, and a right answer with a change does."""
        written = {name for name, _ in self.mistakes}
        return [(mutant, outcome) for mutant, outcome in self.named if outcome.mistake not in written]

    @property
    def raised(self) -> list[tuple[Mutant, Outcome]]:
        """Killed mutants without a name in which no check failed but for an error of Python's, shown with its line."""
        return [
            (mutant, outcome)
            for mutant, outcome in self.with_facts
            if not outcome.ended and all(finding.verdict != "failed" for finding in outcome.lost)
        ]

    @property
    def with_facts(self) -> list[tuple[Mutant, Outcome]]:
        """Killed mutants that no mistake explains, and that see what was expected and what came, or what broke."""
        return [(mutant, outcome) for mutant, outcome in self.killed if not outcome.mistake and shows_facts(outcome)]

    @property
    def with_nothing(self) -> list[tuple[Mutant, Outcome]]:
        """Killed mutants that are told that something is wrong, and nothing to go on."""
        return [
            (mutant, outcome) for mutant, outcome in self.killed if not outcome.mistake and not shows_facts(outcome)
        ]

    @property
    def told_nothing(self) -> list[tuple[Mutant, str]]:
        """Those, with the first thing that they are told."""
        return [(mutant, told_first(outcome)) for mutant, outcome in self.with_nothing]

    # -------------------------------------------------------------------------------------------------- checks

    @property
    def refusals(self) -> list[Refusal]:
        """Right answers that lose points."""
        found = [
            Refusal(name, finding.seed, check_of(finding), finding.problem or finding.fault)
            for name, outcome in self.right
            for finding in outcome.lost
        ]
        ended = [(name, outcome) for name, outcome in self.right if outcome.ended]
        return found + [Refusal(name, _last_seed(outcome), "", outcome.ended) for name, outcome in ended]

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """Checks that broke on an answer instead of judging it: the answer, the check, and the error."""
        every = [(str(mutant), outcome) for mutant, outcome in self.tried]
        return [
            (name, check_of(finding), finding.fault)
            for name, outcome in [*every, *self.mistakes, *self.right]
            for finding in outcome.findings
            if finding.verdict == "grader_error"
        ]

    @property
    def idle(self) -> list[str]:
        """Checks that no mutant and no known mistake ever failed: what are they for?"""
        if not self._wrong:
            return []
        caught = {
            (finding.check, finding.visible)
            for outcome in self._wrong
            for finding in outcome.findings
            if finding.caught
        }
        known = {(finding.check, finding.visible) for _, outcome in self.right for finding in outcome.findings}
        return sorted(f"{check} ({'visible' if visible else 'hidden'})" for check, visible in known - caught)

    @property
    def _wrong(self) -> list[Outcome]:
        return [outcome for _, outcome in self.killed] + [outcome for _, outcome in self.mistakes]

    @property
    def times(self) -> dict[str, float]:
        """The seconds that each check takes for a right answer, all its cases together, the slowest first."""
        by_run: dict[str, dict[tuple[str, int], float]] = {}
        for name, outcome in self.right:
            for finding in outcome.findings:
                check = f"{finding.check} ({'visible' if finding.visible else 'hidden'})"
                runs = by_run.setdefault(check, {})
                runs[name, finding.seed] = runs.get((name, finding.seed), 0.0) + finding.seconds
        medians = {check: statistics.median(runs.values()) for check, runs in by_run.items()}
        return dict(sorted(medians.items(), key=lambda item: -item[1]))

    @property
    def problems(self) -> int:
        """How many things are to be mended before students see the exercise."""
        found = (self.survived, self.contradicted, self.stale, self.refusals, self.faults, self.false_names)
        return sum(len(items) for items in found)

    def to_json(self) -> dict[str, Any]:
        """All of it, for machines."""

        def told(mutant: Mutant) -> dict[str, Any]:
            return {
                "of": mutant.base,
                "operator": mutant.operator,
                "line": mutant.line,
                "old": mutant.old,
                "new": mutant.new,
            }

        return {
            "assignment": self.assignment,
            "exercise": self.exercise,
            "mutants": self.made,
            "tried": len(self.tried),
            "killed": len(self.killed),
            "marked": len(self.marked),
            "survived": [told(mutant) | {"source": mutant.source} for mutant in self.survived],
            "contradicted": [told(mutant) for mutant in self.contradicted],
            "stale": [dict(zip(("of", "operator", "old", "new"), mark.key, strict=True)) for mark in self.stale],
            "seen": len(self.killed) - len(self.unseen),
            "unseen": [told(mutant) for mutant in self.unseen],
            "named": len(self.named),
            "as_changes": len(self.as_changes),
            "raised": len(self.raised),
            "facts": len(self.with_facts),
            "nothing": [told(mutant) | {"told": text} for mutant, text in self.told_nothing],
            "false_names": [
                told(item.mutant) | {"mistake": item.mistake, "seed": item.seed} for item in self.false_names
            ],
            "twins": [list(pair) for pair in self.twins],
            "timeouts": sum(outcome.ended == "timeout" for _, outcome in self.tried),
            "idle": self.idle,
            "refusals": [vars(refusal) for refusal in self.refusals],
            "faults": [list(fault) for fault in self.faults],
            "times": {check: round(seconds, 4) for check, seconds in self.times.items()},
            "never_drawn": {name: item.never for name, item in self.inputs.parameters.items() if item.never},
            "only_value": {
                name: item.only_value for name, item in self.inputs.parameters.items() if item.only_value is not None
            },
            "problems": self.problems,
            "seconds": round(self.seconds, 1),
        }


def _last_seed(outcome: Outcome) -> int:
    return outcome.findings[-1].seed if outcome.findings else 0


def shows_facts(outcome: Outcome) -> bool:
    """Whether a student sees what was expected and what came, or the error and its line, or that time ran out."""
    caught = [finding for finding in outcome.findings if finding.caught]
    return bool(outcome.ended) or any(finding.shows_facts or finding.verdict != "failed" for finding in caught)


def told_first(outcome: Outcome) -> str:
    """The first thing that a student is told."""
    return next((finding.problem for finding in outcome.lost), outcome.ended)


def check_of(finding: Finding) -> str:
    """A check's name, with its case."""
    return f"{finding.check}[{finding.case}]" if finding.case else finding.check
