"""Grading again: what would change is said without a trace, and nobody loses points by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader.batch.regrading import Change, Regrade, Stored, StoredGrade, kept, regrade
from grader.batch.submissions import Submission
from grader.batch.tasks import AutogradedNotebook, Outcome, Task
from grader.checking.results import MIME_TYPE
from grader.devkit.warmup import ASSIGNMENT, RIGHT, WRONG, events, hand_in, make_course, run
from grader.grading.handover import CellGrade, NotebookGrades

TRIPLE = "def double(x):\n    return 3 * x"


def autograded(folder: Path, student: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def grades(folder: Path) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            (submission.student_id, grade.name): (grade.auto_score, grade.manual_score)
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def repair(folder: Path, before: str, after: str) -> None:
    """Changes the hidden check."""
    path = folder / "checks" / ASSIGNMENT / "hidden.py"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded with a hidden check that takes thrice for twice; a person gave bruno a point."""
    folder = tmp_path_factory.mktemp("graded")
    make_course(folder)
    repair(folder, "x + x", "x + x + x")
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "bruno", WRONG)
    hand_in(folder, "carla", {"double": TRIPLE, "count": RIGHT["count"]})
    run(folder, "grader", "autograde", ASSIGNMENT)
    assert grades(folder)["ada", "double"][0] == 2
    assert grades(folder)["carla", "double"][0] == 6
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("double", ASSIGNMENT, ASSIGNMENT, "bruno").manual_score = 1
        gradebook.db.commit()
    repair(folder, "x + x + x", "x + x")
    return folder


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
def test_a_class_that_is_graded_again(graded: Path) -> None:
    """One test, whose steps follow each other: a dry run, the real one, the same with permission, another hand-in."""
    stored = grades(graded)
    hand_in(graded, "dora", RIGHT)
    (graded / "gradebook.db").chmod(0o444)
    before = files(graded)
    said = run(graded, "grader", "autograde", ASSIGNMENT, "--force", "--dry-run")
    assert files(graded) == before
    assert not list(graded.glob("**/.*.incoming"))
    assert "ada: 4 → 10 of 10" in said
    assert "double 2 → 8 (test_double_of_anything: failed → passed)" in said
    assert "carla: 8 → 2 of 10; would be kept without --allow-lower" in said
    assert "dora: not graded yet, would get 10 of 10" in said
    assert "bruno" not in said.replace("to grade by hand: bruno", "")
    assert "points would change for 2 of 3: 1 up, 1 down; 1 would be graded for the first time" in said
    (graded / "gradebook.db").chmod(0o644)

    said = run(graded, "grader", "autograde", ASSIGNMENT, "--students", "ada,bruno,carla", code=1)
    assert "kept: carla: double 6 → 0 (test_double_of_anything: passed → failed)" in said
    assert grades(graded) == stored | {("ada", "double"): (8, None)}
    assert [event["cells"] for event in events(graded, "kept")] == [{f"{ASSIGNMENT}/double": [6, 0]}]
    cells = autograded(graded, "carla").cells
    shown = next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "double")
    assert [output.data["text/plain"] for output in shown.outputs] == ["6.0"]
    assert shown.outputs[0].data[MIME_TYPE]["score"] == 6
    assert autograded(graded, "carla").metadata.aulatorch["kept"] == {"double": 0}

    said = run(graded, "grader", "autograde", ASSIGNMENT, "--students", "ada,bruno,carla")
    assert "0 graded" in said
    said = run(graded, "grader", "autograde", ASSIGNMENT, "--students", "ada,bruno,carla", "--allow-lower")
    assert "1 graded" in said
    assert grades(graded)["carla", "double"] == (0, None)
    assert "kept" not in autograded(graded, "carla").metadata.aulatorch

    hand_in(graded, "ada", WRONG)
    said = run(graded, "grader", "autograde", ASSIGNMENT, "--student", "ada", "--dry-run")
    assert "ada: 10 → 0 of 10, handed in again" in said
    run(graded, "grader", "autograde", ASSIGNMENT, "--student", "ada")
    assert grades(graded)["ada", "double"] == (0, None)


# ------------------------------------------------------------------------------------------------- the comparison


def notebook(score: float, *verdicts: str, submitted: str | None = None) -> bytes:
    """An autograded notebook with one exercise, ``q``."""
    checks = [{"check": f"test_{number}", "verdict": verdict} for number, verdict in enumerate(verdicts)]
    output = nbformat.v4.new_output(
        "execute_result", data={"text/plain": str(score), MIME_TYPE: {"checks": checks}}, execution_count=1
    )
    cell = nbformat.v4.new_code_cell("", metadata={"nbgrader": {"grade_id": "q", "grade": True}}, outputs=[output])
    about = {} if submitted is None else {"aulatorch": {"submitted": submitted}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata=about)).encode()


def outcome(score: float | None, *verdicts: str) -> Outcome:
    grades = NotebookGrades((CellGrade("q", score, score is None),), {}, 10.0, None, None)
    return Outcome("ada", {"nb": AutogradedNotebook(notebook(score or 0, *verdicts), grades)})


def stored(auto: float | None, manual: float | None = None, extra: float = 0.0, penalty: float = 0.0) -> Stored:
    return Stored({("nb", "q"): StoredGrade(auto, manual, extra, auto is None)}, {"nb": penalty}, "2026-05-01T10:00:00")


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    return Submission("ada", tmp_path / "submitted", tmp_path / "autograded", ("nb",))


def compare(submission: Submission, after: Outcome, before: Stored, **about: Any) -> Regrade:
    return regrade(submission, Task("ada", {}, **about), after, before, lambda score: 0.0)


def write(submission: Submission, content: bytes) -> None:
    submission.destination.mkdir(exist_ok=True)
    (submission.destination / "nb.ipynb").write_bytes(content)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (stored(4), 4.0, []),
        (stored(4), 6.0, [(4, 6, False)]),
        (stored(4), 2.0, [(4, 2, True)]),
        (stored(4), None, [(4, 0, True)]),
        (stored(None), 3.0, [(0, 3, False)]),
        (stored(4, manual=5), 2.0, []),
        (stored(4, extra=1), 3.0, [(5, 4, True)]),
    ],
)
def test_points_are_what_counts(
    submission: Submission, before: Stored, after: float | None, changes: list[tuple[float, float, bool]]
) -> None:
    found = compare(submission, outcome(after), before)
    assert [(change.before, change.after, change.is_lower) for change in found.changes] == changes


def test_checks_are_named_whose_verdicts_differ(submission: Submission) -> None:
    write(submission, notebook(4, "passed", "failed", "not_attempted"))
    found = compare(submission, outcome(6, "passed", "passed", "error"), stored(4))
    assert found.changes[0].checks == ("test_1: failed → passed", "test_2: not attempted → error")
    write(submission, notebook(4, "passed"))
    assert compare(submission, outcome(6, "passed"), stored(4)).changes[0].checks == (
        "the weights of its checks or its points",
    )


@pytest.mark.parametrize("content", [b"", b"[]", b'{"cells": 3}', b'{"cells": [3, {"metadata": []}], "metadata": 1}'])
def test_a_graded_notebook_that_somebody_edited_only_names_no_checks(submission: Submission, content: bytes) -> None:
    write(submission, content)
    found = compare(submission, outcome(2, "failed"), stored(4))
    assert [change.checks for change in found.lower] == [()]
    assert kept(outcome(2, "failed"), found, stored(4), submission).notebooks["nb"].grades.cells[0].score == 4


def test_something_else_that_was_handed_in_may_be_worth_less(submission: Submission) -> None:
    task = Task("ada", {"nb.ipynb": b"mine"})
    for mark, is_new in ((task.submitted, False), ("another", True)):
        write(submission, notebook(4, submitted=mark))
        found = regrade(submission, task, outcome(2), stored(4), lambda score: 0.0)
        assert (found.is_new, bool(found.lower)) == (is_new, not is_new)
    write(submission, notebook(4))  # as earlier versions left it
    assert not compare(submission, outcome(2), stored(4), timestamp="2026-05-01T10:00:00+00:00").is_new
    assert compare(submission, outcome(2), stored(4), timestamp="2026-05-02T10:00:00+00:00").is_new


def test_a_penalty_takes_nothing_that_was_there_before(submission: Submission) -> None:
    def of(rate: float, score: float) -> Regrade:
        task = Task("ada", {})
        return regrade(submission, task, outcome(score), stored(4, penalty=0.4), lambda points: rate * points)

    assert of(0.1, 4.0).changes == ()
    assert of(0.5, 4.0).changes == (Change(("nb", "late penalty"), -0.4, -2.0, True),)
    grown = of(0.2, 8.0)
    assert (grown.before, grown.after, grown.lower) == (pytest.approx(3.6), pytest.approx(6.4), ())
    assert grown.floors == {"nb": pytest.approx(3.6)}
