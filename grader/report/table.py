"""The class at a glance, as a table for the terminal or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

from rich.table import Table
from rich.text import Text

from grader.report.collect import StudentReport
from grader.testing.messages import tr
from grader.testing.results import VERDICT_TITLES, Verdict


def exercises_of(reports: Sequence[StudentReport]) -> list[str]:
    """Every exercise of the reports, in the order they first appear."""
    return list(dict.fromkeys(name for report in reports for name in report.scores))


def class_table(reports: Sequence[StudentReport], title: str) -> Table:
    """A row a student: points by exercise, total, verdict counts, and what there is to know."""
    table = Table(title=title, title_justify="left", header_style="bold", show_lines=False)
    table.add_column(str(tr("student")), no_wrap=True)
    names = exercises_of(reports)
    for name in names:
        table.add_column(name, justify="right", overflow="fold", min_width=4)
    table.add_column(str(tr("total")), justify="right", style="bold", no_wrap=True)
    table.add_column(str(tr("checks")))
    for report in reports:
        cells = [f"{report.scores[name]:g}" if name in report.scores else "—" for name in names]
        total = f"{report.score:g} / {report.max_score:g}"
        table.add_row(report.student, *cells, total, _remarks(report))
    return table


def _remarks(report: StudentReport) -> Text:
    counts = ", ".join(
        f"{report.verdicts[verdict]} {VERDICT_TITLES[verdict]}" for verdict in Verdict if report.verdicts[verdict]
    )
    text = Text(counts)
    for notice in report.notices:
        text.append(f"\n{notice}", style="yellow")
    if report.needs_manual_grade:
        text.append(f"\n{tr('to be graded by hand')}", style="magenta")
    return text


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
