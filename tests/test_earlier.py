"""What goes wrong in one exercise costs nothing in a later one."""

from __future__ import annotations

import pytest
import torch

from grader.checking.selfcheck import self_check
from grader.devkit.answers import CHECKS, ROOT, check_in_process, solution
from grader.evidence.answers import references
from grader.kit.connections import Loopback
from grader.kit.defaults import assert_defaults_kept
from grader.kit.earlier import with_either
from grader.kit.failures import CheckFailure
from grader.kit.messages import tr
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer

NOTEBOOK = """
def double(x):
    return 3 * x

def quadruple(x):
    return double(double(x))

class Doubler:
    def __init__(self, **options):
        self.result = double(1, **options)

def leave_autograd_off():
    torch.set_grad_enabled(False)

def leave_defaults(what):
    if what == "dtype":
        torch.set_default_dtype(torch.float64)
    else:
        torch.set_default_device("meta")
    return torch.zeros(2)

def zeros():
    return torch.zeros(2)

def follows_autograd():
    return torch.is_grad_enabled()
"""

WRONG_LINEAR = """
class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return (x @ self.weight + self.bias).relu()
"""


MLP_OF_ANOTHER_EXERCISE = """
class MLP(nn.Module):
    def __init__(self, in_dim, hidden, out_dim, act=nn.ReLU):
        super().__init__()
        self.net = build_mlp(in_dim, hidden, out_dim, act)

    def forward(self, x):
        return self.net(x)
"""


def right_double():
    def double(x):
        return 2 * x

    return {"double": double}


def notebook() -> tuple[Student, dict[str, object]]:
    namespace: dict[str, object] = {"torch": torch}
    exec(NOTEBOOK, namespace)
    return Student(Loopback(NamespaceServer(namespace))), namespace


def assert_quadruple(student: Student, x: int) -> None:
    if student.quadruple(x) != 4 * x:
        raise CheckFailure(tr("It is wrong."))


def assert_doubler(student: Student) -> None:
    if student.Doubler().result != 2:
        raise CheckFailure(tr("It is wrong."))


def test_a_function_and_a_class_find_right_answers_and_afterwards_their_own() -> None:
    student, namespace = notebook()
    own = namespace["double"]
    with_either(student, "quadruple", right_double, assert_quadruple, 5)
    with_either(student, "Doubler", right_double, assert_doubler)
    assert namespace["double"] is own


def test_what_raises_with_right_answers_may_do_with_its_own() -> None:
    student, namespace = notebook()
    exec("def double(x, extra): return x * extra\ndef quadruple(x): return double(x, 4)", namespace)
    with_either(student, "quadruple", right_double, assert_quadruple, 5)


def test_every_call_begins_with_autograd_on() -> None:
    student, _ = notebook()
    student.leave_autograd_off()
    assert student.follows_autograd() is True


@pytest.mark.parametrize("what", ["dtype", "device"])
def test_a_default_that_a_call_leaves_changed_costs_the_check_that_asks_for_it_alone(what: str) -> None:
    student, _ = notebook()
    student.leave_defaults(what)
    with pytest.raises(CheckFailure, match=f"set_default_{what}"):
        assert_defaults_kept(student)
    assert student.zeros().dtype == torch.float32
    assert_defaults_kept(student)
    assert torch.zeros(2).device.type == "cpu"


def test_a_class_of_a_wrong_function_is_judged_with_a_right_one() -> None:
    functions = {"build_mlp": "def build_mlp(in_dim, hidden, out_dim, act=nn.ReLU):\n    return nn.Linear(in_dim, 3)"}
    results = check_in_process("04_mlp", functions | {"mlp": MLP_OF_ANOTHER_EXERCISE}, ["build_mlp", "mlp"])
    assert [result.check for result in results if not result.passed and result.exercise == "mlp"] == []
    assert not any(result.passed for result in results if result.check == "test_build_mlp_outputs")


def test_networks_of_a_wrong_layer_are_judged_with_a_right_one() -> None:
    cells = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in solution("04_mlp").cells if "nbgrader" in cell.metadata
    }
    networks = {name: cells[f"{name}_answer"].replace("nn.Linear(", "Linear(") for name in ("build_mlp", "mlp")}
    results = check_in_process("04_mlp", {"linear": WRONG_LINEAR, **networks}, list(networks))
    assert [result.check for result in results if not result.passed] == []


WRONG_STOPPING = {
    "raises at once": "def __init__(self, patience): raise RuntimeError('no')",
    "raises later": "def __init__(self, patience): self.best = 9.0\n    def step(self, val_loss): return self.bst",
    "is a stub": "def __init__(self, patience): raise NotImplementedError",
    "never stops": "best = 9.0\n    def __init__(self, patience): pass\n    def step(self, val_loss): return False",
}
HELPER = "def stopper(n):\n    return EarlyStopping(n)\n"


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "helper"), [*((fault, "") for fault in WRONG_STOPPING), ("raises later", HELPER)])
def test_a_right_fit_loses_nothing_for_a_wrong_early_stopping(fault: str, helper: str) -> None:
    right = references(ROOT / "solutions" / "05_cnn" / "05_cnn.ipynb")["fit"]
    if helper:
        right = helper + right.replace("EarlyStopping(", "stopper(")
    wrong = f"class EarlyStopping:\n    {WRONG_STOPPING[fault]}"
    results = check_in_process("05_cnn", {"early_stopping": wrong, "fit": right}, ["fit"], seed=1)
    assert [(result.check, result.diagnosis) for result in results if not result.passed] == []


@pytest.mark.slow
def test_a_wrong_fit_loses_the_same_with_a_wrong_early_stopping() -> None:
    wrong_fit = references(ROOT / "solutions" / "05_cnn" / "05_cnn.ipynb")["fit"].replace(
        "            optimizer.zero_grad()\n", ""
    )
    raising = f"class EarlyStopping:\n    {WRONG_STOPPING['raises at once']}"
    alone, both = (
        {result.check: result.passed for result in check_in_process("05_cnn", given, ["fit"], seed=1)}
        for given in ({"fit": wrong_fit}, {"fit": wrong_fit, "early_stopping": raising})
    )
    assert alone == both
    assert not alone["test_learning"]


def test_a_self_check_says_that_a_right_answer_stood_in() -> None:
    namespace: dict[str, object] = {}
    cells = [cell.source for cell in solution("05_cnn").cells if cell.metadata.get("nbgrader", {}).get("solution")]
    setup = next(cell.source for cell in solution("05_cnn").cells if cell.id == "setup")
    cells = [setup, *cells, f"class EarlyStopping:\n    {WRONG_STOPPING['raises later']}"]
    for cell in cells:
        exec(cell, namespace)
    result = self_check("fit", namespace, cells, folder=CHECKS / "05_cnn")
    assert result.passed
    assert [notice.values for notice in result.notices] == [{"name": "EarlyStopping"}]
