"""`grader report` of what it should never have been given: a sentence that says so, and the rest of the report."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from grader.cli import main
from grader.command_line import ids_in
from grader.report.spreadsheets import harmless
from tests.made_up_class import ASSIGNMENT, Handed, make_course, named, passed
from tests.test_report_page import data, page, report

ODD = {
    "comma, name": "Müller, Jürgen",
    'quo"te': 'Ada "Countess" Lovelace',
    "line": "two\nlines",
    "rtl": "\u202eאבגד",
    "markup": "<script>alert(1)</script>",
    "dollar": "$x^2$ & co",
    "=HYPERLINK(1)": '=HYPERLINK("http://evil.example","click")',
    "+plus": "+1+1",
    "-minus": "-2+3",
    "@at": "@SUM(A1)",
    "tab": "\t=1+1",
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    handed = [Handed("ada", [named("a", "swapped", "Swapped"), passed("b")]), Handed("bea", [passed("a"), passed("b")])]
    return make_course(tmp_path / "course", handed, {"a": 4.0, "b": 4.0})


def notebook_of(course: Path, student: str) -> Path:
    return course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def edit(path: Path, change: Any) -> None:
    """Changes each result in a notebook."""
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            for key, record in output.get("data", {}).items():
                if key.startswith("application/vnd.aulatorch"):
                    change(record)
    path.write_text(json.dumps(content))


def student(course: Path, name: str) -> dict[str, Any]:
    return next(item for item in data(course)["students"] if item["student"] == name)


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_reading_makes_no_file_and_changes_none(course: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in files_in(course)}
    report(course, "--html", "-")
    assert {path: path.stat().st_mtime_ns for path in files_in(course)} == before


def test_an_unknown_assignment_is_one_line_and_exit_code_2(course: Path) -> None:
    before = files_in(course)
    done = CliRunner().invoke(main, ["report", "hw9", "--course", str(course), "--html", "-"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "knows no assignment 'hw9'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert files_in(course) == before


def test_a_locked_gradebook_leaves_a_report_of_the_notebooks(course: Path) -> None:
    other = sqlite3.connect(course / "gradebook.db")
    other.execute("BEGIN EXCLUSIVE")
    try:
        found = data(course)
    finally:
        other.close()
    assert "is locked" in found["notices"][0]
    assert [(item["student"], item["score"]) for item in found["students"]] == [("ada", 4.0), ("bea", 8.0)]
    assert [item["name"] for item in found["mistakes"]] == ["swapped"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_gradebook_that_is_none_leaves_a_report_of_the_notebooks(course: Path, content: bytes) -> None:
    (course / "gradebook.db").write_bytes(content)
    found = data(course)
    assert "gradebook.db" in found["notices"][0]
    assert found["class"]["graded"] == 2
    assert (course / "gradebook.db").read_bytes() == content


def test_a_gradebook_of_another_course_says_so(course: Path) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("ai101", "ai202"))
    assert data(course)["notices"] == [
        "The gradebook is of the course `ai101`, and this one is `ai202`: is it the right one?"
    ]


def test_a_gradebook_without_the_assignment_leaves_a_report_of_the_notebooks(course: Path) -> None:
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("UPDATE assignment SET name = 'other'")
    found = data(course)
    assert f"knows no assignment '{ASSIGNMENT}'" in found["notices"][0]
    assert found["class"]["graded"] == 2


def test_a_gradebook_before_tasks_and_extra_credit_is_read(course: Path) -> None:
    """As nbgrader 0.5 made them: a graded cell in one table, and no extra credit."""
    with sqlite3.connect(course / "gradebook.db") as book:
        book.executescript(
            """
            CREATE TABLE grade_cell AS SELECT g.id, b.name, g.max_score, g.cell_type, b.notebook_id
                FROM grade_cells g JOIN base_cell b ON g.id = b.id;
            DROP TABLE grade_cells; DROP TABLE task_cells; DROP TABLE base_cell;
            CREATE TABLE older AS
                SELECT id, cell_id, notebook_id, auto_score, manual_score, needs_manual_grade FROM grade;
            DROP TABLE grade; ALTER TABLE older RENAME TO grade;
            ALTER TABLE student DROP COLUMN lms_user_id;
            """
        )
    found = data(course)
    assert found["notices"] == [
        "The gradebook was made by an older nbgrader: `nbgrader db upgrade` brings it up to date."
    ]
    assert [(item["student"], item["score"]) for item in found["students"]] == [("ada", 4.0), ("bea", 8.0)]


def test_a_deleted_notebook_is_named_and_its_points_stay(course: Path) -> None:
    notebook_of(course, "ada").unlink()
    ada = student(course, "ada")
    assert (ada["score"], ada["verdicts"]) == (4.0, {})
    assert f"The graded notebook cannot be read: {ASSIGNMENT}." in ada["notices"]
    (waiting,) = data(course)["waiting"]
    assert waiting["command"] == f"grader autograde {ASSIGNMENT} --students ada --force"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"cells": 3}', "[" * 100_000, '{"cells": [{"cell_type": "code", "metadata": 3}]}']
)
def test_a_damaged_notebook_costs_only_itself(course: Path, content: str) -> None:
    notebook_of(course, "ada").write_text(content)
    assert f"The graded notebook cannot be read: {ASSIGNMENT}." in student(course, "ada")["notices"]
    assert student(course, "bea")["verdicts"] == {"passed": 4}


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(checks=[{"verdict": "brilliant"}]),
        lambda record: record.update(points="many"),
        lambda record: record.pop("checks"),
        lambda record: record.update(mistake="swapped"),
        lambda record: record.update(score=10**400),
        lambda record: record.update(format=float("inf")),
    ],
)
def test_results_that_are_none_cost_only_themselves(course: Path, change: Any) -> None:
    edit(notebook_of(course, "ada"), change)
    found = data(course)
    assert found["mistakes"] == []
    assert "cannot be read" in str(student(course, "ada")["notices"])


def test_what_could_not_be_opened_is_no_mistake_and_no_stub(course: Path) -> None:
    path = notebook_of(course, "ada")
    content = json.loads(path.read_text())
    content["metadata"]["aulatorch"] = {"notices": ["The file is empty."], "unreadable": True}
    path.write_text(json.dumps(content))
    found = data(course)
    assert (found["class"]["unreadable"], found["mistakes"], found["exercises"][0]["not_attempted"]) == (1, [], [])
    assert "1 that could not be opened" in page(course).select_one(".tile").get_text()


def test_points_that_somebody_edited_in_a_notebook_are_named(course: Path) -> None:
    edit(notebook_of(course, "ada"), lambda record: record.update(score=4.0))
    ada = student(course, "ada")
    assert ada["score"] == 4.0
    assert ada["notices"] == ["The graded notebook and the gradebook have different points for: a."]


@pytest.mark.parametrize("table", ["submitted_notebook", "base_cell"])
def test_a_gradebook_that_lacks_a_table_leaves_a_report_of_the_notebooks(course: Path, table: str) -> None:
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute(f"DROP TABLE {table}")
    found = data(course)
    assert "no such column" in found["notices"][0]
    assert [item["score"] for item in found["students"]] == [4.0, 8.0]
    assert [item["name"] for item in found["mistakes"]] == ["swapped"]


def test_a_gradebook_with_other_cells_says_so(course: Path) -> None:
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("UPDATE base_cell SET name = 'of_last_year' WHERE name = 'a'")
    (notice,) = data(course)["notices"]
    assert "cells that the gradebook does not know, which are left out: a." in notice


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: cell.update(outputs=[]),
        lambda cell: cell["metadata"]["nbgrader"].update(grade=False),
        lambda cell: cell.update(cell_type="markdown"),
    ],
)
def test_results_that_are_gone_are_named_and_the_points_stay(course: Path, change: Any) -> None:
    path = notebook_of(course, "ada")
    content = json.loads(path.read_text())
    change(next(cell for cell in content["cells"] if cell["id"] == "a"))
    path.write_text(json.dumps(content))
    ada = student(course, "ada")
    assert (ada["score"], ada["notices"]) == (4.0, ["The graded notebook has no results any more for: a."])
    assert student(course, "bea")["notices"] == []


def test_a_student_s_own_output_is_no_result(course: Path) -> None:
    path = notebook_of(course, "ada")
    content = json.loads(path.read_text())
    record = {"exercise": "a", "score": 4.0, "points": 4.0, "format": 1, "checks": []}
    data_ = {"application/vnd.aulatorch.exercise+json": record}
    content["cells"][1]["outputs"] = [{"output_type": "execute_result", "data": data_, "metadata": {}}]
    path.write_text(json.dumps(content))
    assert [item["name"] for item in data(course)["mistakes"]] == ["swapped"]


def test_results_of_an_older_version_are_reported_as_far_as_they_go(course: Path) -> None:
    def to_older(record: dict[str, Any]) -> None:
        for key in ("format", "seconds", "mistake", "observations"):
            record.pop(key, None)

    edit(notebook_of(course, "ada"), to_older)
    found = data(course)
    assert found["notices"][0].startswith("1 notebook was graded by another version of AulaTorch")
    assert [(item["kind"], item["title"]) for item in found["mistakes"]] == [("described", "The values differ.")]


@pytest.mark.parametrize("gradebook", [b"", b"something else" * 100, None])
def test_without_a_gradebook_the_rest_of_the_report_is_there(course: Path, gradebook: bytes | None) -> None:
    """Whoever waits for a person does so still."""
    edit(notebook_of(course, "bea"), lambda record: record["checks"][0].update(verdict="grader_error"))
    book = course / "gradebook.db"
    book.unlink()
    if gradebook is not None:
        book.write_bytes(gradebook)
    found = data(course)
    assert "is made from the autograded notebooks alone" in found["notices"][0]
    assert [(item["name"], item["students"]) for item in found["mistakes"]] == [("swapped", ["ada"])]
    assert {item["exercise"]: item["students"] for item in found["waiting"]} == {"a": ["bea"], "b": ["bea"]}


def test_a_command_names_a_student_whatever_the_name_holds(tmp_path: Path) -> None:
    """Copied from the report, it means the same ones."""
    handed = [Handed(student, [passed("a")]) for student in ODD]
    course = make_course(tmp_path / "course", handed, {"a": 4.0})
    for name in ODD:
        notebook_of(course, name).unlink()
    (waiting,) = data(course)["waiting"]
    arguments = shlex.split(waiting["command"])
    listed = arguments[arguments.index("--students") + 1]
    assert set(ids_in(listed)) == set(waiting["students"]) == set(ODD)
    assert {item["student"] for item in data(course, "--students", listed)["students"]} == set(ODD)


def test_odd_names_neither_break_the_page_nor_run_in_it(tmp_path: Path) -> None:
    handed = [Handed(student, [named("a", "swapped", "Swapped")], first_name=name) for student, name in ODD.items()]
    course = make_course(tmp_path / "course", handed, {"a": 4.0})
    found = page(course)
    assert not found.select("script")
    shown = {cell.get_text(" ") for cell in found.select("table.students tbody td:first-child")}
    assert all(any(name in text for text in shown) for name in ODD.values())
    assert all(cell.bdi is not None for cell in found.select("table.students tbody td:first-child"))
    assert "dollar" in [text.get_text() for text in found.select("svg text")]


def test_the_csv_holds_nothing_that_a_spreadsheet_runs(tmp_path: Path) -> None:
    handed = [Handed(student, [passed("a")], first_name=name) for student, name in ODD.items()]
    course = make_course(tmp_path / "course", handed, {"a": 4.0})
    rows = list(csv.DictReader(io.StringIO(report(course, "--csv", "-").stdout, newline="")))
    assert len(rows) == len(ODD)
    assert not [value for row in rows for value in row.values() if value.lstrip().startswith(("=", "+", "@", "-"))]
    assert {row["student"] for row in rows} >= {"comma, name", 'quo"te', "'=HYPERLINK(1)", "'+plus", "'-minus", "'@at"}
    assert next(row for row in rows if row["student"] == "line")["name"] == "two\nlines"


@pytest.mark.parametrize(
    ("text", "is_changed"),
    [
        ("=1", True),
        (" =1", True),
        ("\u202e=1", True),
        ("＝1", True),
        ("\t1", True),
        ("-1.5", False),
        ("-", False),
        ("a=1", False),
        ("'=1", True),
    ],
)
def test_what_is_a_formula(text: str, is_changed: bool) -> None:
    assert (harmless(text) != text) is is_changed
    assert harmless(-1.5) == -1.5


def test_a_file_that_cannot_be_written_is_one_line(course: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["report", ASSIGNMENT, "--course", str(course), "--html", str(tmp_path / "no" / "p.html")]
    )
    assert done.exit_code == 2
    assert "cannot be written" in done.output
    assert "Traceback" not in done.output


def test_a_folder_that_is_no_course_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["report", ASSIGNMENT, "--course", str(tmp_path)])
    assert done.exit_code == 2
    assert "is no course" in done.output
    assert not list(tmp_path.iterdir())


def test_the_text_of_a_page_is_valid_unicode_whatever_students_are_called(tmp_path: Path) -> None:
    course = make_course(tmp_path / "c", [Handed("ada\x07", [passed("a")], first_name="bell\x07")], {"a": 4.0})
    assert BeautifulSoup(report(course, "--html", "-").stdout, "html.parser").h1 is not None
