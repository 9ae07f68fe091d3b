"""The class at a glance, as a table for the terminal or as CSV."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.checking.results import VERDICT_TITLES, Verdict
from grader.kit.messages import tr
from grader.report.collect import AssignmentReport, StudentReport
from grader.report.gradebook import Cell
from grader.report.spreadsheets import write_rows


def class_table(report: AssignmentReport, title: str) -> Group:
    """A row a student (points by cell, penalty, total, verdicts), then what there is to know of some of them."""
    columns, students = report.columns, report.students
    has_penalties = any(student.penalty for student in students)
    table = Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column(str(tr("student")), no_wrap=True)
    for number in range(1, len(columns) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    if has_penalties:
        table.add_column(str(tr("late")), justify="right", no_wrap=True)
    table.add_column(str(tr("total")), justify="right", style="bold", no_wrap=True)
    table.add_column(str(tr("checks")))
    for student in students:
        points = [_points(student, cell) for cell in columns]
        late = [_short(-student.penalty) if student.penalty else ""] if has_penalties else []
        table.add_row(Text(student.student), *points, *late, _short(student.score), _verdicts(student))
    legend = Text("  ").join(
        Text.assemble((str(number), "bold"), f" {name}") for number, name in enumerate(columns.values(), 1)
    )
    most = Text(str(tr("{points} points in all", points=_short(report.max_score))))
    notices = [Text(notice, style="yellow") for notice in report.notices]
    return Group(*notices, table, legend, most, *_remarks(report))


def _points(student: StudentReport, cell: Cell) -> str:
    """A cell's points: a question mark where they are still to be given, a dash where nothing was handed in."""
    if cell not in student.scores:
        return "—"
    score = student.scores[cell]
    return "?" if score is None else _short(score)


def _short(points: float) -> str:
    return f"{round(points, 1):g}"


def _verdicts(report: StudentReport) -> str:
    parts = [f"{report.verdicts[verdict]} {VERDICT_TITLES[verdict]}" for verdict in Verdict if report.verdicts[verdict]]
    return ", ".join(parts)


def _remarks(report: AssignmentReport) -> list[Table]:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for student in report.students:
        notices = list(student.notices)
        if student.by_hand:
            cells = ", ".join(report.columns[cell] for cell in student.by_hand)
            notices.append(str(tr("To be graded by hand: {cells}.", cells=cells)))
        if notices:
            table.add_row(Text(student.student), Text(" ".join(notices), style="yellow"))
    return [table] if table.row_count else []


def write_csv(report: AssignmentReport, file: TextIO) -> None:
    """The same as CSV, quoted where it must be; a cell without points yet is empty, and times are in UTC."""
    columns = report.columns
    verdicts = [verdict.value for verdict in Verdict]
    totals = ["raw_score", "late_submission_penalty", "score", "max_score"]
    dates = ["state", "timestamp", "seconds_late", "extension_seconds", "extra_credit"]
    titles = ["student", *columns.values(), *totals, *verdicts, "needs_manual_grade", "by_hand", "notices", "name"]
    write_rows(file, [[*titles, *dates]])
    for student in report.students:
        scores = [student.scores.get(cell) for cell in columns]
        row = [
            student.student,
            *("" if score is None else score for score in scores),
            *(student.raw_score, student.penalty, student.score, student.max_score),
            *(student.verdicts[verdict] for verdict in verdicts),
            student.needs_manual_grade,
            " ".join(columns[cell] for cell in student.by_hand),
            " ".join(student.notices),
            student.name,
            student.state.value,
            student.timestamp.isoformat() + "Z" if student.timestamp is not None else "",
            student.late.total_seconds(),
            student.extension.total_seconds() if student.extension is not None else "",
            student.extra_credit,
        ]
        write_rows(file, [row])
