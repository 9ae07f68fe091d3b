"""How answers are written, what is said of those that cannot be used, and the tests that pytest makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from grader.devkit.trial import test as grader_test
from grader.evidence.answers import read_answers, references, source_of
from grader.evidence.mistakes import Answer, AnswerError, read_answer, read_mistakes

SOLUTION = '''\
def double(x):
    """Twice a number."""
    ### BEGIN SOLUTION
    total = x + x
    return total
    ### END SOLUTION'''

CHECKS = """\
from grader.kit import assert_equal, exercise, tr


@exercise("double")
def test_{kind}(student):
    '''Twice a number.'''
    for x in {numbers}:
        assert_equal(student.double(x), 2 * x, hint=tr("Add the number to itself"))
"""

SQUARED = """\
[[mistake]]
name = "squared"
title = "The number times itself."
of = "solution"
change = [["x + x", "x * x"]]
hint.en = "Add the number"
"""

TIMES_TWO = '''\
[[mistake]]
name = "three_times"
title = "Three times the number."
of = "right_times_two"
change = [["""
    return 2 * x
""", """
    factor = 3
    return factor * x
"""]]
hint.en = "to itself"
'''

WHOLE = '''\
"""One more in the place of as many more."""
# hint.en: Add the number to itself


def double(x):
    for _ in range(1):
        x += 1
    return x
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one exercise, with two right answers, two mistakes and a wrong answer of its own."""
    (tmp_path / "nbgrader_config.py").write_text(
        "from grader.configure import configure\nc = get_config()\nconfigure(c)\n"
    )
    notebook = new_notebook(
        cells=[
            new_code_cell("from grader import check"),
            _cell(SOLUTION, "double_answer", solution=True, grade=False),
            _cell('check("double")', "double", solution=False, grade=True, points=1),
        ]
    )
    (tmp_path / "source" / "hw").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "source" / "hw" / "hw.ipynb")
    answers = tmp_path / "checks" / "hw" / "double" / "answers"
    answers.mkdir(parents=True)
    for kind, numbers in (("visible", "[0, 1, 3]"), ("hidden", "[5, 6, 7]")):
        (answers.parent / f"{kind}.py").write_text(CHECKS.format(kind=kind, numbers=numbers))
    (answers / "right_times_two.py").write_text('"""A product."""\n\n\ndef double(x):\n    return 2 * x\n')
    (answers / "right_sum.py").write_text('"""A sum."""\n\n\ndef double(x):\n    return sum([x, x])\n')
    (answers / "wrong_one_more.py").write_text(WHOLE)
    (answers / "mistakes.toml").write_text(f"{SQUARED}\n{TIMES_TWO}")
    return tmp_path


def _cell(source: str, name: str, **metadata: object) -> nbformat.NotebookNode:
    about = {"grade_id": name, "locked": True, "schema_version": 3, "task": False, **metadata}
    return new_code_cell(source, metadata={"nbgrader": about})


def in_course(course: Path) -> list[Answer]:
    return read_answers(course / "checks" / "hw", course / "source" / "hw" / "hw.ipynb")


def answers_of(course: Path) -> Path:
    return course / "checks" / "hw" / "double" / "answers"


def by_name(course: Path) -> dict[str, Answer]:
    return {answer.name: answer for answer in in_course(course)}


# ------------------------------------------------------------------------------------------------- what is read


def test_both_forms_are_read_into_answers(course: Path) -> None:
    found = in_course(course)
    names = ["right_sum", "right_times_two", "wrong_one_more", "wrong_squared", "wrong_three_times"]
    assert [answer.name for answer in found] == names
    assert [answer.is_right for answer in found] == [True, True, False, False, False]
    assert {(answer.assignment, answer.exercise) for answer in found} == {("hw", "double")}


def test_a_mistake_is_the_reference_with_its_change_as_a_student_would_type_it(course: Path) -> None:
    squared = by_name(course)["wrong_squared"]
    assert squared.source == 'def double(x):\n    """Twice a number."""\n    total = x * x\n    return total\n'
    assert squared.title == "The number times itself."
    assert squared.hints == {"en": "Add the number"}
    assert squared.path == answers_of(course) / "mistakes.toml"


def test_a_mistake_may_change_another_right_answer(course: Path) -> None:
    assert by_name(course)["wrong_three_times"].source == "def double(x):\n    factor = 3\n    return factor * x\n"


def test_changes_are_made_one_after_the_other(course: Path) -> None:
    text = SQUARED.replace('[["x + x", "x * x"]]', '[["x + x", "y + y"], ["y + y", "y"], ["= y", "= 2"]]')
    (answers_of(course) / "mistakes.toml").write_text(text)
    assert "total = 2\n" in by_name(course)["wrong_squared"].source


def test_a_whole_file_is_read_without_its_header(course: Path) -> None:
    answer = by_name(course)["wrong_one_more"]
    assert answer.source.startswith("def double(x):\n    for")
    assert answer.title == "One more in the place of as many more."
    assert answer.hints == {"en": "Add the number to itself"}


def test_a_title_is_the_first_paragraph(course: Path) -> None:
    path = answers_of(course) / "right_sum.py"
    path.write_text('"""A sum,\nof two.\n\nAnd more."""\nimport math\ndouble = math.fsum\n')
    answer = read_answer(path)
    assert (answer.title, answer.source) == ("A sum, of two.", "import math\ndouble = math.fsum\n")


def test_the_source_notebook_may_have_another_name(course: Path) -> None:
    source = course / "source" / "hw" / "hw.ipynb"
    renamed = source.rename(source.with_name("problem1.ipynb"))
    assert source_of(course / "checks" / "hw", "double") == renamed
    assert "### BEGIN" not in references(renamed)["double"]


# ------------------------------------------------------------------------------------------------- what is refused


def changed(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed('"solution"', '"right_nothing"'), "there is no right answer 'right_nothing' to change; there are: "),
        (changed('"x + x"', '"x - x"'), "'x - x' does not occur in 'solution'"),
        (changed('"x + x"', '"total"'), "'total' occurs 2 times in 'solution'"),
        (changed('"x * x"', '"x + x"'), "the change has no effect"),
        (changed('"x * x"', '"x *"'), "what comes of it is not Python"),
        (changed("hint.en", "hint.es"), "has no hint in e"),
        (changed('hint.en = "Add the number"', ""), "it has no hint"),
        (changed('"three_times"', '"squared"'), "there is another one of this name"),
        (changed('"squared"', '"one_more"'), "mistake 'one_more': there is another one of this name"),
        (changed("of =", "off ="), "unknown key 'off'; there are: name, title, of, change, hint"),
        (changed('name = "squared"', ""), "mistake 'number 1': name must be a text"),
        (changed('"The number times itself."', '" "'), "mistake 'squared': title must be a text"),
        (changed('[["x + x", "x * x"]]', '["x + x", "x * x"]'), "change must be a list of pairs"),
        (changed("[[mistake]]", "[[mistakes]]"), "it holds tables [[mistake]] and nothing else"),
        (changed("[[mistake]]", "[[mistake"), "it is not TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_in_one_line(course: Path, change: Callable[[str], str], says: str) -> None:
    path = answers_of(course) / "mistakes.toml"
    path.write_text(change(path.read_text()))
    with pytest.raises(AnswerError) as raised:
        in_course(course)
    assert says in str(raised.value)
    assert "mistakes.toml" in str(raised.value) or "wrong_one_more.py" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("wrong_no_title.py", "def double(x):\n    return x\n", "begins with a docstring"),
        ("helper.py", '"""A helper."""\nx = 1\n', "an answer is called right_… or wrong_…"),
        ("wrong_syntax.py", '"""Half."""\ndef double(:\n', "it is not Python"),
        ("wrong_no_hint.py", '"""Half."""\ndef double(x):\n    return x / 2\n', "wrong_no_hint has no hint in en"),
    ],
)
def test_a_file_that_is_no_answer_is_named(course: Path, name: str, text: str, says: str) -> None:
    (answers_of(course) / name).write_text(text)
    with pytest.raises(AnswerError, match=says):
        in_course(course)


def test_an_exercise_without_mistakes_has_none(tmp_path: Path) -> None:
    assert read_mistakes(tmp_path / "mistakes.toml") == []


# ------------------------------------------------------------------------------------------------- as tests of pytest


class Outcomes:
    """A plugin of pytest that keeps how each test ended."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: dict[str, str] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)
        elif report.when == "call":
            self.passed.append(report.nodeid)


def run_pytest(course: Path, *arguments: str) -> Outcomes:
    outcomes = Outcomes()
    plugins = ["grader.checking.plugin", "grader.devkit.plugin", "no:terminal", "no:cacheprovider"]
    options = [f"--rootdir={course}", "--config-file=/dev/null", "--disable-plugin-autoload", "--noconftest"]
    pytest.main([*options, *(f"-p{name}" for name in plugins), *arguments], plugins=[outcomes])
    return outcomes


def test_each_answer_is_a_test_with_a_readable_id(course: Path) -> None:
    outcomes = run_pytest(course, str(course / "checks"))
    assert outcomes.failed == {}
    folder = "checks/hw/double"
    assert outcomes.passed == [
        f"{folder}/answers/mistakes.toml::squared",
        f"{folder}/answers/mistakes.toml::three_times",
        f"{folder}/answers/right_sum.py::right_sum",
        f"{folder}/answers/right_times_two.py::right_times_two",
        f"{folder}/answers/wrong_one_more.py::wrong_one_more",
        f"{folder}/visible.py::answers_to_double",
    ]


def test_an_answer_can_be_named_on_the_command_line(course: Path) -> None:
    answers = answers_of(course)
    outcomes = run_pytest(course, f"{answers / 'mistakes.toml'}::squared", str(answers / "right_sum.py"))
    assert (len(outcomes.passed), outcomes.failed) == (2, {})


def test_answers_are_told_from_other_files(course: Path) -> None:
    (answers_of(course) / "right_sum.py").unlink()
    elsewhere = course / "notes" / "double" / "answers"
    elsewhere.mkdir(parents=True)
    (elsewhere / "right_sum.py").write_text("raise RuntimeError")
    outcomes = run_pytest(course, str(course / "checks"), str(course / "notes"))
    assert list(outcomes.failed) == ["checks/hw/double/visible.py::answers_to_double"]
    assert "double has 1 right and 3 wrong answers" in outcomes.failed["checks/hw/double/visible.py::answers_to_double"]


def test_released_checks_ask_no_student_for_answers(course: Path) -> None:
    released = course / "release" / "hw" / "checks" / "double"
    released.mkdir(parents=True)
    (released / "visible.py").write_bytes((answers_of(course).parent / "visible.py").read_bytes())
    outcomes = run_pytest(course, str(course / "release"))
    assert (outcomes.passed, outcomes.failed) == ([], {})


HIDDEN_ONLY = "def double(x):\n    return 2 * x if x < 5 else 0\n"


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("right_sum.py", '"""x."""\ndef double(x):\n    return 0\n', "test_visible: failed:"),
        ("wrong_one_more.py", '"""x."""\n# hint.en: Add\ndef double(x):\n    return x + x\n', "it passes every check"),
        ("wrong_one_more.py", f'"""x."""\n# hint.en: Add\n{HIDDEN_ONLY}', "only hidden checks notice it"),
        ("wrong_one_more.py", WHOLE.replace("hint.en", "hint.es"), "it has no hint in en"),
        ("wrong_one_more.py", WHOLE.replace("# hint.en", "# class: formal\n# hint.en"), "it may cost at most 20%"),
    ],
)  # fmt: skip
def test_an_answer_that_comes_out_otherwise_is_told_in_a_few_lines(
    course: Path, file: str, text: str, says: str
) -> None:
    (answers_of(course) / file).write_text(text)
    failed = run_pytest(course, str(answers_of(course) / file)).failed
    (told,) = failed.values()
    assert says in told
    assert "Traceback" not in told
    assert len(told.splitlines()) < 8


def test_a_fault_of_the_grader_s_catches_no_mistake(course: Path) -> None:
    visible = answers_of(course).parent / "visible.py"
    visible.write_text(visible.read_text().replace("[0, 1, 3]", "[1 // 0]"))
    failed = run_pytest(course, str(answers_of(course) / "mistakes.toml")).failed
    assert len(failed) == 2
    assert all("grader_error" in told and "ZeroDivisionError" in told for told in failed.values())


def test_a_mistake_that_does_not_fit_fails_alone(course: Path) -> None:
    path = answers_of(course) / "mistakes.toml"
    path.write_text(path.read_text().replace('"x + x"', '"x - x"'))
    outcomes = run_pytest(course, str(path))
    assert [name.rpartition("::")[2] for name in outcomes.passed] == ["three_times"]
    assert (
        "mistake 'squared': 'x - x' does not occur"
        in outcomes.failed["checks/hw/double/answers/mistakes.toml::squared"]
    )


def test_grader_test_shows_a_table(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(grader_test, ["hw", "double", "--course", str(course)])
    assert shown.exit_code == 0, shown.output
    row = next(line for line in shown.output.splitlines() if "double" in line)
    assert ("2/2" in row, "3/3" in row) == (True, True)
    (answers_of(course) / "right_sum.py").write_text('"""x."""\ndef double(x):\n    return 0\n')
    shown = CliRunner().invoke(grader_test, ["--course", str(course)])
    assert shown.exit_code == 1
    assert "1/2" in shown.output
    assert "test_visible: failed:" in shown.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["homework"], "there are no checks of 'homework' in"),
        (["hw", "dubble"], "hw has no checks of 'dubble'; there are: double"),
    ],
)
def test_grader_test_says_what_there_is(course: Path, arguments: list[str], says: str) -> None:
    shown = CliRunner().invoke(grader_test, [*arguments, "--course", str(course)])
    assert shown.exit_code == 2
    assert says in shown.output
