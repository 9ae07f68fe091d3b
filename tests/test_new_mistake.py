"""`grader new mistake`: what a student handed in becomes a mistake of the library."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.devkit.warmup import command, environment
from grader.evidence.mistakes import read_answer

ANSWER = '''def row_means(x):
    """Ana's own work."""
    # Ana
    return x.sum(dim=1)
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    for arguments in (("course", str(made)), ("assignment", "hw1"), ("exercise", "row_means")):
        last = () if arguments[0] == "course" else ("--course", str(made))
        assert CliRunner().invoke(main, ["new", *arguments, *last]).exit_code == 0
    notebook = nbformat.read(made / "source/hw1/hw1.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "row_means_answer":
            cell.source = ANSWER
    target = made / "submitted/ana/hw1/hw1.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)
    return made


def new(course: Path, *arguments: str, keys: str = "", code: int = 0) -> str:
    done = CliRunner().invoke(main, ["new", "mistake", *arguments, "--course", str(course)], input=keys)
    assert done.exit_code == code, done.output
    return done.output


def test_a_submission_becomes_a_mistake_that_names_nobody(course: Path) -> None:
    texts = ["--title", "The rows are summed.", "--hint", "en:The code sums, and never divides."]
    said = new(course, "hw1", "row_means", "--from", "ana", "--name", "summed", "--class", "fatal", *texts)
    assert "read it" in said
    path = course / "checks/hw1/row_means/answers/wrong_summed.py"
    answer = read_answer(path)
    assert answer.title == "The rows are summed."
    assert answer.hints == {"en": "The code sums, and never divides."}
    assert answer.severity == "fatal"
    assert answer.source == "def row_means(x):\n    return x.sum(dim=1)\n"
    assert "Ana" not in path.read_text()


def test_what_no_option_says_is_asked_for(course: Path) -> None:
    path = course / "submitted/ana/hw1/hw1.ipynb"
    new(course, "hw1", "row_means", "--from", str(path), "--name", "summed", keys='It "sums".\nIt never divides.\n')
    answer = read_answer(course / "checks/hw1/row_means/answers/wrong_summed.py")
    assert (answer.title, answer.hints["en"]) == ('It "sums".', "It never divides.")


@pytest.mark.parametrize("submission", ["submitted/ana/hw1", "submitted/ana/hw1/hw1.ipynb", "ana"])
def test_a_submission_is_named_by_its_student_its_folder_or_its_notebook(
    course: Path, submission: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    new(course, "hw1", "row_means", "--from", submission, keys="Two words\nsummed\nIt sums.\nIt never divides.\n")
    assert read_answer(course / "checks/hw1/row_means/answers/wrong_summed.py").title == "It sums."


def test_what_was_graded_comes_before_what_was_handed_in(course: Path) -> None:
    """The report tells of the graded notebook, and its cells have their names again."""
    handed_in = course / "submitted/ana/hw1/hw1.ipynb"
    graded = course / "autograded/ana/hw1/hw1.ipynb"
    graded.parent.mkdir(parents=True)
    shutil.copy(handed_in, graded)
    notebook = nbformat.read(handed_in, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    nbformat.write(notebook, handed_in)
    new(course, "hw1", "row_means", "--from", "ana", "--name", "summed", "--title", "It sums.", "--hint", "It sums.")
    assert (course / "checks/hw1/row_means/answers/wrong_summed.py").is_file()


@pytest.mark.slow
def test_the_command_that_a_report_prints_works_as_it_stands(course: Path) -> None:
    def grader(*arguments: str, keys: str = "") -> str:
        done = subprocess.run(
            command("grader", *arguments),
            cwd=course,
            env=environment(course),
            input=keys,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    shutil.copytree(course / "submitted/ana", course / "submitted/bea o'hara")
    subprocess.run(command("nbgrader", "generate_assignment", "hw1"), cwd=course, env=environment(course), check=True)
    shutil.rmtree(course / "submitted/ana")
    shutil.copytree(course / "submitted/bea o'hara", course / "submitted/zoe")
    grader("autograde", "hw1")
    (shared,) = json.loads(grader("report", "hw1", "--json", "-"))["mistakes"]
    program, *arguments = shlex.split(shared["command"])
    assert (program, shared["kind"], shared["count"], shared["name"]) == ("grader", "changed", 2, "")
    assert "`sum` in place of `mean`" in shared["title"]
    grader(*arguments, keys="summed\nThe rows are summed.\nIt never divides.\n")
    assert (course / "checks/hw1/row_means/answers/wrong_summed.py").is_file()
    grader("autograde", "hw1", "--force")
    (known,) = json.loads(grader("report", "hw1", "--json", "-"))["mistakes"]
    assert (known["kind"], known["name"], known["title"]) == ("named", "summed", "The rows are summed.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hw1", "row_means", "--from", "eve", "--name", "a"), "nobody of this name handed in 'hw1'"),
        (("hw1", "rows", "--from", "ana", "--name", "a"), "'hw1' has no checks of 'rows'"),
        (("hw2", "row_means", "--from", "ana", "--name", "a"), "'hw2' has no checks of 'row_means'"),
        (("hw1", "row_means", "--from", "ana", "--name", "Two words"), "cannot be a mistake's name"),
        (("hw1", "row_means", "--from", "ana", "--name", "columns"), "has a mistake 'columns' already"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(course: Path, arguments: tuple[str, ...], said: str) -> None:
    folder = course / "checks"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert said in new(course, *arguments, code=2)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
