"""Files of hints and of solutions: what authors write, what is released, what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.coursedir import CourseDirectory

from grader import hint, solution
from grader.check_cells import exercise_checked
from grader.checking import hints as hints_module
from grader.checking.hint_files import (
    HintFileError,
    Hints,
    faults_in_hints,
    line_below_heading,
    read_hint_file,
    read_hints,
)
from grader.cli import main
from grader.course import RELEASED, Checks, Course, CourseError
from grader.devkit.answers import CHECKS, ROOT, answers, assignments, exercises
from grader.devkit.answers import solution as source_notebook
from grader.evidence.answers import references, solutions_in
from grader.grading.examination import examine_sources
from grader.grading.release import released_files
from grader.kit.messages import speaking
from tests import test_hints
from tests.conftest import hand_out
from tests.test_hints import Said

folder, said = test_hints.folder, test_hints.said

OURS = [(assignment, exercise) for assignment in assignments() for exercise in exercises(assignment)]


def new_course(folder: Path, language: str = "en") -> Path:
    """A course of one assignment, `hw`, with the exercise `double`."""
    course = ["--course", str(folder)]
    for arguments in (
        ["course", str(folder), "--language", language],
        ["assignment", "hw", *course],
        ["exercise", "double", *course],
    ):
        result = CliRunner().invoke(main, ["new", *arguments])
        assert result.exit_code == 0, result.output
    return folder


# -------------------------------------------------------------------------------------------------------- the file

BAD = {
    "[[hint]": "it is not TOML",
    '[[hints]]\nen = "a"': "unknown key 'hints'",
    "difficulty = 4": "difficulty must be a whole number from 1 to 3",
    "difficulty = 0": "difficulty must be a whole number from 1 to 3",
    "difficulty = true": "difficulty must be a whole number from 1 to 3",
    'difficulty = "hard"': "difficulty must be a whole number from 1 to 3",
    "minutes = 0": "minutes must be a whole number above 0",
    "minutes = 1.5": "minutes must be a whole number above 0",
    'hint = "a"': "each hint is a table",
    "hint = [1]": "each hint is a table",
    "[[hint]]": "hint 1: it has no text",
    '[[hint]]\nen = "a"\n[[hint]]\nen = " "': "hint 2: en must be a text, and not empty",
    "[[hint]]\nen = 3": "hint 1: en must be a text, and not empty",
    '[[hint]]\ntext = "a"': "hint 1: unknown key 'text'",
    '[[hint]]\nen = "a"\nminutes = 5': "hint 1: minutes is the exercise's: write it above the first",
}


@pytest.mark.parametrize(("text", "problem"), BAD.items(), ids=BAD.values())
def test_a_file_that_is_not_as_it_should_be_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "hints.toml"
    path.write_text(text)
    with pytest.raises(HintFileError) as raised:
        read_hint_file(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_assignment_with_a_faulty_file_is_not_generated(tmp_path: Path) -> None:
    course = Course.open(new_course(tmp_path / "c"))
    coursedir = CourseDirectory(config=course.config, assignment_id="hw")
    examine_sources(coursedir, course.settings)
    path = tmp_path / "c" / "checks" / "hw" / "double" / "hints.toml"
    written = path.read_text()
    path.write_text(written + "[[hint]]\nes = 'sí'\n")
    problem = "hint 2 has no text in the course's language: add en ="
    with pytest.raises(CourseError, match=problem):
        examine_sources(coursedir, course.settings)
    tested = CliRunner().invoke(main, ["test", "--course", str(tmp_path / "c")])
    assert tested.exit_code == 2
    assert problem in tested.output
    path.write_text(written)
    stray = path.parents[1] / "dubble" / "hints.toml"
    stray.parent.mkdir()
    shutil.copy(path, stray)
    with pytest.raises(CourseError, match="there is no exercise 'dubble', which its folder names; there are: double"):
        examine_sources(coursedir, course.settings)


def test_a_new_exercise_has_a_hint_and_its_cell_says_the_effort(tmp_path: Path) -> None:
    new_course(tmp_path / "c", "es")
    said = read_hints(Checks.in_folder(tmp_path / "c" / "checks" / "hw"), "double")
    assert [set(step) for step in said.steps] == [{"es"}]
    notebook = nbformat.read(tmp_path / "c" / "source" / "hw" / "hw.ipynb", as_version=4)
    assert any(line_below_heading("double", said, "es") in cell.source for cell in notebook.cells)


def test_the_line_below_a_heading_says_what_is_known() -> None:
    assert line_below_heading("f", Hints(), "en") == ""
    assert line_below_heading("f", Hints(difficulty=1), "en") == "●○○"
    full = Hints(({"en": "a"},), 2, 15)
    assert line_below_heading("f", full, "en") == '●●○ · about 15 min · stuck? `hint("f")`'
    assert line_below_heading("f", full, "es") == '●●○ · unos 15 min · ¿te atascas? `hint("f")`'


# ------------------------------------------------------------------------------------------------- our own course


@pytest.mark.parametrize("assignment", assignments())
def test_every_exercise_of_ours_has_hints_in_both_languages_and_no_fault(assignment: str) -> None:
    checks = Checks.in_folder(CHECKS / assignment)
    for exercise in exercises(assignment):
        found = read_hints(checks, exercise)
        assert len(found.steps) >= 3, exercise
        assert {frozenset(step) for step in found.steps} == {frozenset({"en", "es"})}, exercise
        assert found.difficulty is not None
        assert found.minutes is not None
    assert faults_in_hints(checks, "en") == []
    assert faults_in_hints(checks, "es") == []


@pytest.mark.parametrize(("assignment", "exercise"), OURS, ids=[exercise for _, exercise in OURS])
def test_no_hint_holds_a_line_of_a_right_answer(assignment: str, exercise: str) -> None:
    sources = [item.source for item in answers(assignment) if item.exercise == exercise and item.is_right]
    sources.append(references(ROOT / "solutions" / assignment / f"{assignment}.ipynb")[exercise])
    lines = {line.strip() for source in sources for line in source.splitlines() if len(line.strip()) > 25}
    assert lines
    text = (CHECKS / assignment / exercise / "hints.toml").read_text(encoding="utf-8")
    assert [line for line in lines if line in text] == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("assignment", assignments())
def test_below_each_heading_stand_the_effort_and_how_to_ask(assignment: str, language: str) -> None:
    checks = Checks.in_folder(CHECKS / assignment)
    prose, shown = "", {}
    for cell in source_notebook(assignment).cells:
        if cell.cell_type == "markdown" and language in cell.metadata.tags:
            prose += cell.source + "\n"
        elif (exercise := exercise_checked(cell.source)) is not None:
            shown[exercise] = re.findall(r"^#+ .+\n\n([●○]{3} · .+)$", prose, re.MULTILINE)
            prose = ""
    expected = {name: [line_below_heading(name, read_hints(checks, name), language)] for name in exercises(assignment)}
    assert shown == expected


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("assignment", assignments())
def test_a_release_has_every_hint_and_no_solution(assignment: str, language: str) -> None:
    checks = Checks.in_folder(CHECKS / assignment)
    sent = {path.relative_to(checks.folder) for path in released_files(checks) if path.name == "hints.toml"}
    assert {path.parent.name for path in sent} == set(exercises(assignment))
    folder = ROOT / "assignments" / language / assignment
    for path in sent:
        assert (folder / RELEASED / path).read_bytes() == (checks.folder / path).read_bytes(), "run `make assignments`"
    assert list(folder.rglob("solutions_*")) == []
    assert "from grader import hint" in (folder / f"{assignment}.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("assignment", assignments())
def test_a_student_with_the_released_folder_alone_gets_every_hint(
    assignment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_out(assignment, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hints_module, "_SHOWN", {})
    for exercise in exercises(assignment):
        for step in read_hints(Checks.in_folder(CHECKS / assignment), exercise).steps:
            with speaking("en"):
                hint(exercise)
            assert step["en"] in capsys.readouterr().out


# ---------------------------------------------------------------------------------------- grader release-solutions


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one assignment, `hw`, with the exercise `double`."""
    return new_course(tmp_path / "c")


def test_solutions_are_released_as_students_would_have_written_them(
    course: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = course / "release" / "hw"
    shutil.copytree(course / "checks" / "hw", released / RELEASED)
    result = CliRunner().invoke(main, ["release-solutions", "hw", "--course", str(course)])
    assert result.exit_code == 0, result.output
    path = released / "solutions_hw.json"
    assert str(path) in result.output
    source = nbformat.read(course / "source" / "hw" / "hw.ipynb", as_version=4)
    assert json.loads(path.read_text())["solutions"] == solutions_in(source.cells)
    assert "SOLUTION" not in path.read_text()
    monkeypatch.chdir(released)
    assert "return x.mean(dim=1)" in said(solution, "double")


def test_the_course_s_language_is_that_of_the_solutions(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    arguments = ["release-solutions", "02_broadcasting", "--course", str(ROOT), "--output", str(path)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    found = json.loads(path.read_text())["solutions"]
    assert list(found) == exercises("02_broadcasting")
    assert "Argumentos:" in found["broadcast_shape"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["none"], "there is no source notebook of 'none'"),
        (["hw"], "`nbgrader generate_assignment hw` makes it, or name a file with --output"),
        (["hw", "--output", "no/such/folder.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_released_is_one_line(course: Path, arguments: list[str], problem: str) -> None:
    result = CliRunner().invoke(main, ["release-solutions", *arguments, "--course", str(course)])
    assert result.exit_code == 2
    assert problem in result.output
    assert result.output.count("\n") == 1
