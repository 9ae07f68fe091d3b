"""From what a check raised to what its student reads: lines and hints, and no hidden value."""

from __future__ import annotations

import contextlib
import linecache
import pdb
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.checking.panel import render
from grader.checking.results import CheckResult, ExerciseResult, Verdict
from grader.checking.verdicts import judge
from grader.kit import Message, assert_close, assert_equal, assert_keys, assert_raises, assert_that, tr, trn
from grader.kit.connections import Loopback
from grader.kit.failures import CheckFailure, Diagnosis
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer

SECRET = 519
"""A value of a hidden input: it must appear nowhere."""


def student_of(source: str) -> Student:
    """A notebook of one cell."""
    namespace: dict[str, Any] = {"torch": torch}
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    with contextlib.suppress(SyntaxError):
        exec(compile(source, "<cell>", "exec"), namespace)
    return Student(Loopback(NamespaceServer(namespace), lambda: [source]))


def judged(check: Callable[[Student], object], source: str, *, reveal: bool) -> tuple[Verdict, Diagnosis]:
    """What comes of a check on a notebook of one cell."""
    try:
        check(student_of(source))
    except Exception as error:  # noqa: BLE001 - whatever comes of it is what is tested
        verdict, diagnosis = judge(error, reveal=reveal)
        assert diagnosis is not None
        return verdict, diagnosis
    raise AssertionError("the check passed")


def call(student: Student) -> Any:
    """A check that only calls."""
    return student.f(torch.tensor([float(SECRET), 2.0]))


def shown(diagnosis: Diagnosis, language: str = "en") -> str:
    """All that a student reads."""
    texts = [diagnosis.problem, diagnosis.expected, diagnosis.actual, diagnosis.hint, diagnosis.where]
    return "\n".join([*(text.render(language) for text in texts if text is not None), diagnosis.called or ""])


RAISES = "def f(x, *rest):\n    "
LEAKS = [
    "raise ValueError(f'{x}')",
    "raise ValueError(x[0].item())",
    "raise KeyError(x.tolist()[0])",
    "assert x[0] == 0, x",
    "{}[x[0].item()]",
    "int(f'{x}')",
    "getattr(x, f'n{int(x[0])}')",
    "torch.zeros(int(x[0])) + torch.zeros(2)",
    "raise type(f'E{int(x[0])}', (ValueError,), {})()",
    "exec(compile(f'def n{int(x[0])}(): raise ValueError\\nn{int(x[0])}()', '<c>', 'exec'), globals())",
    "globals().pop('f'); exec(f'raise ValueError({int(x[0])})')",
]


@pytest.mark.parametrize("line", LEAKS)
@pytest.mark.parametrize(
    "check",
    [
        call,
        lambda student: assert_raises(student.f, torch.tensor([float(SECRET), 2.0]), raises=OSError),
        lambda student: assert_raises(student.f, torch.tensor([float(SECRET), 2.0]), raises=Exception, mentions=["~"]),
    ],
    ids=["called", "another error", "another text"],
)
def test_an_error_of_a_hidden_check_says_no_value(line: str, check: Callable[[Student], object]) -> None:
    verdict, diagnosis = judged(check, RAISES + line, reveal=False)
    assert verdict in (Verdict.ERROR, Verdict.FAILED)
    assert str(SECRET) not in shown(diagnosis)


@pytest.mark.parametrize(
    "check",
    [
        lambda student: assert_equal(student.f(torch.tensor(float(SECRET))), [1.0]),
        lambda student: assert_equal(
            student.f(torch.tensor(float(SECRET))), [1.0], mistakes=[([SECRET], Message("m"))]
        ),
        lambda student: assert_close(torch.tensor([float(SECRET)]), torch.tensor([1.0])),
        lambda student: assert_keys({str(SECRET): 1}, ["a"]),
        lambda student: assert_equal(1, SECRET),
    ],
)
def test_a_hidden_check_s_failure_says_no_value(check: Callable[[Student], object]) -> None:
    _, diagnosis = judged(check, "def f(x):\n    return x.reshape(1).tolist()", reveal=False)
    assert str(SECRET) not in shown(diagnosis)


def test_a_hidden_check_still_says_the_error_its_line_and_its_hint() -> None:
    _, diagnosis = judged(call, RAISES + "return x[0, 1]", reveal=False)
    assert diagnosis.problem.render("en") == "Your code raised IndexError."
    assert diagnosis.where is not None
    assert "return x[0, 1]" in diagnosis.where.render("en")
    assert diagnosis.hint is not None


def test_a_visible_check_shows_the_whole_error() -> None:
    _, diagnosis = judged(call, RAISES + "raise ValueError(f'{x}')", reveal=True)
    assert str(SECRET) in diagnosis.problem.render("en")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("torch.utils.data.TensorDataset(x, x[:1])", "same number of examples"),
        ("assert x.ndim == 2", None),
        ("assert x.ndim == 2, 'a matrix, please'", None),
        ("if x.ndim == 2: n = 1\n    return n", "before it has a value"),
        ("return x[9]", "beyond the end"),
        ("return x.index_select(0, torch.tensor([9]))", "beyond the end"),
        ("return x.take(torch.tensor([99]))", "beyond the end"),
        ("return x.select(0, 9)", "beyond the end"),
        ("return x.narrow(0, 1, 5)", "beyond the end"),
        ("with torch.no_grad:\n        return x", "parentheses missing"),
        ("return torch.relu()", "other arguments"),
        ("return torch.nn.Linear(3)", "other arguments"),
        ("return torch.nn.functional.softmax(x, foo=1)", "other arguments"),
        ("return len(1, 2)", "other arguments"),
        ("return f()", None),
    ],
)
def test_an_error_within_the_student_s_code_has_its_line_and_its_hint(line: str, hint: str | None) -> None:
    verdict, diagnosis = judged(call, RAISES + line, reveal=True)
    assert verdict is Verdict.ERROR
    assert diagnosis.where is not None
    assert "first line" not in shown(diagnosis)
    if hint is not None:
        assert hint in shown(diagnosis)


@pytest.mark.parametrize("signature", ["f()", "f(x, y)", "f(*, x)"])
def test_the_first_line_is_named_where_it_is_at_fault(signature: str) -> None:
    _, diagnosis = judged(call, f"def {signature}:\n    return 1", reveal=True)
    assert "leave the first line of the exercise" in shown(diagnosis)


@pytest.mark.parametrize("source", ["def f(x):\n    return (x", "def f(x)\n    return x", "def f(x):\nreturn x"])
def test_a_cell_that_python_cannot_read_is_named_with_its_line(source: str) -> None:
    _, diagnosis = judged(call, source, reveal=False)
    assert "Python cannot read the cell" in shown(diagnosis)
    assert diagnosis.where is not None
    assert diagnosis.where.render("en").split(": ", 1)[1] in source


def test_a_forgotten_breakpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def quit_at_once(*_: Any, **__: Any) -> None:
        raise pdb.bdb.BdbQuit

    monkeypatch.setattr("sys.breakpointhook", quit_at_once)
    for reveal in (True, False):
        _, diagnosis = judged(call, RAISES + "breakpoint()\n    return x", reveal=reveal)
        assert "stopped at a breakpoint" in shown(diagnosis)
        assert "delete it" in shown(diagnosis)


def test_a_visible_failure_shows_a_few_of_the_values_that_differ() -> None:
    got, want = torch.arange(12.0).reshape(3, 4), torch.arange(12.0).reshape(3, 4)
    got[1, 2:] += 100
    _, diagnosis = judged(lambda _: assert_close(got, want), "", reveal=True)
    assert diagnosis.expected is not None
    assert diagnosis.actual is not None
    assert diagnosis.expected.render("en") == "[1, 2] = 6, [1, 3] = 7"
    assert diagnosis.actual.render("en") == "[1, 2] = 106, [1, 3] = 107 (2 of 12 values differ)"
    assert diagnosis.actual.render("es").endswith("(2 de 12 valores son distintos)")


@pytest.mark.parametrize(
    ("got", "want", "shown_got"),
    [
        ([2**60 + 1, 2**60 + 3], [2**60 + 2, 2**60 + 3], f"[0] = {2**60 + 1} (1 of 2 values differ)"),
        ([1 / 3 + 1e-9, 0.5], [1 / 3, 0.5], f"[0] = {1 / 3 + 1e-9:.17g} (1 of 2 values differ)"),
    ],
)
def test_values_that_differ_in_late_digits_are_shown_with_these(
    got: list[float], want: list[float], shown_got: str
) -> None:
    exact = {"dtype": torch.int64 if isinstance(got[0], int) else torch.float64}
    tensors = torch.tensor(got, **exact), torch.tensor(want, **exact)
    _, diagnosis = judged(lambda _: assert_close(*tensors, rtol=1e-12, atol=1e-12), "", reveal=True)
    assert diagnosis.actual is not None
    assert diagnosis.actual.render("en") == shown_got
    assert diagnosis.hint is None


OWN_ERRORS = [
    ("assert x.shape == (1,), 'Size mismatch between tensors'", False),
    ("assert (\n        x.shape == (1,)\n    ), 'Size mismatch between tensors'", False),
    ("raise ValueError('mat1 and mat2 shapes cannot be multiplied')", False),
    ("x @ torch.ones(3, 2)", True),
    ("return torch.utils.data.TensorDataset(x, x[:1])", True),
]


@pytest.mark.parametrize(("line", "is_explained"), OWN_ERRORS)
def test_what_a_student_s_own_error_says_is_not_explained_as_pytorch_s(line: str, is_explained: bool) -> None:
    source = f"def f(x):\n    {line}\n    return x"
    verdict, diagnosis = judged(lambda student: student.f(torch.ones(2, 2)), source, reveal=True)
    assert verdict is Verdict.ERROR
    assert diagnosis.where is not None
    assert diagnosis.where.render("en").startswith("in f, line ")
    assert (diagnosis.hint is not None) is is_explained


@pytest.mark.parametrize(("got", "want"), [((2, 3), (2, 4)), ("a", "b"), ({"a": [1]}, {"a": [2]}), (1.5, 2.5)])
def test_a_visible_failure_shows_plain_values(got: Any, want: Any) -> None:
    _, diagnosis = judged(lambda _: assert_equal(got, want), "", reveal=True)
    assert (str(diagnosis.expected), str(diagnosis.actual)) == (repr(want), repr(got))


@pytest.mark.parametrize(
    ("count", "language", "text"),
    [(1, "en", "1 item"), (2, "en", "2 items"), (0, "es", "0 elementos"), (1, "es", "1 elemento")],
)
def test_numbers_take_their_plural(count: int, language: str, text: str) -> None:
    assert trn("{n} item", "{n} items", count).render(language) == text


def test_points_and_checks_agree_in_the_panel() -> None:
    def case(number: int, verdict: Verdict) -> CheckResult:
        return CheckResult("test_a", str(number), "e", Message("Title"), verdict, weight=1 / 3)

    checks = (case(0, Verdict.PASSED), case(1, Verdict.PASSED), case(2, Verdict.FAILED))
    text = render(ExerciseResult("e", 3.0, checks), "en", show_score=True).text
    assert "2 of 3 points, 2 of 3 cases passed" in text


def test_an_untouched_exercise_says_so_once() -> None:
    problem = Diagnosis(tr("Not attempted yet: the cell still raises NotImplementedError."))
    found = [
        CheckResult(f"test_{n}", "", "double", tr("A title."), Verdict.NOT_ATTEMPTED, diagnosis=problem)
        for n in range(3)
    ]
    panel = render(ExerciseResult("double", 4.0, tuple(found)), "en", show_score=False)
    for shown in (panel.text, panel.html):
        assert shown.count("Not attempted yet") == 1


def test_a_text_that_nobody_translates_is_a_problem_too() -> None:
    with pytest.raises(CheckFailure) as failure:
        assert_that(False, "The result is empty.", hint="Print it.")
    assert str(failure.value.diagnosis.problem) == "The result is empty."
    assert str(failure.value.diagnosis.hint) == "Print it."
