"""nbgrader's own commands, with AulaTorch's steps configured: a class of every kind, and courses that are not ours."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import load_config
from grader.devkit.answers import ROOT, answers, points
from grader.devkit.classroom import Classmate, as_bytes, classroom, copy_course, hand_in, read_notebook, results_in
from grader.evidence.answers import answered
from tests.conftest import hand_out

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("course")]

ASSIGNMENT = "01_tensors"
TOTAL = 100.0
PLAIN = "c = get_config()\n"
OURS = "from grader.configure import configure\nconfigure(get_config())\n"


def nbgrader(folder: Path, *arguments: str, code: int = 0) -> str:
    """Runs an nbgrader command in a course folder; returns what it printed."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == code, done.stderr[-4000:]
    return done.stdout + done.stderr


def exported(folder: Path, assignment: str) -> dict[str, float]:
    """Each student's score, from `nbgrader export`."""
    nbgrader(folder, "export")
    with (folder / "grades.csv").open() as file:
        return {
            row["student_id"]: float(row["raw_score"])
            for row in csv.DictReader(file)
            if row["assignment"] == assignment
        }


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class has been graded by one `nbgrader autograde`."""
    folder = tmp_path_factory.mktemp("course")
    copy_course(folder, assignment=ASSIGNMENT)
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    released = read_notebook(folder / "assignments" / "es" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    hand_in(folder, ASSIGNMENT, classroom(ASSIGNMENT, released))
    limits = ("--AulaTorch.cell_timeout=5", "--AulaTorch.call_timeout=5")
    nbgrader(folder, "autograde", ASSIGNMENT, *limits)
    nbgrader(folder, "generate_feedback", ASSIGNMENT)
    return folder


def autograded(course: Path, student: str) -> nbformat.NotebookNode:
    return read_notebook(course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")


def test_everyone_in_the_class_has_the_points_they_earned(course: Path) -> None:
    scores = exported(course, ASSIGNMENT)
    first = next(iter(points(ASSIGNMENT).values()))
    but_the_first = TOTAL - first
    expected = {
        "ada": TOTAL,
        "blanca": TOTAL,
        "diego": first,
        "elena": 0,
        "fermin": but_the_first,
        "gala": but_the_first,
        "hugo": 0,
        "jorge": TOTAL,
        "karla": TOTAL,
        "luis": TOTAL,
        "marta": but_the_first,
        "nico": TOTAL,
        "olga": TOTAL,
        "pablo": 0,
    }
    assert {name: scores[name] for name in expected} == expected
    assert 0 < scores["carmen"] < TOTAL
    assert 0 < scores["ines"] < TOTAL  # what was whole of the truncated file counts


def test_what_was_repaired_is_said(course: Path) -> None:
    assert "JSON" in autograded(course, "hugo").cells[0].source
    assert "vacío" in autograded(course, "pablo").cells[0].source
    assert autograded(course, "ines").metadata.aulatorch["notices"]
    assert autograded(course, "jorge").metadata.aulatorch["notices"]
    assert not autograded(course, "ada").metadata.aulatorch["notices"]


def test_feedback_shows_the_panel_and_no_hidden_source(course: Path) -> None:
    page = (course / "feedback" / "carmen" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "make_tensors" in page
    assert "rng." not in page
    assert "assert_close" not in page
    assert "Traceback (most recent call last)" not in page


def test_points_cannot_be_raised_by_metadata(course: Path) -> None:
    found = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in autograded(course, "luis").cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert found == points(ASSIGNMENT)


def test_results_are_in_the_notebooks(course: Path) -> None:
    results = results_in(autograded(course, "ada"))
    assert list(results) == list(points(ASSIGNMENT))
    assert all(check["verdict"] == "passed" for result in results.values() for check in result["checks"])  # type: ignore[attr-defined]


def test_released_notebooks_hold_one_language_and_no_solution(course: Path) -> None:
    released = read_notebook(course / "assignments" / "es" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    text = nbformat.writes(released)
    assert "BEGIN SOLUTION" not in text
    assert 'use_language(\\"en\\")' not in text
    assert 'use_language(\\"es\\")' in text


def test_validate_tells_right_from_wrong(course: Path, tmp_path: Path) -> None:
    released = read_notebook(course / "assignments" / "es" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    given = answers(ASSIGNMENT)
    right = {answer.exercise: answer.source for answer in given if answer.is_right}
    wrong = next(answer for answer in given if not answer.is_right)
    nbformat.write(answered(released, right), tmp_path / "right.ipynb")
    nbformat.write(answered(released, right | {wrong.exercise: wrong.source}), tmp_path / "wrong.ipynb")
    hand_out(ASSIGNMENT, tmp_path)
    assert "Success" in nbgrader(tmp_path, "validate", "right.ipynb")
    said = nbgrader(tmp_path, "validate", "wrong.ipynb")
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "ChecksNotPassed" in said


def test_no_execute_gives_no_points_for_what_a_student_put_in_the_outputs(course: Path, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    copy_course(folder, assignment=ASSIGNMENT)
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    graded = autograded(course, "ada")
    for cell in graded.cells:
        cell.metadata.pop("aulatorch_notice", None)
    hand_in(folder, ASSIGNMENT, [Classmate("eve", "keeps another's outputs", as_bytes(graded))])
    nbgrader(folder, "autograde", ASSIGNMENT, "--no-execute")
    assert exported(folder, ASSIGNMENT)["eve"] == 0


# ------------------------------------------------------------------------------------------ other courses


def ordinary_notebook() -> nbformat.NotebookNode:
    """An nbgrader notebook as its documentation teaches it: asserts, a hidden region, partial credit, an essay."""

    def cell(source: str, name: str, *, points: int | None, solution: bool) -> nbformat.NotebookNode:
        meta = {
            "grade_id": name,
            "grade": points is not None,
            "solution": solution,
            "locked": not solution,
            "task": False,
        }
        meta |= {"schema_version": 3} | ({"points": points} if points is not None else {})
        make = new_code_cell if name != "essay" else new_markdown_cell
        return make(source, id=name, metadata={"nbgrader": meta})

    hidden = "### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS"
    return new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            cell("def square(x):\n    ### BEGIN SOLUTION\n    return x ** 2\n    ### END SOLUTION", "square", points=None, solution=True),
            cell(f"assert square(2) == 4\n{hidden}", "test_square", points=3, solution=False),
            cell("score = 0\nscore += square(1) == 1\nscore += square(-1) == 1\nfloat(score)", "partial", points=2, solution=False),
            cell("Explain.", "essay", points=5, solution=True),
        ],
    )  # fmt: skip


ORDINARY_ANSWERS = {
    "right": "def square(x):\n    return x * x",
    "half": "def square(x):\n    return x * abs(x)",
    "wrong": "def square(x):\n    return x",
    "raises": "def square(x):\n    raise ValueError",
    "warns": "import sys\ndef square(x):\n    print('hm', file=sys.stderr)\n    return x * x",
}


def graded_ordinary_course(folder: Path, config: str) -> dict[str, float]:
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(config)
    (folder / "source" / "ps1").mkdir(parents=True)
    nbformat.write(ordinary_notebook(), folder / "source" / "ps1" / "p1.ipynb")
    nbgrader(folder, "generate_assignment", "ps1")
    released = read_notebook(folder / "release" / "ps1" / "p1.ipynb")
    for name, source in ORDINARY_ANSWERS.items():
        notebook = nbformat.from_dict(released)
        next(cell for cell in notebook.cells if cell.id == "square").source = source
        (folder / "submitted" / name / "ps1").mkdir(parents=True)
        nbformat.write(notebook, folder / "submitted" / name / "ps1" / "p1.ipynb")
    nbgrader(folder, "autograde", "ps1")
    return exported(folder, "ps1")


def test_an_ordinary_nbgrader_course_gets_the_same_scores_as_from_plain_nbgrader(tmp_path: Path) -> None:
    plain = graded_ordinary_course(tmp_path / "plain", PLAIN)
    assert plain["right"] == 5
    assert graded_ordinary_course(tmp_path / "ours", OURS) == plain


@pytest.mark.xdist_group("conformance")
def test_nbgrader_s_own_tests_of_autograde_pass_with_our_steps_configured(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(OURS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde"],
        cwd=tmp_path,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert "40 passed" in done.stdout, done.stdout[-3000:]
    assert done.returncode == 0


def test_the_repository_is_a_course_folder_with_our_steps_configured() -> None:
    config = load_config(ROOT)
    assert config.CourseDirectory.source_directory == "solutions"
    assert "grader.grading.steps.grading.GradeCells" in config.Autograde.autograde_preprocessors
