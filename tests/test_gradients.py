"""The gradient assertions accept what is right and name what is wrong."""

import pytest
import torch

from grader.kit.connections import Loopback
from grader.kit.failures import CheckFailure
from grader.kit.gradients import (
    assert_gradients,
    assert_returned_gradient,
    cut_hint,
    dotted_names,
    explained_cuts,
)
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer

IMPORTS = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch.func import grad as slope\n"


def notebook(source: str) -> Student:
    namespace: dict[str, object] = {}
    exec(IMPORTS + source, namespace)
    return Student(Loopback(NamespaceServer(namespace), lambda: [IMPORTS, source]))


def failure(source: str, *args: torch.Tensor, **options: object) -> CheckFailure:
    student = notebook(source)
    with pytest.raises(CheckFailure) as caught:
        assert_gradients(student, student.f, *args, **options)
    return caught.value


def hint_of(error: CheckFailure) -> str:
    assert error.diagnosis.hint is not None
    return error.diagnosis.hint.render("en")


X = torch.tensor([0.5, -1.0, 2.0])

# ---------------------------------------------------------------------------- gradients that flow through


@pytest.mark.parametrize(
    "body",
    ["x.sin() * 2", "torch.stack([x, x**2])", "(x[:, None] * x[None]).sum()", "F.softplus(x)", "x[1:]"],
)
def test_central_differences_agree_with_autograd(body: str) -> None:
    student = notebook(f"def f(x): return {body}")
    assert_gradients(student, student.f, X)


def test_a_closed_form_is_an_expectation_too() -> None:
    student = notebook("def f(a, b): return a * b")
    a, b = torch.tensor([[1.0, 2.0, 3.0]]).t(), torch.tensor([[4.0], [5.0], [6.0]])
    assert_gradients(student, student.f, a, b, expected=[b.double(), a.double()])


def test_a_cotangent_weighs_the_outputs() -> None:
    student = notebook("def f(x): return x**2")
    weights = torch.tensor([1.0, 0.0, -3.0])
    assert_gradients(student, student.f, X, cotangent=weights, expected=[2 * X.double() * weights])


def test_whole_numbers_among_the_arguments_need_no_gradient() -> None:
    student = notebook("def f(x, index): return x[index] ** 2")
    assert_gradients(student, student.f, X, torch.tensor([0, 2, 2]))


@pytest.mark.parametrize(
    ("body", "cutter"),
    [
        ("x.data * 2", ".data"),
        ("torch.tensor([v.item() * 2 for v in x])", ".item()"),
        ("torch.tensor(2 * x)", "torch.tensor(…)"),
        ("torch.from_numpy(np.sin(x.detach().numpy()))", ".numpy()"),
        ("torch.from_numpy(np.sin(np.asarray(x.detach())))", "torch.from_numpy(…)"),
        ("torch.Tensor(x.tolist())", ".tolist()"),
        ("x.detach() * 2", ".detach()"),
        ("torch.ones(3) * float(x.sum())", "float(…)"),
    ],
)
def test_what_cuts_the_graph_is_named(body: str, cutter: str) -> None:
    error = failure(f"def f(x): return {body}", X, expected=[2 * torch.ones(3)])
    assert "No gradient reaches `argument 1`" in str(error)
    assert hint_of(error).startswith(f"{cutter} takes the value out of the graph")


def test_no_grad_is_named() -> None:
    error = failure("def f(x):\n    with torch.no_grad():\n        return 2 * x", X, expected=[2 * torch.ones(3)])
    assert hint_of(error).startswith("torch.no_grad()")


def test_the_cut_is_found_in_a_function_that_the_function_uses() -> None:
    error = failure("def double(x): return 2 * x.data\ndef f(x): return double(x)", X)
    assert hint_of(error).startswith(".data")


def test_a_cut_that_the_source_does_not_show_gets_a_general_hint() -> None:
    error = failure("def f(x): return (x > 0).double()", X, expected=[torch.zeros(3)])
    assert "whatever leaves the tensor cuts the graph" in hint_of(error)


def test_only_the_argument_without_gradient_is_blamed() -> None:
    error = failure("def f(a, b): return a * b.detach()", X, X + 1, names=["a", "b"])
    assert "`b`" in str(error)


@pytest.mark.parametrize(
    ("factor", "says"),
    [(-1, "wrong sign"), (2, "twice"), (0.5, "half"), (3, "3 times"), (1 / 3, "1/3 of"), (7, "7 times")],
)
def test_a_wrong_gradient_is_diagnosed(factor: float, says: str) -> None:
    source = f"""
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        return {factor} * 2 * ctx.saved_tensors[0] * g


def f(x): return Wrong.apply(x)
"""
    assert says in hint_of(failure(source, X))


def test_an_output_of_another_shape_than_the_cotangent_is_no_cut() -> None:
    error = failure("def f(x): return x.sum()", X, cotangent=torch.ones(3), expected=[torch.ones(3)])
    assert "wrong shape" in str(error)


@pytest.mark.parametrize(
    "result", ["None", "[x]", "1.0", "float('nan') * x", "torch.empty(3, device='meta')", "(x, x)"]
)
def test_what_is_no_right_tensor_fails(result: str) -> None:
    failure(f"def f(x): return {result}", X, expected=[torch.ones(3)])


# ------------------------------------------------------------------------------ gradients that are returned


def returned(source: str, right: torch.Tensor, *args: object, **options: object) -> None:
    student = notebook(source)
    value = student.g(*args)
    assert_returned_gradient(student, "g", value, right, **options)


def returned_failure(source: str, right: torch.Tensor, *args: object, **options: object) -> CheckFailure:
    with pytest.raises(CheckFailure) as caught:
        returned(source, right, *args, **options)
    return caught.value


OWN = "def g(x):\n    x = x.detach().clone().requires_grad_()\n    {}\n    return x.grad"


def test_a_right_gradient_passes() -> None:
    returned(OWN.format("(x**2).sum().backward()"), 2 * X, X)


def test_none_is_no_gradient() -> None:
    error = returned_failure(OWN.format("x.exp()"), 2 * X, X)
    assert "is None" in str(error)
    assert "before backward" in hint_of(error)


def test_the_gradient_of_the_input_itself_is_recognised() -> None:
    source = "def g(x):\n    (x**2).sum().backward()\n    return x.grad"
    error = returned_failure(source, 2 * X, X.clone().requires_grad_())
    assert ".grad object of the input" in str(error)


def test_a_graph_behind_the_gradient_is_recognised() -> None:
    source = (
        "def g(x):\n    x = x.clone().requires_grad_()\n"
        "    return torch.autograd.grad((x**2).sum(), x, create_graph=True)[0]"
    )
    assert "hangs on a computation graph" in str(returned_failure(source, 2 * X, X))


def test_accumulating_is_recognised() -> None:
    twice = "(x**2).sum().backward(); (x**2).sum().backward()"
    assert "twice" in hint_of(returned_failure(OWN.format(twice), 2 * X, X))


def test_a_missing_batch_factor_is_recognised() -> None:
    error = returned_failure(OWN.format("(x**2).sum().backward()"), 2 * X / 3, X, batch=3)
    assert "3 is the batch size" in hint_of(error)


def test_mistakes_of_the_exercise_come_first() -> None:
    from grader.kit.messages import tr

    error = returned_failure(OWN.format("(-x**2).sum().backward()"), 2 * X, X, mistakes=[(-2 * X, tr("mine"))])
    assert hint_of(error) == "mine"


# ------------------------------------------------------------------------------------- reading the source


def test_names_are_given_with_where_they_come_from() -> None:
    cells = [IMPORTS, "def f(x):\n    return F.relu(slope(x).sum()) + np.pi"]
    names = dotted_names(cells, "f")
    assert {"torch.nn.functional.relu", "torch.func.grad", "numpy.pi"} <= names


def test_a_method_that_is_not_called_is_found() -> None:
    hint = cut_hint(["def f(x):\n    x.requires_grad_\n    return x"], "f")
    assert hint is not None
    assert "parentheses" in hint.render("en")


@pytest.mark.parametrize(
    "body",
    ["x.detach().requires_grad_()", "x.data_ptr()", "x.dataset", "x.sum()", "torch.zeros(3)"],
)
def test_what_cuts_nothing_is_not_blamed(body: str) -> None:
    assert cut_hint([f"def f(x):\n    return {body}"], "f") is None


def test_what_an_exercise_needs_is_not_blamed() -> None:
    cells = ["def f(x):\n    return x.item()"]
    assert cut_hint(cells, "f") is not None
    assert cut_hint(cells, "f", legitimate=("item",)) is None


def test_a_backward_that_finds_no_graph_is_explained_from_the_source() -> None:
    student = notebook("def f(x):\n    x.data.sum().backward()")
    with pytest.raises(CheckFailure) as caught, explained_cuts(student, "f"):
        student.f(X)
    assert hint_of(caught.value).startswith(".data")


def test_backward_on_a_number_is_explained_from_the_source() -> None:
    student = notebook("def f(x):\n    x.sum().item().backward()")
    with pytest.raises(CheckFailure) as caught, explained_cuts(student, "f", legitimate=("item",)):
        student.f(X)
    assert hint_of(caught.value).startswith(".item()")


def test_other_errors_pass_through() -> None:
    student = notebook("def f(x):\n    raise KeyError(x.data)")
    with pytest.raises(KeyError), explained_cuts(student, "f"):
        student.f(X)


def test_an_annotation_is_no_call_that_cuts_the_graph() -> None:
    cells = ["def f(x: torch.Tensor) -> torch.Tensor:\n    y: torch.Tensor = x.detach()\n    return y * 2"]
    assert "torch.Tensor" not in dotted_names(cells, "f")
    hint = cut_hint(cells, "f")
    assert hint is not None
    assert "detach" in hint.render("en")
