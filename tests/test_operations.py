"""Which of PyTorch's operations a call used: seen on every thread, below everything that Python can switch off."""

import textwrap

import pytest
import torch

from grader.kit import CheckFailure, StudentError, assert_without_operations, operations_of
from grader.kit.connections import Loopback
from grader.kit.operations import AUTOGRAD, CONVOLUTIONS, DROPOUTS, POOLS
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer


def student_of(source: str) -> Student:
    namespace = {"torch": torch, "F": torch.nn.functional, "nn": torch.nn, "__name__": "__main__"}
    exec(textwrap.dedent(source), namespace)
    return Student(Loopback(NamespaceServer(namespace)))


X, W = torch.ones(2, 3, 6, 6), torch.ones(4, 3, 3, 3)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, w): return F.conv2d(x, w)",
        "def f(x, w):\n with torch._C.DisableTorchFunction(): return F.conv2d(x, w)",
        "def f(x, w):\n with torch._C._DisableTorchDispatch(): return F.conv2d(x, w)",
        "def f(x, w): return torch.ops.aten.convolution.default(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
        "def f(x, w): return torch.mkldnn_convolution(x, w, None, [0, 0], [1, 1], [1, 1], 1)",
        "def f(x, w): return F.conv3d(x[:, :, None], w[:, :, None])[:, :, 0]",
        "def f(x, w): return F.conv_transpose2d(x, w.flip(2, 3).transpose(0, 1), padding=2)",
        """
        def f(x, w):
            layer = nn.Conv2d(3, 4, 3, bias=False)
            layer.weight = nn.Parameter(w)
            return layer(x)
        """,
        """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        pool.submit(F.conv2d, torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3)).result()
        def f(x, w): return pool.submit(F.conv2d, x, w).result()
        """,
        """
        import threading
        def f(x, w):
            found = []
            thread = threading.Thread(target=lambda: found.append(F.conv2d(x, w)))
            thread.start(), thread.join()
            return found[0]
        """,
        """
        traced = torch.jit.trace(lambda x, w: F.conv2d(x, w), (torch.ones(1, 3, 6, 6), torch.ones(4, 3, 3, 3)))
        def f(x, w): return traced(x, w)
        """,
    ],
)
def test_a_convolution_is_seen_however_it_is_called(source):
    student = student_of(source)
    with pytest.raises(CheckFailure) as failure:
        assert_without_operations(student, student.f, X, W, forbidden=CONVOLUTIONS)
    assert "conv" in failure.value.diagnosis.actual.render("en")


def test_a_convolution_by_hand_is_none():
    student = student_of(
        """
        def f(x, w):
            columns = F.unfold(x, 3)
            return (w.flatten(1) @ columns).unflatten(2, (4, 4))
        """
    )
    value = assert_without_operations(student, student.f, X, W, forbidden=[*CONVOLUTIONS, *POOLS, *DROPOUTS, *AUTOGRAD])
    assert value.shape == (2, 4, 4, 4)


@pytest.mark.parametrize(
    ("expression", "forbidden"),
    [
        ("F.dropout(x)", DROPOUTS),
        ("F.dropout2d(x)", DROPOUTS),
        ("F.alpha_dropout(x, 0.5, True)", DROPOUTS),
        ("nn.Dropout()(x)", DROPOUTS),
        ("F.max_pool2d(x, 2)", POOLS),
        ("F.adaptive_max_pool2d(x, 2)", POOLS),
        ("nn.MaxPool3d((1, 2, 2))(x)", POOLS),
        ("nn.Sigmoid()(x)", ["aten::sigmoid"]),
        ("torch.special.expit(x)", ["aten::sigmoid"]),
        ("x.sigmoid_()", ["aten::sigmoid_"]),
        ("torch.autograd.grad(x.sum(), x)[0]", AUTOGRAD),
        ("torch.func.grad(lambda z: z.sin().sum())(x.detach())", AUTOGRAD),
        ("torch.func.jvp(torch.sin, (x.detach(),), (x.detach(),))[1]", AUTOGRAD),
        ("torch.autograd.functional.jacobian(lambda z: z.sum(), x)", AUTOGRAD),
    ],
)
def test_an_operation_is_seen_by_its_name(expression, forbidden):
    student = student_of(f"def f(x): return {expression}")
    x = X.clone().requires_grad_("autograd" in expression)
    with pytest.raises(CheckFailure):
        assert_without_operations(student, student.f, x, forbidden=forbidden)


def test_a_graph_that_is_merely_recorded_is_no_backward_pass():
    student = student_of("def f(x): return (x * 2).sum()")
    assert_without_operations(student, student.f, X.clone().requires_grad_(), forbidden=AUTOGRAD)


def test_operations_are_counted():
    student = student_of("def f(x):\n for _ in range(7): x = x.cos()\n return x")
    found = operations_of(student, student.f, X)
    assert found["aten::cos"] == 7
    assert torch.equal(student.last_call.value, X.cos().cos().cos().cos().cos().cos().cos())


def test_a_call_that_ends_the_profiler_says_so():
    student = student_of("def f(x):\n torch.autograd._disable_profiler()\n return F.dropout(x)")
    with pytest.raises(StudentError, match="profiler was ended"):
        operations_of(student, student.f, X)


def test_a_call_that_raises_raises_as_ever():
    student = student_of("def f(x): raise ValueError('mine')")
    with pytest.raises(StudentError, match="mine"):
        operations_of(student, student.f, X)
    following = student_of("def f(x): return x.cos()")
    assert operations_of(following, following.f, X)["aten::cos"] == 1


def test_nothing_is_written_where_a_student_reads(capfd):
    student = student_of("def f(x): return x.cos()")
    operations_of(student, student.f, X)
    assert capfd.readouterr() == ("", "")
