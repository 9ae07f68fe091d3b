"""Grading a notebook out of process: what students write costs what it must, and no more."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.checking.results import MIME_TYPE, ExerciseResult, Verdict
from grader.course import Checks
from grader.grading.core import GradedNotebook, grade_notebook, read_result
from grader.grading.policy import Policy
from grader.sandbox.cells import KernelLostError, _CellClient
from grader.sandbox.zygote import Zygote, ZygoteError

pytestmark = pytest.mark.slow

CHECKS = '''
import pytest, torch
from grader.kit import assert_close, assert_equal, assert_inputs_unchanged, assert_python_number, exercise

@exercise("double", weight=3)
@pytest.mark.parametrize("n", [1, 3])
def test_doubles(student, rng, n):
    """Every element is doubled."""
    x = rng.normal(n)
    assert_close(student.double(x), 2 * x)
    assert_inputs_unchanged(student)

@exercise("double")
def test_keeps_shape(student):
    """The shape stays."""
    assert_close(student.double(torch.ones(2, 3)), 2 * torch.ones(2, 3))

@exercise("count")
def test_counts(student):
    """A Python int comes back."""
    n = student.count([1, 2, 3])
    assert_python_number(n, int)
    assert_equal(n, 3)
'''
DOUBLE, COUNT = "def double(x):\n    return 2 * x", "def count(items):\n    return len(items)"


def notebook(double: str = DOUBLE, count: str = COUNT, *extra: str) -> bytes:
    def check(name: str) -> nbformat.NotebookNode:
        nbgrader = {"grade_id": name, "grade": True, "points": 8, "solution": False, "locked": True}
        return new_code_cell(f'check("{name}")', metadata={"nbgrader": nbgrader})

    cells = [
        new_code_cell("import torch"),
        new_code_cell(double),
        check("double"),
        new_code_cell(count),
        check("count"),
    ]
    return nbformat.writes(new_notebook(cells=[*cells, *map(new_code_cell, extra)])).encode()


@pytest.fixture
def grade(zygote: Zygote, tmp_path: Path) -> Callable[..., GradedNotebook]:
    """Grades a notebook with `CHECKS`, the last of them hidden."""
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1, cell_seconds=2, call_seconds=1)

    def graded(content: bytes, **files: str) -> GradedNotebook:
        beside = {name.replace("__", "/") + ".py": text.encode() for name, text in files.items()}
        return grade_notebook(content, policy, files=beside, zygote=zygote)

    return graded


def scores(graded: GradedNotebook) -> dict[str, float]:
    return {result.exercise: result.score for result in graded.exercises}


def verdicts(graded: GradedNotebook, exercise: str) -> set[Verdict]:
    return set(found(graded, exercise).verdicts)


def found(graded: GradedNotebook, exercise: str) -> ExerciseResult:
    return next(result for result in graded.exercises if result.exercise == exercise)


Grade = Callable[..., GradedNotebook]


def test_right_answers_get_all_points(grade: Grade) -> None:
    assert scores(grade(notebook())) == {"double": 8, "count": 8}


def test_what_a_kernel_leaves_out_of_its_start_is_missed_by_nobody(grade: Grade) -> None:
    cell = """
import logging, random, sys
import ipykernel.ipkernel, IPython.core.shellapp
shell = get_ipython()
print(ipykernel.ipkernel.sys is sys, IPython.core.shellapp.sys is sys, shell.kernel._kernel_modules)
%reset -f --aggressive
import sys, torch, numpy
print("torch" in sys.modules, float(torch.ones(2).sum() + numpy.ones(2).sum()))
"""
    seeds = "import random, numpy, torch\nprint(torch.initial_seed(), random.random(), numpy.random.rand())"
    quiet = "get_ipython().kernel.log.warning('a warning of the kernel')"
    first, second = (
        [
            "".join(output.get("text", "") for output in cell.outputs)
            for cell in nbformat.reads(grade(notebook(DOUBLE, COUNT, cell, seeds, quiet)).notebook, 4).cells[-3:]
        ]
        for _ in range(2)
    )
    told = first[0].split("\n")
    assert (told[0], told[-2]) == ("True True []", "True 4.0")  # IPython says what it does in between
    assert first[2] == ""
    assert all(one != other for one, other in zip(first[1].split(), second[1].split(), strict=True))


def test_weights_and_cases_share_the_points(grade: Grade) -> None:
    only_vectors = "def double(x):\n    return 2 * x if x.ndim == 1 else x"
    assert scores(grade(notebook(only_vectors)))["double"] == 6
    only_one = "def double(x):\n    return 2 * x if len(x) == 1 else x"
    assert scores(grade(notebook(only_one)))["double"] == 3


def test_a_check_cell_holds_one_output_with_score_panel_and_results(grade: Grade) -> None:
    graded = nbformat.reads(grade(notebook("def double(x):\n    return x")).notebook.decode(), as_version=4)
    (output,) = graded.cells[2].outputs
    assert output.output_type == "execute_result"
    assert float(output.data["text/plain"]) == 0
    assert "Every element is doubled." in output.data["text/html"]
    assert output.data[MIME_TYPE]["checks"][0]["verdict"] == "failed"
    assert output.data[MIME_TYPE]["seconds"] >= 0
    assert read_result(graded.cells[2]) == output.data[MIME_TYPE]


def test_the_same_seed_gives_the_same_result_and_is_recorded(grade: Grade) -> None:
    results = [grade(notebook("def double(x):\n    return x")).exercises for _ in range(2)]
    assert results[0] == results[1]
    assert results[0][0].seed == 1


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("raise NotImplementedError", Verdict.NOT_ATTEMPTED),
        ("raise ValueError('no')", Verdict.ERROR),
        ("raise SystemExit", Verdict.ERROR),
        ("exit()", Verdict.FAILED),  # ends nothing inside a kernel; returns None
        ("import os; os._exit(0)", Verdict.CRASHED),
        ("import os; os.kill(os.getpid(), 9)", Verdict.CRASHED),
        ("while True: pass", Verdict.TIMEOUT),
        ("import time; time.sleep(100)", Verdict.TIMEOUT),
        ("return x", Verdict.FAILED),
        ("return None", Verdict.FAILED),
        ("return [1, 2]", Verdict.FAILED),
        ("return object()", Verdict.FAILED),
        ("return (2 * x).to_sparse()", Verdict.FAILED),
        ("return torch.empty(10**9, dtype=torch.int8)", Verdict.ERROR),
        ("return ['x'] * 10**6", Verdict.ERROR),
        ("return double(x)", Verdict.ERROR),
    ],
)
def test_each_fault_has_its_verdict_and_costs_its_exercise_alone(grade: Grade, code: str, verdict: Verdict) -> None:
    graded = grade(notebook(f"def double(x):\n    {code}"))
    assert verdicts(graded, "double") == {verdict}
    assert scores(graded) == {"double": 0, "count": 8}


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import os; os._exit(0)",
        "raise SystemExit",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "while True: print('x' * 10_000)",
        "from IPython.display import display, HTML\nwhile True: display(HTML('x' * 10_000))",
        "exit()",
        "this is not python",
    ],
)
def test_a_bad_cell_costs_its_exercise_alone(grade: Grade, code: str) -> None:
    graded = grade(notebook(f"{code}\n{DOUBLE}" if "not python" in code else f"{code}"))
    assert scores(graded) == {"double": 0, "count": 8}
    assert len(graded.notebook) < 10**6


def test_an_answer_before_the_bad_cell_keeps_its_points(grade: Grade) -> None:
    graded = grade(notebook(DOUBLE, f"{COUNT}\nimport os\nos._exit(1)"))
    assert scores(graded) == {"double": 8, "count": 0}
    graded = grade(notebook(DOUBLE, COUNT, "import os\nos._exit(1)", "print('after')"))
    assert scores(graded) == {"double": 8, "count": 8}
    assert "after" in graded.notebook.decode()


def test_each_exercise_is_checked_where_the_notebook_stands_at_its_cell(grade: Grade) -> None:
    graded = grade(notebook(DOUBLE, f"{COUNT}\ndef double(x):\n    return x", "del count"))
    assert scores(graded) == {"double": 8, "count": 8}


def test_warnings_and_prints_cost_nothing(grade: Grade) -> None:
    noisy = "import sys, warnings\ndef double(x):\n    warnings.warn('w'); print('e', file=sys.stderr); return 2 * x"
    assert scores(grade(notebook(noisy))) == {"double": 8, "count": 8}


def test_files_beside_the_notebook_can_be_imported_and_can_shadow_nothing(grade: Grade) -> None:
    uses_helper = (
        "import helper, random, torch\nassert hasattr(random, 'seed')\ndef double(x):\n    return helper.twice(x)"
    )
    files = {
        "helper": "def twice(x):\n    return 2 * x",
        "torch": "raise OSError",
        "random": "",
        "grader____init__": "x(",
    }
    assert scores(grade(notebook(uses_helper), **files)) == {"double": 8, "count": 8}


@pytest.mark.parametrize(
    "value",
    [
        "torch.tensor(3)",
        "3.0",
        "True",
        "'3'",
        "[3]",
        "torch.tensor([[3]])",
        "float('nan')",
        "Liar()",
        "None",
        "10**5000",
    ],
)
def test_a_wrong_kind_of_number_is_no_number(grade: Grade, value: str) -> None:
    liar = "class Liar(int):\n    __eq__ = lambda *_: True\n    __index__ = __int__ = lambda _: 3\n"
    graded = grade(notebook(DOUBLE, f"{liar}def count(items):\n    return {value}"))
    assert scores(graded)["count"] == 0
    assert Verdict.GRADER_ERROR not in verdicts(graded, "count")


def test_a_tensor_subclass_is_judged_by_its_data(grade: Grade) -> None:
    lying = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True
def double(x):
    return {value}.as_subclass(Liar)
"""
    assert scores(grade(notebook(lying.format(value="x"))))["double"] == 0
    assert scores(grade(notebook(lying.format(value="(2 * x)"))))["double"] == 8


def test_a_broken_check_file_is_nobody_s_zero(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS + "\nimport no_such_module\n")
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    graded = grade_notebook(notebook(), policy, zygote=zygote)
    assert all(result.needs_manual_grade for result in graded.exercises)
    assert "no_such_module" in (graded.exercises[0].checks[0].fault or "")
    assert b"no_such_module" not in graded.notebook


def test_an_exercise_without_checks_is_not_left_to_the_student_s_process(grade: Grade) -> None:
    forged = "def check(name):\n    return 100.0"
    content = notebook(DOUBLE, f"{COUNT}\n{forged}").replace(b'check(\\"double\\")', b'check(\\"no such exercise\\")')
    graded = grade(content)
    assert found(graded, "no such exercise").needs_manual_grade
    assert found(graded, "no such exercise").score == 0
    assert found(graded, "count").score == 8


def test_a_check_that_raises_is_nobody_s_zero(zygote: Zygote, tmp_path: Path) -> None:
    broken = '\n@exercise("count")\ndef test_broken(student):\n    """Broken."""\n    1 / 0\n'
    (tmp_path / "visible.py").write_text(CHECKS + broken)
    graded = grade_notebook(notebook(), Policy("en", Checks.in_folder(tmp_path), seed=1), zygote=zygote)
    by_name = {result.exercise: result for result in graded.exercises}
    assert by_name["count"].needs_manual_grade
    assert not by_name["double"].needs_manual_grade
    assert b"ZeroDivisionError" not in graded.notebook


def test_hidden_checks_show_no_values_and_visible_ones_do(zygote: Zygote, tmp_path: Path) -> None:
    check = 'from grader.kit import assert_equal, exercise\n@exercise("count")\ndef test_{0}(student):\n    """T."""\n'
    check += "    assert_equal(student.count([{1}]), 1)\n"
    (tmp_path / "visible.py").write_text(check.format("seen", "271828"))
    (tmp_path / "hidden.py").write_text(check.format("unseen", "314159"))
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    graded = grade_notebook(notebook(DOUBLE, "def count(items):\n    return 0"), policy, zygote=zygote)
    assert b"271828" in graded.notebook
    assert b"314159" not in graded.notebook


def test_titles_of_hidden_checks_can_be_kept_back(zygote: Zygote, tmp_path: Path) -> None:
    check = 'from grader.kit import assert_equal, exercise\n@exercise("count")\ndef test_count(student):\n'
    check += '    """{0} title."""\n    assert_equal(student.count([1]), 1)\n'
    (tmp_path / "visible.py").write_text(check.format("Visible"))
    (tmp_path / "hidden.py").write_text(check.format("Hidden"))
    for show in (True, False):
        policy = Policy("en", Checks.in_folder(tmp_path), seed=1, show_hidden_titles=show)
        page = grade_notebook(notebook(DOUBLE, COUNT), policy, zygote=zygote).notebook
        assert b"Visible title." in page
        assert (b"Hidden title." in page) == show
        assert (b"A hidden check." in page) == (not show)


def test_the_notebook_s_time_is_bounded(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1, cell_seconds=60, notebook_seconds=20)
    graded = grade_notebook(notebook(DOUBLE, "while True: pass", "print('never')"), policy, zygote=zygote)
    assert scores(graded) == {"double": 8, "count": 0}
    assert verdicts(graded, "count") <= {Verdict.TIMEOUT, Verdict.ERROR}
    assert "NotRun" in graded.notebook.decode()


FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


@pytest.mark.parametrize(
    ("figures", "by_hand", "drawn"),
    [("auto", False, False), ("auto", True, True), ("always", False, True), ("never", True, False)],
)
def test_figures_are_drawn_where_somebody_looks_at_them(
    zygote: Zygote, tmp_path: Path, figures: str, by_hand: bool, drawn: bool
) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("es", Checks.in_folder(tmp_path), seed=1, figures=figures)
    handed_in = nbformat.reads(notebook(DOUBLE, COUNT, FIGURE).decode(), 4)
    if by_hand:
        roles = {"grade_id": "essay", "grade": True, "solution": True, "points": 2}
        handed_in.cells.append(new_code_cell("# my plot", metadata={"nbgrader": roles}))
    graded = grade_notebook(nbformat.writes(handed_in).encode(), policy, zygote=zygote)
    shown = next(cell for cell in nbformat.reads(graded.notebook.decode(), 4).cells if "plt.show" in cell.source)
    assert [("image/png" in output.data) for output in shown.outputs] == [drawn]
    assert ("una figura; no se dibuja" in shown.outputs[0].data["text/plain"]) == (not drawn)
    assert scores(graded) == {"double": 8, "count": 8}


def test_a_clone_of_a_zygote_grades_as_it_does_and_ends_by_itself(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    before = set(psutil.Process().children(recursive=True))
    with Zygote(zygote.clone()) as clone, Zygote(zygote.clone()) as other:
        for each in (clone, other, zygote):
            assert scores(grade_notebook(notebook(DOUBLE, COUNT), policy, zygote=each)) == {"double": 8, "count": 8}
        assert set(psutil.Process().children(recursive=True)) - before
    deadline = time.monotonic() + 20
    while set(psutil.Process().children(recursive=True)) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(psutil.Process().children(recursive=True)) - before


def test_where_a_clone_is_gone_a_zygote_takes_its_place(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    before = set(psutil.Process().children(recursive=True))
    with Zygote(zygote.clone()) as clone:
        (process,) = set(psutil.Process().children(recursive=True)) - before
        process.kill()
        with pytest.raises(ZygoteError):
            grade_notebook(notebook(DOUBLE, COUNT), policy, zygote=clone)
        assert scores(grade_notebook(notebook(DOUBLE, COUNT), policy, zygote=clone)) == {"double": 8, "count": 8}


@pytest.mark.parametrize("start", [1, 2])
def test_a_kernel_that_does_not_start_once_is_no_fault_of_the_notebooks(
    grade: Grade, monkeypatch: pytest.MonkeyPatch, start: int
) -> None:
    starts = 0
    really = _CellClient.async_start_new_kernel_client

    async def starting(self: _CellClient) -> object:
        nonlocal starts
        starts += 1
        if starts == start:
            raise KernelLostError("died")
        return await really(self)

    monkeypatch.setattr(_CellClient, "async_start_new_kernel_client", starting)
    with pytest.raises(ZygoteError, match="the kernel did not start"):
        grade(notebook("def double(x):\n    import os\n    os._exit(1)"))
    assert starts == start


def test_a_server_with_many_open_files_grades_as_well(grade: Grade) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2_000:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    with contextlib.ExitStack() as stack:
        for _ in range(1_100):
            stack.enter_context(open(os.devnull))  # noqa: PTH123
        assert scores(grade(notebook())) == {"double": 8, "count": 8}
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_random_numbers_differ_between_notebooks(grade: Grade) -> None:
    drawn = set()
    for _ in range(2):
        graded = nbformat.reads(grade(notebook(DOUBLE, COUNT, "print(torch.rand(1).item())")).notebook.decode(), 4)
        drawn.add(graded.cells[-1].outputs[0].text)
    assert len(drawn) == 2


def test_the_environment_of_the_grader_stays_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with Zygote() as fresh:
        policy = Policy("en", Checks(tmp_path), seed=1)
        graded = grade_notebook(notebook(DOUBLE, COUNT, "import os\nprint(dict(os.environ))"), policy, zygote=fresh)
    assert b"hunter2" not in graded.notebook


def test_operations_are_seen_in_the_kernel_as_in_the_notebook(zygote: Zygote, tmp_path: Path) -> None:
    checks = tmp_path / "visible.py"
    checks.write_text(
        "import torch\n"
        "from grader.kit import assert_without_operations, exercise\n"
        "@exercise('double')\n"
        "def test_by_hand(student):\n"
        "    '''By hand.'''\n"
        "    assert_without_operations(student, student.double, torch.ones(2), forbidden=['aten::cos'])\n"
    )
    hidden_away = (
        "import torch, threading\n"
        "def double(x):\n"
        "    with torch._C.DisableTorchFunction():\n"
        "        thread = threading.Thread(target=lambda: x.cos())\n"
        "        thread.start(), thread.join()\n"
        "    return 2 * x"
    )
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1, cell_seconds=10, call_seconds=10)
    for source, verdict in ((DOUBLE, Verdict.PASSED), (hidden_away, Verdict.FAILED)):
        assert verdicts(grade_notebook(notebook(source), policy, zygote=zygote), "double") == {verdict}


LATER = "What this cell left running ended the Python process later"


def test_the_cell_that_ends_the_process_later_is_blamed_and_no_innocent_one(grade: Grade) -> None:
    culprit = "import os, threading\nthreading.Timer(0.2, os._exit, (0,)).start()"
    innocent = ["import time\ntime.sleep(0.5)\nprint('first')", "print('second')"]
    graded = grade(notebook(DOUBLE, COUNT, culprit, *innocent))
    assert scores(graded) == {"double": 8, "count": 8}
    cells = nbformat.reads(graded.notebook.decode(), as_version=4).cells
    assert LATER in cells[5].outputs[-1].evalue
    assert [cell.outputs[0].text for cell in cells[6:]] == ["first\n", "second\n"]


def test_a_process_ended_later_by_a_cell_costs_no_exercise_after_it(grade: Grade) -> None:
    slow = "import time\ndef count(items):\n    time.sleep(0.8)\n    return len(items)"
    culprit = "import os, threading\nthreading.Timer(0.4, os._exit, (0,)).start()\n" + DOUBLE
    graded = grade(notebook(culprit, slow))
    assert scores(graded)["count"] == 8
    assert LATER in nbformat.reads(graded.notebook.decode(), as_version=4).cells[1].outputs[-1].evalue


def test_a_process_ended_later_by_a_call_costs_no_exercise_after_it(grade: Grade) -> None:
    slow = "import time\ndef count(items):\n    time.sleep(0.4)\n    return len(items)"
    culprit = "import os, threading\ndef double(x):\n    threading.Timer(0.3, os._exit, (0,)).start()\n    return 2 * x"
    assert scores(grade(notebook(culprit, slow)))["count"] == 8


def test_reasons_of_what_was_not_run_are_true(grade: Grade) -> None:
    graded = grade(notebook(DOUBLE, COUNT, *["import os; os._exit(0)"] * 12))
    last = nbformat.reads(graded.notebook.decode(), as_version=4).cells[-1]
    assert last.outputs[-1].evalue == "This cell was not run: the notebook's Python process had ended too often."


def test_a_call_that_fills_the_disk_says_so(zygote: Zygote, tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1, call_seconds=9, scratch_bytes=2**22)
    fills = "import time\ndef double(x):\n    for n in range(99):\n        open(str(n), 'wb').write(bytes(2**20))\n"
    graded = grade_notebook(notebook(fills + "    time.sleep(5)"), policy, zygote=zygote)
    problems = {check.diagnosis.problem.render("en") for check in found(graded, "double").checks if check.diagnosis}
    assert any("more to disk than it may" in problem for problem in problems)
    assert not any("ended the Python process." in problem for problem in problems)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\n@torch.compile\ndef double(x):\n    return 2 * x",
        "import torch\n@torch.compile(fullgraph=True, mode='max-autotune')\ndef double(x):\n    return 2 * x",
        "import torch\ndouble = torch.compile(lambda x: 2 * x, dynamic=True)",
        "import torch\ndouble = torch._dynamo.optimize('inductor')(lambda x: 2 * x)",
        "import torch\n@torch.jit.script\ndef double(x):\n    return 2 * x",
        "import torch\n"
        "class Double(torch.nn.Module):\n    def forward(self, x):\n        return 2 * x\n"
        "double = Double()\ndouble.compile()",
        "import torch\n"
        "class Double(torch.nn.Module):\n    def forward(self, x):\n        return 2 * x\n"
        "double = torch.compile(Double())",
    ],
)
def test_a_function_that_is_compiled_is_graded_as_it_is(zygote: Zygote, tmp_path: Path, source: str) -> None:
    (tmp_path / "visible.py").write_text(CHECKS)
    policy = Policy("en", Checks.in_folder(tmp_path), seed=1)
    assert scores(grade_notebook(notebook(source), policy, zygote=zygote))["double"] == 8
