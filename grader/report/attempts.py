"""Attempt after attempt: what nbgrader's exchange still has of submissions that later ones replaced.

The gradebook and the course's folders hold a student's last submission alone. The exchange keeps all of them, and each
page of feedback that was released for one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.report.collect import AssignmentReport

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

_EXCHANGE: Final = "/usr/local/share/nbgrader/exchange"
"""nbgrader's own, where a course names no other."""

_SCORE: Final = re.compile(rb"<h4>([^<]*) \(Score: (\d+(?:\.\d+)?) / ")
_PENALTY: Final = re.compile(rb"Late submission penalty \(Score: -(\d+(?:\.\d+)?)\)")
_MOST: Final = 4 * 2**20
"""Bytes of a page of feedback; its title is at the beginning, after the style sheets."""


@dataclass(frozen=True)
class Attempt:
    """One time that a student handed in.

    Attributes:
        timestamp: when, in UTC.
        score: what its feedback says; None where none was released.
    """

    timestamp: datetime
    score: float | None


def attempts_of(course: CourseDirectory, report: AssignmentReport) -> dict[str, tuple[Attempt, ...]] | None:
    """The attempts of each student of a report who has several, the first one first; None without an exchange.

    The last one's points are the gradebook's, where it is the one that is graded.
    """
    inbound, feedback = _exchange(course)
    if inbound is None:
        return None
    found: dict[str, list[Attempt]] = {}
    try:
        folders = sorted(inbound.glob(f"*+{_escaped(report.assignment)}+*"))
    except OSError:
        return None
    students = {student.student: student for student in report.students}
    for folder in folders:
        student, assignment, stamp = _parts(folder.name)
        if student not in students or assignment != report.assignment or stamp is None:
            continue
        one = students[student]
        is_graded_one = one.timestamp is not None and abs((one.timestamp - stamp).total_seconds()) < 1
        score = one.score if is_graded_one else _released_score(folder, feedback)
        found.setdefault(student, []).append(Attempt(stamp, score))
    return {
        student: tuple(sorted(attempts, key=lambda attempt: attempt.timestamp))
        for student, attempts in found.items()
        if len(attempts) > 1
    }


def changes(attempts: Mapping[str, tuple[Attempt, ...]]) -> Iterator[float]:
    """The points that each student gained from the first attempt with points to the last one with points."""
    for tries in attempts.values():
        scores = [attempt.score for attempt in tries if attempt.score is not None]
        if len(scores) > 1:
            yield scores[-1] - scores[0]


def _exchange(course: CourseDirectory) -> tuple[Path | None, Path]:
    root = Path(str(course.config.Exchange.get("root", _EXCHANGE))) / str(course.course_id or "")
    inbound = root / "inbound"
    try:
        is_there = bool(course.course_id) and inbound.is_dir()
    except OSError:
        is_there = False
    return (inbound if is_there else None), root / "feedback"


def _parts(name: str) -> tuple[str, str, datetime | None]:
    """The student, the assignment and the time in the name of a folder: ``ada+ps1+2026-01-31 10:00:00 UTC+x1y2``."""
    from nbgrader.utils import parse_utc

    parts = name.rsplit("+", 3) if name.count("+") > 2 else name.rsplit("+", 2)
    if len(parts) < 3:
        return "", "", None
    try:
        return parts[0], parts[1], parse_utc(parts[2])
    except (ValueError, OverflowError):
        return "", "", None


def _released_score(attempt: Path, feedback: Path) -> float | None:
    """The points in the pages of feedback that were released for an attempt, all its notebooks together."""
    from nbgrader.utils import notebook_hash

    try:
        secret = (attempt / "submission_secret.txt").read_text(encoding="utf-8")
        notebooks = sorted(path.stem for path in attempt.glob("*.ipynb"))
        pages = [feedback / f"{notebook_hash(secret=secret, notebook_id=name)}.html" for name in notebooks]
        scores = [_score(page, name) for page, name in zip(pages, notebooks, strict=True) if page.is_file()]
    except (OSError, ValueError):
        return None
    known = [score for score in scores if score is not None]
    return sum(known) if known else None


def _score(page: Path, notebook: str) -> float | None:
    with page.open("rb") as file:
        content = file.read(_MOST)
    for match in _SCORE.finditer(content):
        if html.unescape(match[1].decode("utf-8", "replace")) == notebook:
            penalty = _PENALTY.search(content, match.end(), match.end() + 20_000)
            return max(0.0, float(match[2]) - (float(penalty[1]) if penalty else 0.0))
    return None


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
