"""`grader report`: the marks of the gradebook, whatever they are made of."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbgrader.api import Gradebook

from grader.cli import main

CONFIG = "c = get_config()\nc.AulaTorch.language = 'en'\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A graded assignment of two notebooks: `q1` in each, a task in the second."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        book.add_assignment("ps1")
        for name, points in (("p1", 4), ("p2", 6)):
            book.add_notebook(name, "ps1")
            book.add_grade_cell("q1", name, "ps1", max_score=points, cell_type="code")
        book.add_task_cell("essay", "p2", "ps1", max_score=5, cell_type="markdown")
        for student in ("ada", "bruno", "carla", "dario"):
            book.add_student(student)
        for student in ("ada", "bruno", "carla"):
            book.add_submission("ps1", student)
            book.find_grade("q1", "p1", "ps1", student).auto_score = 4
            book.find_grade("q1", "p1", "ps1", student).needs_manual_grade = False
            book.find_grade("q1", "p2", "ps1", student).auto_score = 0
            book.find_grade("q1", "p2", "ps1", student).needs_manual_grade = False
        essay = book.find_grade("essay", "p2", "ps1", "bruno")
        essay.manual_score, essay.extra_credit, essay.needs_manual_grade = 3, 1, False
        book.find_submission_notebook("p1", "ps1", "carla").late_submission_penalty = 1.5
        book.db.commit()
    return tmp_path


def report(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["report", "ps1", "--course", str(folder), *arguments], env={"COLUMNS": "160"})


def rows(folder: Path) -> dict[str, dict[str, str]]:
    done = report(folder, "--csv", str(folder / "out.csv"))
    assert done.exit_code == 0, done.output
    return {row["student"]: row for row in csv.DictReader(io.StringIO((folder / "out.csv").read_text()))}


def test_cells_of_one_name_in_two_notebooks_are_apart(course: Path) -> None:
    ada = rows(course)["ada"]
    assert (ada["p1/q1"], ada["p2/q1"], ada["essay"]) == ("4.0", "0.0", "")


def test_penalties_manual_scores_and_extra_credit_are_in_the_total(course: Path) -> None:
    found = rows(course)
    assert (found["bruno"]["score"], found["bruno"]["essay"]) == ("8.0", "4.0")
    assert (found["carla"]["raw_score"], found["carla"]["late_submission_penalty"], found["carla"]["score"]) == (
        "4.0",
        "1.5",
        "2.5",
    )
    assert "-1.5" in report(course).output


def test_the_maximum_has_every_notebook_and_task(course: Path) -> None:
    assert {row["max_score"] for row in rows(course).values()} == {"15.0"}


def test_an_ungraded_task_waits_for_a_person(course: Path) -> None:
    found = rows(course)
    assert (found["ada"]["needs_manual_grade"], found["ada"]["by_hand"]) == ("True", "essay")
    assert found["bruno"]["needs_manual_grade"] == "False"
    assert "To be graded by hand: essay." in report(course).output


def test_who_handed_in_nothing_and_who_is_not_graded_have_a_row(course: Path) -> None:
    (course / "submitted" / "zoe" / "ps1").mkdir(parents=True)
    found = rows(course)
    assert (found["dario"]["score"], found["dario"]["notices"]) == ("0.0", "Nothing was handed in.")
    assert found["zoe"]["notices"] == "Handed in, and not graded yet."


def test_an_unknown_assignment_or_a_missing_gradebook_is_an_error_and_makes_no_file(course: Path) -> None:
    unknown = CliRunner().invoke(main, ["report", "ps9", "--course", str(course)])
    assert unknown.exit_code == 2
    assert "knows no assignment 'ps9'" in unknown.output
    (course / "gradebook.db").unlink()
    assert report(course).exit_code == 2
    assert not (course / "gradebook.db").exists()
