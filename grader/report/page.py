"""The report as one page of HTML that needs nothing beside it: no network, no script, no other file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from grader.checking.results import VERDICT_TITLES
from grader.kit.messages import Message, current_language, tr, trn
from grader.report.analysis import Analysis
from grader.report.attempts import Attempt, changes
from grader.report.collect import State, StudentReport
from grader.report.comparison import Change
from grader.report.mistakes import ClassMistake, Kind
from grader.report.pictures import heat_map, histogram, mistake_bars
from grader.report.waiting import Waiting
from grader.report.wording import KINDS, WORDS

_ROUNDING: Final = 0.005
"""Points: what is less is shown as none."""


def render_page(analysis: Analysis) -> str:
    """The page, in the language that is spoken."""
    report, summary = analysis.report, analysis.summary
    columns = report.columns
    context = {
        "w": {name: str(text) for name, text in WORDS.items()},
        "language": current_language(),
        "analysis": analysis,
        "report": report,
        "summary": summary,
        "columns": columns,
        "subtitle": _subtitle(analysis),
        "tiles": _tiles(analysis),
        "exercises": analysis.exercises,
        "mistakes": _by_exercise(analysis),
        "waiting": [_waiting(group, columns) for group in analysis.waiting],
        "telltales": analysis.telltales,
        "attempts": _attempts(analysis),
        "changed": str(summary_of_changes(analysis.changes or ())),
        "students": sorted(report.students, key=lambda one: (-one.score, one.student.lower()))
        if analysis.is_anonymous
        else report.students,
        "pictures": _pictures(analysis),
        "State": State,
        "Kind": Kind,
    }
    return _environment().get_template("report.html.j2").render(context)


def _pictures(analysis: Analysis) -> dict[str, dict[str, Markup]]:
    """Each picture for a page as wide as a sheet and for a narrow one, of which the page shows one."""
    report = analysis.report
    drawings = {
        "histogram": partial(histogram, analysis.summary, report.max_score),
        "heat_map": partial(heat_map, report, analysis.exercises),
        "mistakes": partial(mistake_bars, report, analysis.mistakes),
    }
    return {
        name: {width: Markup(draw(narrow=width == "narrow")) for width in ("sheet", "narrow")}  # noqa: S704 - matplotlib escapes texts
        for name, draw in drawings.items()
    }


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "code": _with_code,
        "points": points,
        "gain": gain,
        "share": share,
        "duration": duration,
        "date": date,
        "students": lambda number: str(trn("{n} student", "{n} students", number)),
        "of": lambda number, whole: str(tr("{n} of {total}", n=number, total=whole)),
    }
    environment.globals["remarks"] = remarks
    return environment


def _with_code(text: str) -> Markup:
    """Escapes a text and sets what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just there


def points(number: float | None) -> str:
    """Points to a tenth, or to a hundredth where that says more; a dash for none."""
    return "—" if number is None else f"{round(number, 2):g}"


def gain(number: float) -> str:
    """Points gained or lost, with their sign."""
    return f"{round(number, 2):+g}".replace("-", "−") if abs(number) >= _ROUNDING else "0"


def share(number: float | None) -> str:
    """A share from 0 to 1 in percent."""
    return "—" if number is None else f"{100 * number:.0f}\u00a0%"


def duration(time: timedelta | None) -> str:
    """A time in its two largest units."""
    if not time:
        return ""
    minutes = max(1, round(time.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, tr("{n} d", n=days)), (hours, tr("{n} h", n=hours)), (minutes, tr("{n} min", n=minutes))]
    return " ".join(str(text) for number, text in parts if number)


def date(when: datetime | None) -> str:
    """A date and a time of day, in UTC."""
    return "" if when is None else f"{when:%Y-%m-%d %H:%M} UTC"


def remarks(student: StudentReport, columns: dict[Any, str]) -> list[str]:
    """What there is to know of a student beside the points."""
    found: list[Message | str] = list(student.notices)
    if student.by_hand:
        found.append(tr("To be graded by hand: {cells}.", cells=", ".join(columns[cell] for cell in student.by_hand)))
    if student.late:
        found.append(tr("Late by {time}.", time=duration(student.late)))
    if student.extension:
        found.append(tr("Extension: {time}.", time=duration(student.extension)))
    if student.penalty:
        found.append(tr("Penalty for handing in late: {points}.", points=points(student.penalty)))
    if student.extra_credit:
        found.append(tr("Extra credit: {points}.", points=points(student.extra_credit)))
    return [str(text) for text in found]


def summary_of_changes(changes: Sequence[Change]) -> Message:
    """How many gained and lost points since an earlier report."""
    more, less = (sum(sign * change.gain > 0 for change in changes) for sign in (1, -1))
    if not changes:
        return tr("Nobody's points have changed since the earlier report.")
    return tr("Since the earlier report {more} gained points and {less} lost some.", more=more, less=less)


def _subtitle(analysis: Analysis) -> str:
    report = analysis.report
    parts = [report.course] if report.course else []
    parts.append(str(tr("{points} points in all", points=points(report.max_score))))
    if report.due is not None:
        parts.append(str(tr("due {date}", date=date(report.due))))
    parts.append(str(tr("made on {date}", date=date(datetime.now(UTC)))))
    return " · ".join(parts)


def _tiles(analysis: Analysis) -> list[tuple[str, str, str]]:
    """The numbers on top: each with its label, and what it is of."""
    summary, most = analysis.summary, analysis.report.max_score
    late = str(tr("{n} with an extension", n=summary.extended)) if summary.extended else ""
    if analysis.report.due is None:
        late = str(tr("the gradebook has no due date"))
    details = [
        (summary.ungraded, tr("{n} not graded yet", n=summary.ungraded)),
        (summary.unreadable, tr("{n} that could not be opened", n=summary.unreadable)),
    ]
    about = ", ".join(str(text) for number, text in details if number)
    quartiles = ""
    if summary.quartiles is not None:
        low, high = map(points, summary.quartiles)
        quartiles = str(tr("half of them from {low} to {high}", low=low, high=high))
    waiting = {student for group in analysis.waiting for student in group.students}
    return [
        (str(summary.handed_in), str(tr("handed in")), about),
        (str(summary.absent), str(tr("handed in nothing")), str(tr("of {n} in the course", n=summary.students))),
        ("—" if analysis.report.due is None else str(summary.late), str(tr("late")), late),
        (points(summary.median), str(tr("median of {points} points", points=points(most))), quartiles),
        (str(len(waiting)), str(tr("waiting for a person")), ""),
    ]


def _by_exercise(analysis: Analysis) -> list[tuple[str, int, list[tuple[ClassMistake, str, str]]]]:
    """The mistakes of each exercise that has some, with the verdict's name and that of the kind."""
    found = []
    for cell, title in analysis.report.columns.items():
        here = [mistake for mistake in analysis.mistakes if mistake.cell == cell]
        if here:
            named = [(mistake, str(VERDICT_TITLES[mistake.verdict]), str(KINDS[mistake.kind])) for mistake in here]
            found.append((title, here[0].tried, named))
    return found


def _waiting(group: Waiting, columns: dict[Any, str]) -> tuple[Waiting, str, list[tuple[str, str]]]:
    exercise = columns.get(group.cell, "") if group.cell is not None else ""
    return group, exercise, list(zip(group.students, group.links, strict=True))


def _attempts(analysis: Analysis) -> tuple[str, list[tuple[str, tuple[Attempt, ...]]]]:
    """What is known of earlier attempts, in a sentence, and those of each student."""
    attempts = analysis.attempts
    if attempts is None:
        said = tr(
            "nbgrader keeps the last submission of each student; earlier ones are in its exchange alone, and this"
            " course has none here."
        )
        return str(said), []
    if not attempts:
        return str(tr("Nobody handed in more than once, as far as nbgrader's exchange knows.")), []
    gained = list(changes(attempts))
    said = trn("{n} student handed in more than once.", "{n} students handed in more than once.", len(attempts))
    text = str(said)
    if gained:
        more = sum(change > 0 for change in gained)
        less = sum(change < 0 for change in gained)
        text += " " + str(
            tr(
                "From the first attempt to the last, {more} gained points and {less} lost some, of {n} whose feedback"
                " for both is known.",
                more=more,
                less=less,
                n=len(gained),
            )
        )
    else:
        text += " " + str(tr("No feedback on an earlier attempt was released, so that its points are not known."))
    return text, sorted(attempts.items())
