"""What came of checks: verdicts, scores, and their JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from grader.kit.failures import Diagnosis
from grader.kit.messages import Message, tr

if TYPE_CHECKING:
    from grader.kit.observations import Observation

MIME_TYPE: Final = "application/vnd.aulatorch.exercise+json"
"""Under this key of a check cell's output lies `ExerciseResult.to_json`."""

FORMAT: Final = 1


class Verdict(StrEnum):
    """What a check found."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    NOT_JUDGED = "not_judged"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    GRADER_ERROR = "grader_error"


VERDICT_TITLES: Final = {
    Verdict.PASSED: tr("passed"),
    Verdict.FAILED: tr("failed"),
    Verdict.NOT_ATTEMPTED: tr("not attempted"),
    Verdict.NOT_JUDGED: tr("not judged"),
    Verdict.ERROR: tr("error"),
    Verdict.TIMEOUT: tr("too slow"),
    Verdict.MEMORY: tr("too much memory"),
    Verdict.CRASHED: tr("crashed"),
    Verdict.GRADER_ERROR: tr("to be graded by hand"),
}


@dataclass(frozen=True)
class CheckResult:
    """One check, or one case of a check with parameters.

    Attributes:
        check: the check function's name.
        case: the parameters' id, empty without parameters.
        exercise: the exercise it belongs to.
        title: what the check verifies, its docstring.
        verdict: what was found.
        weight: its share of the exercise.
        visible: whether it is one of the sample checks that students have.
        diagnosis: why it did not pass.
        fault: for the instructor's log alone, the traceback of a grader's error.
        observed: the replies of the student's code, where it did not pass.
    """

    check: str
    case: str
    exercise: str
    title: Message
    verdict: Verdict
    weight: float = 1.0
    visible: bool = True
    diagnosis: Diagnosis | None = None
    fault: str | None = None
    observed: tuple[Observation, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.verdict is Verdict.PASSED

    def to_json(self, language: str) -> dict[str, Any]:
        """The result as JSON, with its texts in `language`; the case of a hidden check is left out."""

        def text(message: Message | None) -> str | None:
            return None if message is None else message.render(language)

        found: dict[str, Any] = {
            "check": self.check,
            "title": self.title.render(language),
            "verdict": self.verdict.value,
            "weight": round(self.weight, 6),
            "visible": self.visible,
        }
        if self.visible and self.case:
            found["case"] = self.case
        if self.diagnosis is not None:
            for key in ("problem", "expected", "actual", "hint", "where"):
                if (value := text(getattr(self.diagnosis, key))) is not None:
                    found[key] = value
            if self.diagnosis.called is not None:
                found["called"] = self.diagnosis.called
        return found


@dataclass(frozen=True)
class NamedMistake:
    """A known mistake whose answers are the student's own on everything that the checks asked.

    Attributes:
        name: in the exercise's library.
        title: what is wrong.
        hint: one next step.
        is_change: whether nobody wrote it down: it is a right answer with one change.
    """

    name: str
    title: Message
    hint: Message
    is_change: bool = False

    def to_json(self, language: str) -> dict[str, Any]:
        """As JSON, with its texts in `language`."""
        texts = {"name": self.name, "title": self.title.render(language), "hint": self.hint.render(language)}
        return {**texts, "is_change": True} if self.is_change else texts


@dataclass(frozen=True)
class ExerciseResult:
    """All the checks of one exercise.

    Attributes:
        exercise: its name, the cell's `grade_id`.
        points: what the exercise is worth.
        checks: what each check found, in the order they ran.
        notices: what the student should know beside them, such as a cell that was put back.
        seed: of the random inputs; with it any result can be had again.
        mistake: the known mistake that it is; None where it passed or nobody knows.
        observations: a digest of what the checks that did not pass observed: equal ones behave alike.
        seconds: that its cells and checks took, where that was measured.
    """

    exercise: str
    points: float
    checks: tuple[CheckResult, ...] = ()
    notices: tuple[Message, ...] = ()
    seed: int | None = None
    mistake: NamedMistake | None = None
    observations: str = ""
    seconds: float | None = field(default=None, compare=False)

    @property
    def needs_manual_grade(self) -> bool:
        """Whether a fault of the grader's own keeps it from deciding."""
        counted = [check for check in self.checks if check.weight > 0]
        return not self.checks or any(check.verdict is Verdict.GRADER_ERROR for check in counted)

    @property
    def score(self) -> float:
        """Points earned: the weight of the checks that passed over the weight of all, rounded to a hundredth."""
        total = sum(check.weight for check in self.checks)
        if total == 0:
            return 0.0
        if all(check.passed for check in self.checks):
            return float(self.points)
        earned = sum(check.weight for check in self.checks if check.passed)
        return round(self.points * earned / total, 2)

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many checks came to each verdict."""
        return Counter(check.verdict for check in self.checks)

    @property
    def passed(self) -> bool:
        """Whether every check that counts passed."""
        return bool(self.checks) and all(check.passed or check.weight == 0 for check in self.checks)

    def to_json(self, language: str) -> dict[str, Any]:
        """The result as JSON, with its texts in `language`."""
        found: dict[str, Any] = {
            "format": FORMAT,
            "exercise": self.exercise,
            "points": self.points,
            "score": self.score,
            "needs_manual_grade": self.needs_manual_grade,
            "seed": self.seed,
            "language": language,
            **({"mistake": self.mistake.to_json(language)} if self.mistake is not None else {}),
            **({"observations": self.observations} if self.observations else {}),
            "notices": [notice.render(language) for notice in self.notices],
            "checks": [check.to_json(language) for check in self.checks],
        }
        if self.seconds is not None:
            found["seconds"] = round(self.seconds, 2)
        return found


@dataclass(frozen=True)
class CheckGroup:
    """The cases of one check function, shown to a student as one line."""

    title: Message
    cases: tuple[CheckResult, ...] = field(default=())

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(case.passed for case in self.cases)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the first case that did not pass."""
        return next((case.verdict for case in self.cases if not case.passed), Verdict.PASSED)

    @property
    def failure(self) -> CheckResult | None:
        """The first case that did not pass."""
        return next((case for case in self.cases if not case.passed), None)

    @property
    def visible(self) -> bool:
        """Whether it is one of the sample checks."""
        return all(case.visible for case in self.cases)


def group(results: Iterable[CheckResult]) -> list[CheckGroup]:
    """The results by check function, in the order they ran."""
    groups: dict[tuple[str, bool], CheckGroup] = {}
    for result in results:
        key = (result.check, result.visible)
        known = groups.get(key, CheckGroup(result.title))
        groups[key] = CheckGroup(known.title, (*known.cases, result))
    return list(groups.values())


def share_weights(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Shares each check function's weight among its cases."""
    cases = Counter((result.check, result.visible, result.exercise) for result in results)
    return [
        replace(result, weight=result.weight / cases[result.check, result.visible, result.exercise])
        for result in results
    ]
