"""What students get computes no right answers, and its checks work as the instructor's do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import torch

from grader.checking.notebooks import InProcessNotebook, exercise_cells
from grader.checking.recording import record
from grader.checking.results import CheckResult, Verdict
from grader.checking.runner import run_checks
from grader.course import RELEASED, Checks
from grader.devkit.answers import CHECKS, ROOT, answers, assignments, solution
from grader.devkit.giveaways import MOST, giveaways
from grader.evidence.answers import answered, check_notebook
from grader.evidence.mistakes import Answer
from grader.evidence.observing import in_a_fork
from grader.grading.references import marked, without_references
from grader.kit.assertions import assert_close
from grader.kit.failures import CheckFailure
from grader.kit.messages import tr
from grader.kit.references import FILE, TENSORS, NotRecordedError, Recording, recording, reference
from tests.conftest import hand_out

SAMPLE = ("01_tensors/contact_sheet", "02_broadcasting/mandelbrot", "02_broadcasting/standardize")
SLOW_SAMPLE = ("02_broadcasting/knn_predict", "03_autograd/accumulated_step", "03_autograd/graph_ops")


def _source(assignment: str) -> Path:
    return ROOT / "solutions" / assignment / f"{assignment}.ipynb"


@pytest.mark.slow
@pytest.mark.parametrize("assignment", assignments())
def test_no_callable_that_students_get_earns_more_than_a_fifth(assignment: str) -> None:
    elsewhere = [CHECKS / other for other in assignments() if other != assignment]

    def everything() -> list[list[object]]:
        found = giveaways(CHECKS / assignment, _source(assignment), elsewhere=elsewhere)
        return [[giveaway.exercise, giveaway.module, giveaway.name, giveaway.share] for giveaway in found]

    tried = in_a_fork(everything, 1800)  # what the kit's callables do to a process is not another test's
    assert len(tried) > 5
    assert [found for found in tried if found[-1] > MOST] == []


def _tiny(folder: Path, judges: str) -> Path:
    """An assignment whose one exercise, `double`, has these judges and wants `check(result, x)` of them to be true."""
    (folder / "double").mkdir(parents=True)
    (folder / "double" / "judges.py").write_text(judges)
    (folder / "double" / "visible.py").write_text(
        "from grader.kit import exercise\nfrom .judges import check\n\n\n@exercise('double')\ndef test(student):\n"
        "    assert check(student.double(4), 4)\n"
    )
    code = nbformat.v4.new_code_cell
    answer = code(
        "def double(x):\n    return x + x", metadata={"nbgrader": {"grade_id": "double_answer", "solution": True}}
    )
    source = folder.with_suffix(".ipynb")
    check = code('check("double")', metadata={"nbgrader": {"grade_id": "double", "grade": True, "points": 1}})
    nbformat.write(nbformat.v4.new_notebook(cells=[answer, check]), source)
    return source


COPIED = "def twice(x):\n    return 2 * x\n\n\nWAYS = {1: [lambda x: x + x]}\n\n\n"
"""Two functions that are the answer, one of them in a table."""


def test_a_copied_function_is_found(tmp_path: Path) -> None:
    source = _tiny(tmp_path / "tiny", COPIED + "def check(result, x):\n    return result == twice(x)\n")
    found = {(item.name, item.share) for item in giveaways(tmp_path / "tiny", source)}
    assert found == {("twice", 1.0), ("WAYS[1][0]", 1.0)}


def test_a_function_that_another_assignment_s_checks_hold_is_found(tmp_path: Path) -> None:
    source = _tiny(tmp_path / "tiny", "def check(result, x):\n    return result - x == x\n")
    _tiny(tmp_path / "other", COPIED + "def thrice(x):\n    return 3 * x\n\n\ndef check(result, x):\n    return True\n")
    assert list(giveaways(tmp_path / "tiny", source)) == []
    found = {(item.name, item.share) for item in giveaways(tmp_path / "tiny", source, elsewhere=[tmp_path / "other"])}
    assert found == {("twice", 1.0), ("WAYS[1][0]", 1.0)}


def test_a_released_file_keeps_all_but_the_bodies_of_references(tmp_path: Path) -> None:
    path = tmp_path / "judges.py"
    path.write_text(
        'from grader.kit import reference\n\n\n@reference\ndef right(x, *, y=1):\n    """Says what."""\n    z = x\n'
        "    return z + y  # so\n\n\ndef other():\n    return 1\n"
    )
    text = without_references(path).decode()
    assert "z" not in text
    assert text.startswith(path.read_text().split("    z = x")[0])
    assert text.endswith("\n\n\ndef other():\n    return 1\n")
    assert [function.name for function in marked(text)] == ["right"]


@pytest.mark.parametrize("assignment", assignments())
def test_what_is_released_holds_no_body_of_a_reference(assignment: str) -> None:
    for language in ("en", "es"):
        for path in (ROOT / "assignments" / language / assignment / RELEASED).rglob("*.py"):
            for function in marked(path.read_text(encoding="utf-8")):
                assert [type(node).__name__ for node in function.body] in (["Expr", "Raise"], ["Raise"]), path
                assert (path.parent / FILE).is_file()


# ------------------------------------------------------------------------------- the lookup


def _module(folder: Path, text: str) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    path = folder / "judges.py"
    path.write_text(text)
    found: dict[str, object] = {}
    exec(compile(text, str(path), "exec"), found)
    return found


RIGHT = "from grader.kit import reference\n\n\n@reference\ndef right(x, factor=2.0):\n    return factor * x\n"


@pytest.fixture
def released(tmp_path: Path) -> object:
    """A reference as students have it, that was recorded for two tensors."""
    authors = _module(tmp_path / "author", RIGHT)["right"]
    assert callable(authors)
    with recording() as found:
        authors(torch.tensor([0.1, 0.2]))
        authors(torch.tensor([0.1, float("nan")]), factor=3.0)
    students = tmp_path / "student"
    students.mkdir()
    for path, content in found.files().items():
        (students / path.name).write_bytes(content)
    return _module(students, RIGHT.replace("return factor * x", "raise NotImplementedError"))["right"]


def test_a_released_reference_gives_its_value_for_the_same_numbers(released: object) -> None:
    assert callable(released)
    assert torch.equal(released(torch.tensor([0.1, 0.2])), torch.tensor([0.2, 0.4]))
    assert torch.equal(released(x=torch.tensor([0.1, 0.2]), factor=2.0), torch.tensor([0.2, 0.4]))
    last_bit = torch.nextafter(torch.tensor([0.1, 0.2]), torch.tensor(1.0))
    assert torch.equal(released(last_bit), torch.tensor([0.2, 0.4]))
    assert released(torch.tensor([0.1, float("nan")]), 3.0)[1].isnan()


@pytest.mark.parametrize(
    "x",
    [torch.tensor([0.2, 0.1]), torch.tensor([0.1]), torch.tensor([0.1, 0.2]).double(), torch.tensor([0.1, 0.3]), 1.0],
    ids=str,
)
def test_a_released_reference_knows_nothing_of_other_calls(released: object, x: object) -> None:
    assert callable(released)
    with pytest.raises(NotRecordedError):
        released(x)


def test_a_mistake_that_is_not_known_is_passed_over(released: object) -> None:
    assert callable(released)
    known, unknown = torch.tensor([0.1, 0.2]), torch.tensor([5.0, 5.0])
    mistakes = ((released(x), tr("hint")) for x in (known, unknown))
    with pytest.raises(CheckFailure) as caught:
        assert_close(torch.tensor([7.0, 7.0]), torch.tensor([0.1, 0.2]), mistakes=mistakes)
    assert caught.value.diagnosis.hint is None or str(caught.value.diagnosis.hint) != "hint"
    mistakes = ((released(x), tr("hint")) for x in (known, unknown))
    with pytest.raises(CheckFailure) as caught:
        assert_close(torch.tensor([0.2, 0.4]), torch.tensor([0.1, 0.2]), mistakes=mistakes)
    assert str(caught.value.diagnosis.hint) == "hint"


def test_a_recording_knows_mistakes_that_a_right_answer_never_asks_for() -> None:
    calls = []

    @reference
    def wrong(x: int) -> float:
        calls.append(x)
        return float(x)

    with recording():
        assert_close(1.0, 1.0, mistakes=((wrong(x), tr("hint")) for x in (1, 2)))
    assert calls == [1, 2]


def test_a_lambda_has_no_name_to_be_found_by() -> None:
    with recording(), pytest.raises(TypeError, match="data is asked"):
        reference(lambda f: f)(lambda: None)


# ------------------------------------------------------------------------------- the release


def _results(folder: Path, answer: Answer) -> list[CheckResult]:
    notebook = answered(solution(answer.assignment), {answer.exercise: answer.source})
    return run_checks(
        InProcessNotebook(exercise_cells(notebook), seed=1), [answer.exercise], Checks.in_folder(folder / RELEASED)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SAMPLE, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW_SAMPLE)])
def test_released_checks_find_what_the_instructor_s_find(name: str, tmp_path: Path) -> None:
    assignment, exercise = name.split("/")
    hand_out(assignment, tmp_path)
    assert list((tmp_path / RELEASED).glob(f"*/{FILE}"))
    for answer in (answer for answer in answers(assignment) if answer.exercise == exercise):
        found = _results(tmp_path, answer)
        if answer.is_right:
            assert [result.check for result in found if not result.passed] == [], answer
            continue
        own = check_notebook(CHECKS / assignment, _source(assignment), {exercise: answer.source}, hidden=False)
        assert [result.verdict for result in found] == [result.verdict for result in own], answer
        assert Verdict.GRADER_ERROR not in {result.verdict for result in found}, answer
        hints = [result.diagnosis and result.diagnosis.hint for result in found]
        assert hints == [result.diagnosis and result.diagnosis.hint for result in own], answer


def test_what_is_recorded_is_the_same_again() -> None:
    def files(found: Recording) -> dict[Path, bytes]:
        return found.files()

    checks = Checks.in_folder(CHECKS / "02_broadcasting")
    first, again = (files(record(checks, solution("02_broadcasting"), ["mandelbrot", "outer"])) for _ in range(2))
    assert first == again
    assert {path.name for path in first} == {FILE, TENSORS}
