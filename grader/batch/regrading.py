"""What grading a submission again changes: whose points, by which check, and what is kept of the earlier grading.

What the earlier grading found is in the gradebook and in the autograded notebook; nothing else is stored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from nbgrader.api import SubmittedAssignment

from grader.batch.submissions import KEPT_KEY, SUBMITTED_KEY, Submission
from grader.batch.tasks import AutogradedNotebook, Outcome, Task
from grader.checking.results import MIME_TYPE
from grader.grading.limits import QUARANTINE_KEY

PENALTY: Final = "late penalty"
"""What stands for a cell where the points for handing in late have changed."""

_LEAST: Final = 1e-6
"""Points that are none."""

Grade = tuple[str, str]
"""A graded cell: its notebook's name and its own."""

Penalty = Callable[[float], float]
"""The penalty for a notebook of so many points."""


@dataclass(frozen=True)
class StoredGrade:
    """What the gradebook holds of a graded cell.

    Attributes:
        auto: the grader's points.
        manual: a person's, which count in their place.
        extra: a person's, which count beside them.
        needs_manual: whether it waits for a person.
    """

    auto: float | None
    manual: float | None
    extra: float
    needs_manual: bool

    def points(self, auto: float | None) -> float:
        """What it is worth where the grader gives `auto` points."""
        return (self.manual if self.manual is not None else auto or 0.0) + self.extra


@dataclass(frozen=True)
class Stored:
    """What the gradebook holds of a submission.

    Attributes:
        grades: of its cells.
        penalties: by notebook.
        timestamp: when it was handed in.
    """

    grades: Mapping[Grade, StoredGrade]
    penalties: Mapping[str, float]
    timestamp: str | None

    @classmethod
    def of(cls, submission: SubmittedAssignment) -> Stored:
        """The gradebook's rows."""
        return cls(
            {
                (notebook.name, grade.name): StoredGrade(
                    grade.auto_score, grade.manual_score, grade.extra_credit or 0.0, bool(grade.needs_manual_grade)
                )
                for notebook in submission.notebooks
                for grade in notebook.grades
            },
            {notebook.name: notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks},
            submission.timestamp.isoformat() if submission.timestamp is not None else None,
        )

    def total(self, notebook: str | None = None, grades: Mapping[Grade, float | None] | None = None) -> float:
        """The points of a notebook or of all, without penalties, where `grades` are the grader's in place of these."""
        new = grades or {}
        return sum(
            stored.points(new.get(cell, stored.auto))
            for cell, stored in self.grades.items()
            if notebook in (None, cell[0])
        )

    @property
    def score(self) -> float:
        """Of all notebooks, penalties taken off."""
        return self.total() - sum(self.penalties.values())


@dataclass(frozen=True)
class Change:
    """A graded cell whose points are others than before.

    Attributes:
        cell: which; `PENALTY` where it is what is taken off a notebook.
        before: its points.
        after: its points.
        is_lower: whether a student loses by it.
        checks: what its checks found before and find now, where they differ.
    """

    cell: Grade
    before: float
    after: float
    is_lower: bool
    checks: tuple[str, ...] = ()

    def __str__(self) -> str:
        by = f" ({'; '.join(self.checks)})" if self.checks else ""
        return f"{self.cell[1]} {self.before:g} → {self.after:g}{by}"


@dataclass(frozen=True)
class Regrade:
    """A submission that is graded again.

    Attributes:
        before: its points, penalties taken off.
        after: the same now, as `changes` have it.
        points: what could be had.
        changes: cells whose points are others.
        is_new: whether something else was handed in since.
        floors: for each notebook, the points that it had, penalty taken off.
    """

    before: float
    after: float
    points: float
    changes: tuple[Change, ...]
    is_new: bool
    floors: Mapping[str, float] = field(default_factory=dict)

    @property
    def lower(self) -> tuple[Change, ...]:
        """By which the student loses points for what was handed in before."""
        return () if self.is_new else tuple(change for change in self.changes if change.is_lower)


def regrade(submission: Submission, task: Task, outcome: Outcome, stored: Stored, penalty: Penalty) -> Regrade:
    """Compares a grading with the earlier one.

    Args:
        submission: whose autograded folder is still that of before.
        task: what was graded.
        outcome: the grading.
        stored: the gradebook's rows of before.
        penalty: the course's, for this submission.
    """
    scores = _scores(outcome, stored)
    earlier = {name: _read(submission.destination / f"{name}.ipynb") for name in outcome.notebooks}
    now = {name: _parsed(notebook.content) for name, notebook in outcome.notebooks.items()}
    found, after = [], 0.0
    for cell, score in scores.items():
        old, new = stored.grades[cell].points(stored.grades[cell].auto), stored.grades[cell].points(score)
        if abs(old - new) > _LEAST:
            checks = tuple(_differences(_results(earlier.get(cell[0]), cell[1]), _results(now.get(cell[0]), cell[1])))
            found.append(Change(cell, old, new, new < old, checks))
    floors = {}
    for name, taken in stored.penalties.items():
        floors[name] = stored.total(name) - taken
        total = stored.total(name, scores)
        if name in outcome.notebooks:
            due = min(max(penalty(total), 0.0), total)
            if abs(due - taken) > _LEAST:
                is_lower = total - due < floors[name] - _LEAST and total >= stored.total(name) - _LEAST
                found.append(Change((name, PENALTY), 0.0 - taken, 0.0 - due, is_lower))
            taken = due
        after += total - taken
    is_new = _is_new(task, stored, earlier.values())
    return Regrade(stored.score, after, outcome.points, tuple(found), is_new, floors)


def _scores(outcome: Outcome, stored: Stored) -> dict[Grade, float | None]:
    """The grader's points of the cells that the gradebook knows."""
    given: dict[Grade, float | None] = {
        (name, grade.name): grade.score
        for name, notebook in outcome.notebooks.items()
        for grade in notebook.grades.cells
    }
    given |= {cell: 0.0 for cell in stored.grades if cell[0] in outcome.missing}
    return {cell: score for cell, score in given.items() if cell in stored.grades}


def _is_new(task: Task, stored: Stored, earlier: Collection[Any]) -> bool:
    """Whether something else was handed in than what the autograded folder was made of."""
    marks = {about.get(SUBMITTED_KEY) for notebook in earlier if (about := _about(notebook)) is not None}
    if marks and None not in marks:
        return marks != {task.submitted}
    return bool(task.timestamp and stored.timestamp and task.timestamp[:19] > stored.timestamp[:19])


def kept(outcome: Outcome, found: Regrade, stored: Stored, submission: Submission) -> Outcome:
    """The grading with what would lose its student points left as it was: the points, and what its checks had found."""
    lower = {change.cell: change for change in found.lower if change.cell[1] != PENALTY}
    notebooks = {}
    for name, graded in outcome.notebooks.items():
        mine = {cell[1]: change for cell, change in lower.items() if cell[0] == name}
        if not mine:
            notebooks[name] = graded
            continue
        cells = tuple(
            replace(
                grade,
                score=stored.grades[name, grade.name].auto,
                needs_manual_grade=stored.grades[name, grade.name].needs_manual,
            )
            if grade.name in mine
            else grade
            for grade in graded.grades.cells
        )
        content = _with_outputs(graded.content, _read(submission.destination / f"{name}.ipynb"), mine)
        notebooks[name] = AutogradedNotebook(content, replace(graded.grades, cells=cells))
    return replace(outcome, notebooks=notebooks)


def _with_outputs(content: bytes, earlier: Any, changes: Mapping[str, Change]) -> bytes:
    """A notebook with the outputs that some of its graded cells had before."""
    notebook = json.loads(content)
    outputs = {
        name: cell["outputs"] for cell in _cells(earlier) if (name := _name(cell)) in changes and "outputs" in cell
    }
    for cell in _cells(notebook):
        if _name(cell) in outputs:
            cell["outputs"] = outputs[_name(cell)]
    about = notebook["metadata"].setdefault(QUARANTINE_KEY, {})
    about[KEPT_KEY] = {name: change.after for name, change in changes.items()}
    return json.dumps(notebook, ensure_ascii=False).encode()


# --------------------------------------------------------------------------------------------------- notebooks


def _read(path: Path) -> Any:
    """A notebook's JSON; None where there is none."""
    with suppress(OSError):
        return _parsed(path.read_bytes())
    return None


def _parsed(content: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        found = json.loads(content)
        return found if isinstance(found, dict) else None
    return None


def _about(notebook: Any) -> Mapping[str, Any] | None:
    """What we noted of a notebook as a whole."""
    if notebook is None:
        return None
    metadata = notebook.get("metadata")
    about = metadata.get(QUARANTINE_KEY, {}) if isinstance(metadata, dict) else {}
    return about if isinstance(about, dict) else {}


def _cells(notebook: Any) -> list[dict[str, Any]]:
    cells = notebook.get("cells") if notebook is not None else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _name(cell: Mapping[str, Any]) -> str | None:
    """nbgrader's name of a graded cell; None for any other one."""
    with suppress(KeyError, TypeError, AttributeError):
        about = cell["metadata"]["nbgrader"]
        return str(about["grade_id"]) if about.get("grade") or about.get("task") else None
    return None


def _results(notebook: Any, name: str) -> list[Mapping[str, Any]] | None:
    """What the checks of a cell had to say, as JSON; None where it holds no results of ours."""
    for cell in _cells(notebook):
        if _name(cell) != name:
            continue
        for output in cell.get("outputs", ()):
            with suppress(KeyError, TypeError, AttributeError):
                return [check for check in output["data"][MIME_TYPE]["checks"] if isinstance(check, dict)]
    return None


def _differences(
    before: Sequence[Mapping[str, Any]] | None, after: Sequence[Mapping[str, Any]] | None
) -> Iterator[str]:
    """The checks that found something else: their names, and what they found."""
    if before is None or after is None:
        return
    old, new = _verdicts(before), _verdicts(after)
    differ = [check for check in old | new if old.get(check) != new.get(check)]
    for check in differ:
        yield f"{check}: {_shown(old.get(check))} → {_shown(new.get(check))}"
    if not differ:
        yield "the weights of its checks or its points"


def _verdicts(checks: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for check in checks:
        found.setdefault(str(check.get("check")), Counter())[str(check.get("verdict")).replace("_", " ")] += 1
    return found


def _shown(verdicts: Counter[str] | None) -> str:
    """A check's verdict, or those of its cases."""
    if verdicts is None:
        return "no such check"
    if verdicts.total() == 1:
        return next(iter(verdicts))
    return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
