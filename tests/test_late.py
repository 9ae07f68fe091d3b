"""Late work, graded in earnest: the penalty that a course's plugin takes is the same wherever a mark is shown."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, events, hand_in, make_course, run

PLUGIN = '''
from nbgrader.plugins import BasePlugin


class Hourly(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """A point an hour; it has no answer for some."""
        odd = {"nan": float("nan"), "text": "many"}
        return odd.get(student_id) or total_seconds_late / (0 if student_id == "zero" else 3600)
'''
HANDED_IN = {
    "ada": (RIGHT, "11:59:59 UTC"),
    "bea": (RIGHT, "14:30:00 UTC"),
    "cai": ({"double": RIGHT["double"], "count": WRONG["count"]}, "23:59:00 UTC"),
    "dan": (RIGHT, "13:00:00 CET"),
    "nan": (RIGHT, "14:00:00 UTC"),
    "text": (RIGHT, "14:00:00 UTC"),
    "zero": (RIGHT, "14:00:00 UTC"),
}
TOTALS = {"ada": (10.0, 0.0), "bea": (7.5, 2.5), "cai": (0.0, 8.0), "dan": (10.0, 0.0)}
"""The mark and the penalty of whom the plugin has an answer for."""


def marks(folder: Path, *command: str, of: str, penalty: str | None = None) -> dict[str, tuple[float, float | None]]:
    """The marks, and the penalties, that a command writes as CSV."""
    run(folder, *command)
    rows = csv.DictReader(io.StringIO((folder / "marks.csv").read_text()))
    who = next(
        name for name in ("student", "student_id", "SIS Login ID", "Username") if name in (rows.fieldnames or ())
    )
    found = {row[who]: row for row in rows}
    return {
        name: (float(row[of]), float(row[penalty]) if penalty else None)
        for name, row in found.items()
        if name in TOTALS and row[of] not in ("", "-")
    }


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
def test_a_late_class(tmp_path: Path) -> None:
    """One test, whose steps follow each other: grading, every form of the marks, an extension, a comparison."""
    (tmp_path / "late.py").write_text(PLUGIN)
    make_course(tmp_path, "c.AssignLatePenalties.plugin_class = 'late.Hourly'\n")
    for student, (answers, when) in HANDED_IN.items():
        hand_in(tmp_path, student, answers)
        (tmp_path / "submitted" / student / ASSIGNMENT / "timestamp.txt").write_text(f"2026-03-02 {when}")
    run(tmp_path, "nbgrader", "db", "assignment", "add", ASSIGNMENT, "--duedate", "2026-03-02 12:00 UTC")

    said = run(tmp_path, "grader", "autograde", ASSIGNMENT, "--dry-run", code=1)
    assert "bea: not graded yet, would get 10 of 10, less 2.5 for handing in late" in said
    assert "ada: not graded yet, would get 10 of 10\n" in said

    said = run(tmp_path, "grader", "autograde", ASSIGNMENT, code=1)
    assert "failed: zero: the penalty plugin Hourly failed: ZeroDivisionError" in said
    assert "failed: text: the penalty plugin Hourly failed: ValueError" in said
    assert "failed: nan: the penalty plugin Hourly says nan" in said
    assert "Traceback" not in said
    assert "s, less 2.5 for handing in late" in said
    assert {
        event["student"]: (event["score"] - event["penalty"], event["penalty"]) for event in events(tmp_path, "graded")
    } == TOTALS

    export = ("nbgrader", "export", "--to", "marks.csv", "--exporter")
    totals = {name: (total, None) for name, (total, _) in TOTALS.items()}
    assert (
        marks(
            tmp_path,
            "grader",
            "report",
            ASSIGNMENT,
            "--csv",
            "marks.csv",
            of="score",
            penalty="late_submission_penalty",
        )
        == TOTALS
    )
    assert marks(tmp_path, *export[:4], of="score", penalty="late_submission_penalty") == TOTALS
    assert marks(tmp_path, *export, "grader.report.canvas.CanvasExportPlugin", of=ASSIGNMENT) == totals
    assert marks(tmp_path, *export, "grader.report.moodle.MoodleExportPlugin", of=ASSIGNMENT) == totals
    run(tmp_path, "grader", "report", ASSIGNMENT, "--json", "before.json")
    before = json.loads((tmp_path / "before.json").read_text())["students"]
    assert {
        one["student"]: (one["score"], one["late_submission_penalty"]) for one in before if one["student"] in TOTALS
    } == TOTALS

    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "") as gradebook:
        gradebook.update_or_create_submission(ASSIGNMENT, "cai")
        gradebook.grant_extension(ASSIGNMENT, "cai", days=2)
    said = run(tmp_path, "grader", "autograde", ASSIGNMENT, "--students", "cai", "--force", "--dry-run")
    assert "cai: 0 → 8 of 10" in said
    assert "late penalty -8 → 0\n" in said
    run(tmp_path, "grader", "autograde", ASSIGNMENT, "--students", "cai", "--force")
    assert "cai: +8 (late penalty -8 → 0)" in run(tmp_path, "grader", "report", ASSIGNMENT, "--before", "before.json")
