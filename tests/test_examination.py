"""A course that cannot be graded as it is set up is refused in one line, before any of its students is graded."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Config

from grader.check_cells import exercise_checked
from grader.course import Checks, Course, CourseError
from grader.devkit.answers import CHECKS, assignments, points
from grader.devkit.warmup import ASSIGNMENT, RIGHT, hand_in, make_course, run
from grader.grading.examination import Graded, Released, examine, examine_sources
from grader.grading.faults import CheckCell, faults_in

CHECK = """\
from grader.kit import exercise


@exercise("{name}", weight={weight})
def test_it(student):
    \"\"\"It is right.\"\"\"
"""
STEPS = ("grader.grading.steps.grading.GradeCells", "nbgrader.preprocessors.SaveAutoGrades")
DOUBLE = {"double": 'check("double")'}


class CourseFolder:
    """A course's folder with one assignment, and what its gradebook would know of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("source/hw", "checks/hw"):
            (root / folder).mkdir(parents=True)
        self.check("visible.py", "double")
        self.check("hidden.py", "double")
        self.settings = Config()

    def check(self, path: str, name: str, weight: float = 1) -> None:
        target = self.root / "checks" / "hw" / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(CHECK.format(name=name, weight=weight))

    def write(self, cells: dict[str, str], **metadata: object) -> None:
        """The instructor's notebook."""
        about = {"grade": True, "points": 5, "schema_version": 3, "solution": False, "locked": True, "task": False}
        made = [
            new_code_cell(source, metadata={"nbgrader": {**about, "grade_id": name}, **metadata})
            for name, source in cells.items()
        ]
        nbformat.write(new_notebook(cells=made), self.root / "source" / "hw" / "hw.ipynb")

    def _opened(self) -> Course:
        (self.root / "nbgrader_config.py").write_text("")
        course = Course.open(self.root)
        config = Config(course.config)
        config.AulaTorch = self.settings
        return Course(self.root, config, type(course.settings)(config=config))

    def examine(
        self, cells: dict[str, str] = DOUBLE, worth: float = 5, steps: tuple[str | type, ...] = STEPS
    ) -> Graded | None:
        """Before grading."""
        if not (self.root / "source" / "hw" / "hw.ipynb").exists():
            self.write(cells)
        course = self._opened()
        known = Released({"hw": cells}, False, {"hw": dict.fromkeys(cells, worth)})
        return examine(CourseDirectory(config=course.config, assignment_id="hw"), course.settings, known, steps)

    def examine_sources(self) -> None:
        """Before generating."""
        course = self._opened()
        examine_sources(CourseDirectory(config=course.config, assignment_id="hw"), course.settings)

    def refusal(self, cells: dict[str, str] = DOUBLE) -> str:
        """The one line that is said, before generating and before grading alike."""
        self.write(cells)
        said = set()
        for examined in (self.examine_sources, lambda: self.examine(cells)):
            with pytest.raises((CourseError, TraitError)) as refused:
                examined()
            said.add(str(refused.value))
        assert len(said) == 1
        assert "\n" not in said.copy().pop()
        return said.pop()


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    return CourseFolder(tmp_path)


def test_a_run_says_how_many_checks_it_grades_with(course: CourseFolder) -> None:
    course.check("triple/visible.py", "triple")
    assert str(course.examine()) == "hw: graded with 1 visible and 1 hidden checks"
    course.settings.grade_without_hidden_checks = True
    assert str(course.examine()) == (
        "hw: graded with 1 visible and 0 hidden checks (c.AulaTorch.grade_without_hidden_checks)"
    )


def test_a_misspelt_exercise_is_named_with_its_cell(course: CourseFolder) -> None:
    said = course.refusal({"double": 'check("doubel")'})
    assert said == (
        f"hw.ipynb, cell 'double': no check of 'doubel' in {course.root / 'checks/hw'} (did you mean 'double'?)"
    )


def test_a_check_cell_without_checks_is_named(course: CourseFolder) -> None:
    said = course.refusal(DOUBLE | {"a": 'check("xyz")'})
    assert said == f"hw.ipynb, cell 'a': no check of 'xyz' in {course.root / 'checks/hw'}"


def test_many_faults_are_one_line(course: CourseFolder) -> None:
    said = course.refusal({f"cell{n}": f'check("zz{n}")' for n in range(5)})
    assert said.count("no check of") == 3
    assert said.endswith("(and 2 more)")


def test_two_check_cells_of_one_exercise_are_named(course: CourseFolder) -> None:
    said = course.refusal({"a": 'check("double")', "b": 'check("double")'})
    assert said == "hw.ipynb, cells 'a' and 'b': all of them check 'double', and an exercise has one cell"


def test_cells_of_another_language_are_not_counted(course: CourseFolder) -> None:
    course.write(DOUBLE, tags=["es"])
    course.examine_sources()
    notebook = nbformat.read(course.root / "source/hw/hw.ipynb", as_version=4)
    notebook.cells += copy.deepcopy(notebook.cells)
    notebook.cells[1].metadata.tags = ["en"]
    notebook.cells[1].id = "twin"
    nbformat.write(notebook, course.root / "source/hw/hw.ipynb")
    course.examine_sources()


def test_two_exercises_of_one_name_are_named_with_their_files(course: CourseFolder) -> None:
    course.check("twice/visible.py", "double")
    assert course.refusal() == (
        "hw/visible.py and hw/twice/visible.py have checks of 'double' each: rename one of the exercises"
    )


def test_an_exercise_whose_checks_all_have_weight_0_is_named(course: CourseFolder) -> None:
    course.check("visible.py", "double", weight=0)
    assert course.examine() is not None
    course.check("hidden.py", "double", weight=0.0)
    said = course.refusal()
    assert said.startswith("hw.ipynb, cell 'double': every check of 'double' in ")
    assert said.endswith("has weight 0, so that nobody gets its 5 points: give one a weight, or the cell 0 points")
    assert course.examine(worth=0) is not None


@pytest.mark.parametrize("assignment", assignments())
def test_the_course_of_this_repository_has_no_such_fault(assignment: str) -> None:
    cells = [CheckCell(assignment, name, name, worth) for name, worth in points(assignment).items()]
    assert faults_in(cells, Checks.in_folder(CHECKS / assignment)) == []


def test_a_missing_notebook_of_the_instructor_is_named(course: CourseFolder) -> None:
    course.write(DOUBLE)
    (course.root / "source/hw/hw.ipynb").rename(course.root / "source/hw/other.ipynb")
    known = Released({"hw": DOUBLE}, True, {"hw": {"double": 5}})
    opened = course._opened()
    with pytest.raises(CourseError, match=r"the instructor's notebook .*hw\.ipynb is missing"):
        examine(CourseDirectory(config=opened.config, assignment_id="hw"), opened.settings, known, STEPS)


def test_an_assignment_without_hidden_checks_is_released_and_not_graded(course: CourseFolder) -> None:
    (course.root / "checks/hw/hidden.py").unlink()
    course.write(DOUBLE)
    course.examine_sources()
    with pytest.raises(CourseError, match=r"no hidden check of hw is in .*grade_without_hidden_checks = True"):
        course.examine()


@pytest.mark.parametrize("name", ["visible.py", "hidden.py"])
def test_a_check_file_that_is_not_python_is_named(course: CourseFolder, name: str) -> None:
    (course.root / "checks/hw" / name).write_text("def test(:\n")
    assert (
        f"the check file {course.root / 'checks/hw' / name}, line 1, is not Python: invalid syntax" in course.refusal()
    )


@pytest.mark.parametrize(
    ("mistakes", "words"),
    [
        ("[[mistake", "it is not TOML"),
        ('[[mistake]]\nname = "off"\n', "'off'"),
        (
            '[[mistake]]\nname = "off"\ntitle = "T."\nof = "solution"\nchange = [["2", "3"]]\nhint.en = "H."\n',
            "'off'",
        ),
    ],
)
def test_mistakes_that_cannot_be_read_are_named(course: CourseFolder, mistakes: str, words: str) -> None:
    answers = course.root / "checks" / "hw" / "double" / "answers"
    answers.mkdir(parents=True)
    (answers / "mistakes.toml").write_text(mistakes)
    with pytest.raises(CourseError, match=rf"double/answers/mistakes\.toml.*{words}"):
        course.examine({"double_answer": "def double(x):\n    return x + x", **DOUBLE})


def test_nbgrader_s_own_execution_put_back_is_refused(course: CourseFolder) -> None:
    with pytest.raises(CourseError, match=r"Execute, which would run notebooks unconfined"):
        course.examine(steps=("nbgrader.preprocessors.Execute", *STEPS))


@pytest.mark.parametrize("steps", [(), ("nbgrader.preprocessors.SaveAutoGrades",)])
def test_steps_without_the_one_that_grades_are_refused(course: CourseFolder, steps: tuple[str, ...]) -> None:
    with pytest.raises(CourseError, match=r"has no grader\.grading\.steps\.grading\.GradeCells"):
        course.examine(steps=steps)


def test_a_step_derived_from_the_one_that_grades_will_do(course: CourseFolder) -> None:
    from grader.grading.steps.grading import GradeCells

    assert course.examine(steps=(type("Own", (GradeCells,), {}), *STEPS[1:])) is not None


def test_a_folder_of_checks_that_is_not_there_is_named(course: CourseFolder) -> None:
    course.settings.checks_directory = "chekcs"
    said = course.refusal()
    assert said == (f"c.AulaTorch.checks_directory = 'chekcs': the folder {course.root / 'chekcs'} does not exist")


def test_a_language_without_texts_is_named(course: CourseFolder) -> None:
    course.settings.language = "xx"
    assert course.refusal().startswith("c.AulaTorch.language = 'xx': there are no texts in it; there are: en")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("cel_timeout", 1, "c.AulaTorch.cel_timeout is no setting; did you mean c.AulaTorch.cell_timeout?"),
        ("accept_unprotected", ["netwrok"], "names 'netwrok', which is no protection; did you mean network?"),
    ],
)
def test_an_unknown_setting_or_protection_is_named(
    course: CourseFolder, name: str, value: object, expected: str
) -> None:
    course.settings[name] = value
    with pytest.raises(TraitError) as refused:
        course.examine()
    assert expected in str(refused.value)


def test_an_unknown_section_is_named(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.AulaTroch.x = 1\n")
    with pytest.raises(CourseError, match=r"c\.AulaTroch is no section of settings; did you mean c\.AulaTorch\?"):
        Course.open(tmp_path)


@pytest.mark.parametrize("source", ['grader.check("double")', 'check("double"); x = 1', 'result = check("double")'])
def test_a_graded_cell_that_was_meant_to_be_a_check_cell_is_named(course: CourseFolder, source: str) -> None:
    assert exercise_checked(source) is None
    cells = DOUBLE | {"b": source}
    with pytest.raises(CourseError) as refused:
        course.examine(cells)
    assert str(refused.value) == (
        "hw.ipynb, cell 'b': a graded cell with a call of check is check(\"exercise\") and nothing else"
    )


def test_a_course_of_nbgrader_s_own_needs_no_checks(course: CourseFolder) -> None:
    shutil.rmtree(course.root / "checks")
    cells = {"a": "assert double(1) == 2"}
    course.write(cells)
    course.examine_sources()
    assert course.examine(cells) is None


def test_a_plain_assignment_in_a_course_of_ours_runs_confined(course: CourseFolder) -> None:
    course.write(DOUBLE)
    (course.root / "source/plain").mkdir()
    plain = {"a": "assert double(1) == 2"}
    opened = course._opened()
    found = examine(
        CourseDirectory(config=opened.config, assignment_id="plain"),
        opened.settings,
        Released({"plain": plain}, False, {"plain": {"a": 1}}),
        STEPS,
    )
    assert found == Graded("plain", 0, 0)


# ------------------------------------------------------------------------------------------------ whole commands


def rows(folder: Path) -> list[str]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return [submission.student_id for submission in gradebook.assignment_submissions(ASSIGNMENT)]


def told(printed: str, words: str) -> list[str]:
    return [line for line in printed.splitlines() if words in line]


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    make_course(tmp_path)
    for student in ("ada", "blas"):
        hand_in(tmp_path, student, RIGHT)
    return tmp_path


BROKEN = {
    "hidden.py": ("import torhc\n", "warmup/hidden.py, line 1: ModuleNotFoundError: No module named 'torhc'"),
    "judges.py": ("x = 1\ny = x.z\n", "warmup/judges.py, line 2: AttributeError: 'int' object has no attribute 'z'"),
}


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("program", ["nbgrader", "grader"])
def test_checks_that_do_not_import_are_one_line_and_grade_nobody(handed_in: Path, program: str, name: str) -> None:
    source, expected = BROKEN[name]
    checks = handed_in / "checks" / ASSIGNMENT
    hidden = checks / "hidden.py"
    hidden.write_text(("from .judges import x\n" if name == "judges.py" else source) + hidden.read_text())
    (checks / "judges.py").write_text(source)
    printed = run(handed_in, program, "autograde", ASSIGNMENT, code=1)
    assert expected in printed
    assert "Traceback" not in printed
    assert rows(handed_in) == []
    assert not (handed_in / "autograded").exists()


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
def test_generating_an_assignment_with_a_misspelt_exercise_is_refused_in_one_line(handed_in: Path) -> None:
    path = handed_in / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.write_text(path.read_text().replace('check(\\"count\\")', 'check(\\"cuont\\")'))
    before = (handed_in / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    printed = run(handed_in, "nbgrader", "generate_assignment", ASSIGNMENT, "--force", code=1)
    assert told(printed, "warmup.ipynb, cell 'count': no check of 'cuont'")
    assert "did you mean 'count'?" in printed
    assert "Traceback" not in printed
    assert (handed_in / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_is_no_course_is_refused_and_stays_as_it_is(tmp_path: Path, exists: bool) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    if exists:
        there.mkdir()
    printed = run(here, "grader", "autograde", "--course-dir", str(there), "hw", code=1 if exists else 2)
    reason = f"nothing is graded: {there} is no course: it has no nbgrader_config.py"
    assert told(printed, reason if exists else f"Directory '{there}' does not exist.")
    assert "Traceback" not in printed
    assert there.exists() == exists
    assert not list(here.iterdir())
    assert not exists or not list(there.iterdir())
