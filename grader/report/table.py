"""The class at a glance, as a table for the terminal or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.report.collect import StudentReport
from grader.testing.messages import tr
from grader.testing.results import VERDICT_TITLES, Verdict


def exercises_of(reports: Sequence[StudentReport]) -> list[str]:
    """Every exercise of the reports, in the order they first appear."""
    return list(dict.fromkeys(name for report in reports for name in report.scores))


def class_table(reports: Sequence[StudentReport], title: str) -> Group:
    """A row a student (points by exercise, total, verdicts), then what there is to know of some of them."""
    names = exercises_of(reports)
    table = Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column(str(tr("student")), no_wrap=True)
    for number in range(1, len(names) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    table.add_column(str(tr("total")), justify="right", style="bold", no_wrap=True)
    table.add_column(str(tr("checks")))
    for report in reports:
        points = [_short(report.scores[name]) if name in report.scores else "—" for name in names]
        table.add_row(Text(report.student), *points, _short(report.score), _verdicts(report))
    legend = "  ".join(f"[bold]{number}[/] {name}" for number, name in enumerate(names, 1))
    return Group(table, legend, *_remarks(reports))


def _short(points: float) -> str:
    return f"{round(points, 1):g}"


def _verdicts(report: StudentReport) -> str:
    parts = [f"{report.verdicts[verdict]} {VERDICT_TITLES[verdict]}" for verdict in Verdict if report.verdicts[verdict]]
    return ", ".join(parts)


def _remarks(reports: Sequence[StudentReport]) -> list[Table]:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for report in reports:
        notices = [*report.notices, *([str(tr("to be graded by hand"))] if report.needs_manual_grade else [])]
        if notices:
            table.add_row(Text(report.student), Text(" ".join(notices), style="yellow"))
    return [table] if table.row_count else []


def write_csv(reports: Sequence[StudentReport], file: TextIO) -> None:
    """The same as CSV, quoted where it must be."""
    names = exercises_of(reports)
    writer = csv.writer(file)
    verdicts = [verdict.value for verdict in Verdict]
    writer.writerow(["student", *names, "score", "max_score", *verdicts, "needs_manual_grade", "notices"])
    for report in reports:
        writer.writerow(
            [
                report.student,
                *(report.scores.get(name, "") for name in names),
                report.score,
                report.max_score,
                *(report.verdicts[verdict] for verdict in verdicts),
                report.needs_manual_grade,
                " ".join(report.notices),
            ]
        )
