"""`grader new` writes a course that is graded, self-checked and tested at once, with nothing but the package."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from grader.cell_texts import texts_in
from grader.cli import main
from grader.devkit.answers import ROOT
from grader.devkit.catalogues import po_bytes
from grader.devkit.scaffold import RESERVED
from grader.kit.student import Student

RIGHT = "def row_means(x):\n    return x.sum(dim=1) / x.shape[1]"
ANSWERS = {
    "right": RIGHT,
    "wrong": "def row_means(x):\n    return x",
    "untouched": None,
    "syntax": "def row_means(x:\n    return x",
    "mistake": "def row_means(x):\n    return x.mean(dim=0)",
}


def grader(*arguments: str, code: int = 0) -> str:
    """What a command of ours prints, run in this process."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def new_course(folder: Path, language: str = "en") -> Path:
    """A course of one assignment of one exercise, as an instructor begins it."""
    grader("new", "course", str(folder), "--language", language)
    grader("new", "assignment", "hw1", "--course", str(folder))
    grader("new", "exercise", "row_means", "--points", "8", "--course", str(folder))
    return folder


def run(folder: Path, *command: str, code: int = 0) -> str:
    """What a program prints in `folder`."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(folder: Path, *arguments: str) -> str:
    """The one line that a command says which writes nothing."""
    before = files(folder)
    said = grader(*arguments, code=1)
    assert files(folder) == before
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    return said


# ------------------------------------------------------------------------------------------------ what is written


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_course_is_written_in_one_language(tmp_path: Path, language: str) -> None:
    course = new_course(tmp_path / "mine", language)
    text = "\n".join(content.decode() for content in files(course).values())
    assert f'c.AulaTorch.language = "{language}"' in text
    assert f'use_language(\\"{language}\\")' in text
    assert ("Se devuelven las medias de las columnas." in text) == (language == "es")
    assert ("The means of the columns are returned." in text) == (language == "en")
    assert 'c.CourseDirectory.course_id = "mine"' in text


def test_cells_have_nbgrader_s_metadata(tmp_path: Path) -> None:
    course = new_course(tmp_path / "mine")
    notebook = nbformat.read(course / "source/hw1/hw1.ipynb", as_version=4)
    nbformat.validate(notebook)
    about = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    assert {name: (meta.grade, meta.solution, meta.locked) for name, meta in about.items()} == {
        "setup": (False, False, True),
        "row_means_answer": (False, True, False),
        "row_means": (True, False, True),
    }
    assert about["row_means"].points == 8
    assert {meta.schema_version for meta in about.values()} == {3}
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("layout", [{"indent": 1}, {"indent": 2, "ensure_ascii": False}, {"indent": None}])
def test_an_exercise_is_put_before_the_overview_and_the_rest_of_the_notebook_stays_byte_for_byte(
    tmp_path: Path, layout: dict[str, object]
) -> None:
    course = new_course(tmp_path / "mine")
    path = course / "source/hw1/hw1.ipynb"
    content = json.loads(path.read_bytes())
    content["cells"][0]["source"] = ["año\n", "nuevo"]
    content = dict(reversed(content.items()))
    path.write_text(json.dumps(content, **layout), encoding="utf-8")
    before = json.loads(path.read_bytes())
    grader("new", "exercise", "second", "--course", str(course))
    after = json.loads(path.read_bytes())
    *cells, last = before["cells"]
    assert last["source"] == ["overview()"]
    assert after["cells"][: len(cells)] == cells
    assert after["cells"][-1] == last
    added = after["cells"][len(cells) : -1]
    assert [cell["id"] for cell in added] == ["second-text", "second-answer", "second-check"]
    after["cells"] = before["cells"]
    assert json.dumps(after, **layout) == json.dumps(before, **layout)
    assert path.read_text(encoding="utf-8").startswith(json.dumps(before, **layout)[:40])


def test_an_exercise_of_a_notebook_in_two_languages_has_its_prose_in_both(tmp_path: Path) -> None:
    course = new_course(tmp_path / "mine")
    path = course / "source/hw1/hw1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].metadata.tags = ["es"]
    notebook.cells[2].metadata.tags = ["en"]
    nbformat.write(notebook, path)
    grader("new", "exercise", "second", "--course", str(course))
    added = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells[-5:-1]}
    assert added["second-text-es"].metadata.tags == ["es"]
    assert "la media de cada fila" in added["second-text-es"].source
    assert added["second-text-en"].metadata.tags == ["en"]
    mistakes = (course / "checks/hw1/second/answers/mistakes.toml").read_text()
    assert "hint.en" in mistakes
    assert "hint.es" in mistakes


# ------------------------------------------------------------------------------------------------ what is refused


def test_what_student_means_by_itself_is_no_exercise() -> None:
    own = {name for name in dir(Student) if not name.startswith("_")} | {"last_call"}
    assert own <= RESERVED


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("exercise", "row_means"), "hw1.ipynb has a cell of it"),
        (("exercise", "row-means"), "the name of a Python function"),
        (("exercise", "lambda"), "the name of a Python function"),
        (("exercise", "call"), "means something else in a check"),
        (("exercise", "other", "--assignment", "hw2"), "there is no assignment 'hw2' in"),
        (("assignment", "hw1"), "there is an assignment 'hw1'"),
        (("assignment", "a/b"), "cannot be an assignment's name"),
    ],
)
def test_a_name_that_is_taken_or_no_name_is_refused(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    course = new_course(tmp_path / "mine")
    assert expected in refused(course, "new", *arguments, "--course", str(course))


def test_an_exercise_whose_checks_are_there_is_refused(tmp_path: Path) -> None:
    course = new_course(tmp_path / "mine")
    visible = course / "checks/hw1/visible.py"
    visible.write_text(
        'from grader.kit import exercise\n\n\n@exercise("other")\ndef test_it(student):\n    """It."""\n'
    )
    said = refused(course, "new", "exercise", "other", "--course", str(course))
    assert f"a file in {course / 'checks/hw1'} has checks of it" in said


def test_which_assignment_must_be_said_where_there_are_several(tmp_path: Path) -> None:
    course = new_course(tmp_path / "mine")
    grader("new", "assignment", "hw2", "--course", str(course))
    said = refused(course, "new", "exercise", "other", "--course", str(course))
    assert "say which assignment, with --assignment; there are: hw1, hw2" in said
    grader("new", "exercise", "other", "--assignment", "hw2", "--course", str(course))


def test_a_folder_that_is_no_course_or_not_empty_is_refused(tmp_path: Path) -> None:
    assert "lies in no course" in refused(tmp_path, "new", "assignment", "hw1", "--course", str(tmp_path))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    assert "exists and is not empty" in refused(tmp_path, "new", "course", str(tmp_path / "full"))
    assert "exists and is not empty" in refused(tmp_path, "new", "course", str(tmp_path / "full" / "file"))
    assert "there is no course in 'xx'" in refused(tmp_path, "new", "course", str(tmp_path / "a"), "--language", "xx")


# ------------------------------------------------------------------------------------------------ a graded class


def hand_in(course: Path, student: str, answer: str | None) -> None:
    notebook = nbformat.read(course / "release/hw1/hw1.ipynb", as_version=4)
    target = course / "submitted" / student / "hw1" / "hw1.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(answered(notebook, answer), target)


def answered(notebook: nbformat.NotebookNode, answer: str | None) -> nbformat.NotebookNode:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "row_means_answer" and answer is not None:
            cell.source = answer
    return notebook


def scores(course: Path) -> dict[str, tuple[float, bool]]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            submission.student_id: (submission.score, bool(submission.needs_manual_grade))
            for submission in gradebook.assignment_submissions("hw1")
        }


def taken_home(course: Path, folder: Path, answer: str | None = None) -> Path:
    """The released folder, on a student's machine; returns the notebook, with an answer."""
    shutil.copytree(course / "release/hw1", folder)
    path = folder / "hw1.ipynb"
    path.chmod(0o644)
    nbformat.write(answered(nbformat.read(path, as_version=4), answer), path)
    return path


def outputs(path: Path) -> str:
    """All that a notebook shows when it is run where it lies."""
    notebook = nbformat.read(path, as_version=4)
    found: list[nbformat.NotebookNode] = []

    def execute() -> None:  # whatever loop the tests run
        client = NotebookClient(
            notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}
        )
        found.append(client.execute())

    thread = threading.Thread(target=execute)
    thread.start()
    thread.join()
    return json.dumps([cell.get("outputs", []) for cell in found[0].cells], ensure_ascii=False)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose only assignment is released, in a folder of its own."""
    made = new_course(tmp_path_factory.mktemp("teacher") / "mine")
    run(made, "nbgrader", "generate_assignment", "hw1")
    return made


slow = [pytest.mark.slow, pytest.mark.xdist_group("scaffold")]


class TestAClass:
    """From the released assignment to feedback and report."""

    pytestmark = slow

    def test_what_is_released_is_the_notebook_and_the_visible_checks(self, course: Path) -> None:
        assert set(files(course / "release/hw1")) == {
            "hw1.ipynb",
            "checks/row_means/hints.toml",
            "checks/row_means/judges.py",
            "checks/row_means/mistakes.json",
            "checks/row_means/visible.py",
        }
        assert "BEGIN SOLUTION" not in (course / "release/hw1/hw1.ipynb").read_text()

    def test_its_answers_come_out_as_they_should(self, course: Path) -> None:
        printed = run(course, "grader.cli", "test")
        assert re.search(r"row_means\W+2/2\W+2/2\W", printed)
        assert re.search(r"\d+ passed", run(course, "pytest", "-q"))

    def test_both_ways_of_grading_give_the_same_scores(self, course: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        for student, answer in ANSWERS.items():
            hand_in(course, student, answer)
        shutil.copytree(course, other)
        printed = run(course, "nbgrader", "autograde", "hw1")
        assert "hw1: graded with 3 visible and 2 hidden checks" in printed
        printed = run(other, "grader.cli", "autograde", "hw1")
        assert "hw1: graded with 3 visible and 2 hidden checks" in printed
        found = scores(course)
        assert found == scores(other)
        assert found["right"] == (8, False)
        assert {student for student, (score, _) in found.items() if score == 8} == {"right"}
        assert not any(by_hand for _, by_hand in found.values())

        run(course, "nbgrader", "generate_feedback", "hw1")
        page = (course / "feedback/mistake/hw1/hw1.html").read_text()
        assert "The code goes down the columns" in page
        assert "assert_row_means" not in page
        run(course, "grader.cli", "report", "hw1", "--csv", "rows.csv")
        with (course / "rows.csv").open(newline="") as file:
            assert {row["student"] for row in csv.DictReader(file)} == set(ANSWERS)

    def test_a_student_checks_with_the_released_folder_alone(self, course: Path, tmp_path: Path) -> None:
        right = taken_home(course, tmp_path / "right", RIGHT)
        assert "3 of 3 checks passed" in run(right.parent, "grader.cli", "check", "hw1.ipynb")
        assert re.search(r"\b3 passed", run(right.parent, "pytest", "hw1.ipynb"))
        assert "Success! Your notebook passes all the tests." in run(right.parent, "nbgrader", "validate", "hw1.ipynb")
        assert "3 of 3 checks passed" in outputs(right)

        wrong = taken_home(course, tmp_path / "wrong", ANSWERS["mistake"])
        hint = "The code goes down the columns"
        assert hint in run(wrong.parent, "grader.cli", "check", "hw1.ipynb", code=1)
        assert hint in run(wrong.parent, "pytest", "hw1.ipynb", code=1)
        assert "VALIDATION FAILED ON 1 CELL(S)" in run(wrong.parent, "nbgrader", "validate", "hw1.ipynb")
        assert hint in outputs(wrong)

    def test_checks_that_were_left_behind_are_said_in_one_sentence(self, course: Path, tmp_path: Path) -> None:
        path = taken_home(course, tmp_path / "alone", RIGHT)
        shutil.rmtree(path.parent / "checks")
        sentence = "The checks of this notebook are not here: copy the folder"
        for program in (("grader.cli", "check"), ("pytest",)):
            said = run(path.parent, *program, "hw1.ipynb", code=2)
            assert said.count(sentence) == 1
            assert str(path.parent) in said
        said = run(path.parent, "grader.cli", "check", "--language", "es", "hw1.ipynb", code=2)
        assert "Las comprobaciones de este cuaderno no están aquí" in said
        shown = outputs(path)
        assert f'"traceback": ["NotCheckedError: {sentence}' in shown
        assert str(path.parent) in shown

    def test_courses_of_one_machine_do_not_see_each_other(self, course: Path, tmp_path: Path) -> None:
        other = new_course(tmp_path / "other")
        judges = other / "checks/hw1/row_means/judges.py"
        judges.write_text(judges.read_text().replace("dim=1", "dim=0"))
        run(other, "nbgrader", "generate_assignment", "hw1")
        answers = {"rows": RIGHT, "columns": ANSWERS["mistake"]}
        homes = {"ours": course, "theirs": other}
        passed = {
            (home, answer): "3 of 3 checks passed" in outputs(taken_home(folder, tmp_path / home / answer, source))
            for home, folder in homes.items()
            for answer, source in answers.items()
        }
        assert passed == {
            ("ours", "rows"): True,
            ("ours", "columns"): False,
            ("theirs", "rows"): False,
            ("theirs", "columns"): True,
        }

    def test_courses_in_one_process_do_not_see_each_other(self, course: Path, tmp_path: Path) -> None:
        other = new_course(tmp_path / "other")
        judges = other / "checks/hw1/row_means/judges.py"
        judges.write_text(judges.read_text().replace("dim=1", "dim=0"))
        for folder, code in ((course, 0), (other, 1), (course, 0)):
            grader("check", str(folder / "source/hw1/hw1.ipynb"), code=code)


@pytest.mark.slow
@pytest.mark.xdist_group("scaffold")
def test_a_third_language_for_one_exercise(tmp_path: Path) -> None:
    made = new_course(tmp_path / "mine")
    source = made / "source/hw1/hw1.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(new_markdown_cell("Parabéns!", metadata={"tags": ["pt"]}))
    nbformat.write(notebook, source)
    told = grader("messages", "--course", str(made), "--add", "pt", code=1)
    assert "'The means of the rows of a small matrix.'" in told
    assert "notebook.po: not translated: 'Args:" in told
    folder = made / "checks/hw1/locale/pt/LC_MESSAGES"
    portuguese = {
        "The means of the rows of a small matrix.": "As médias das linhas de uma matriz pequena.",
        "The means of the columns are returned.": "São as médias das colunas.",
    }
    for path in folder.glob("*.po"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="pt")
        for message in catalogue:
            if message.id:
                message.string = portuguese.get(message.id, f"pt: {message.id}")
        path.write_bytes(po_bytes(catalogue))
    grader("messages", "--course", str(made))
    run(made, "nbgrader", "generate_assignment", "hw1", "--AulaTorch.language=pt")
    assert "checks/locale/pt/LC_MESSAGES/checks.mo" in files(made / "release/hw1")
    assert not [name for name in files(made / "release/hw1") if "hidden" in name or "notebook" in name]
    texts = {text for cell in nbformat.read(source, as_version=4).cells for text in texts_in(cell.source)}
    released = nbformat.read(made / "release/hw1/hw1.ipynb", as_version=4).cells
    docstrings = {text for cell in released if cell.cell_type == "code" for text in texts_in(cell.source)}
    assert docstrings == {f"pt: {text}" for text in texts} | {"YOUR CODE HERE"}

    path = taken_home(made, tmp_path / "home", ANSWERS["mistake"])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(2, new_code_cell('use_language("pt")'))
    nbformat.write(notebook, path)
    shown = outputs(path)
    assert "As médias das linhas de uma matriz pequena." in shown
    assert "São as médias das colunas." in shown
    assert "has the wrong shape." in shown  # the package's own text
    assert "The means of the rows" not in shown
    said = run(path.parent, "grader.cli", "check", "hw1.ipynb", code=1)
    assert "São as médias das colunas." in said
