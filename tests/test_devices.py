"""The question whether it would work on a GPU: asked of any code, whatever it returns, and answered by a verdict."""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.dlpack

from grader.kit import CheckFailure, StudentError, assert_device_agnostic
from grader.kit.connections import Loopback
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer
from grader.wire.values import origin


def student_with(function: Callable[[torch.Tensor], Any]) -> Student:
    """A notebook that defines `f`."""
    return Student(Loopback(NamespaceServer({"f": function})))


RECORD = np.zeros(2, dtype=[("x", "f4")])
BESIDE_A_TENSOR: dict[str, Callable[[torch.Tensor], Any]] = {
    "a whole number": lambda x: np.prod(x.shape),
    "a decimal": lambda _: np.float32(0.5),
    "a truth value": lambda _: np.bool_(True),
    "a complex number": lambda _: np.complex64(1j),
    "a half": lambda _: np.float16(1),
    "a long double": lambda _: np.longdouble(1),
    "a text": lambda _: np.str_("text"),
    "a date": lambda _: np.datetime64("2024-01-01"),
    "a void": lambda _: np.void(b"ab"),
    "an array": lambda _: np.arange(3.0),
    "an empty array": lambda _: np.ones((0, 3)),
    "an array of one": lambda _: np.array(3.0),
    "an array of another byte order": lambda _: np.arange(3, dtype=">i4"),
    "a masked array": lambda _: np.ma.masked_array([1, 2], [0, 1]),
    "an array of records": lambda _: RECORD,
    "a record": lambda _: RECORD[0],
    "an array of objects": lambda _: np.array([1, "a", None], dtype=object),
    "an array of texts": lambda _: np.array(["a", "b"]),
    "bytes": lambda _: b"bytes",
    "NumPy's bytes": lambda _: np.bytes_(b"bytes"),
    "a bytearray": lambda _: bytearray(3),
    "a memoryview": lambda _: memoryview(np.arange(3)),
    "parts": lambda _: {"a": [({"b": np.float32(1)}, np.ones(2)), b"c"], b"d": {np.int64(3)}},
    "what the input says of itself": lambda x: (x.data_ptr(), repr(x), x.untyped_storage().nbytes())[1:],
    "a real tensor": lambda _: REAL,
}
REAL = torch.arange(3.0)


@pytest.mark.parametrize("name", BESIDE_A_TENSOR)
def test_anything_may_be_returned_beside_a_tensor(name: str) -> None:
    student = student_with(lambda x: (BESIDE_A_TENSOR[name](x), 2 * x))
    call = student.call(student.f, torch.ones(2, 3), _fake_device="cuda")
    assert origin(call.value[1]).device == "cuda:0"


@pytest.mark.parametrize(
    ("value", "arrives"),
    [(np.int64(6), np.int64(6)), (np.float32(0.5), np.float32(0.5)), (b"ab", b"ab"), (np.str_("a"), "a"), (b"", b"")],
)
def test_numbers_and_bytes_arrive_as_they_do_without_the_mode(value: Any, arrives: Any) -> None:
    student = student_with(lambda _: value)
    for device in (None, "cuda"):
        got = student.call(student.f, torch.ones(3), _fake_device=device).value
        assert (type(got), got) == (type(arrives), arrives)


def test_an_array_arrives_with_its_values() -> None:
    student = student_with(lambda _: np.arange(6.0).reshape(2, 3))
    got = student.call(student.f, torch.ones(3), _fake_device="cuda").value
    np.testing.assert_array_equal(got, np.arange(6.0).reshape(2, 3))


def _without_its_first_byte(x: torch.Tensor) -> None:
    del x.cpu().untyped_storage()[0]


def _written(x: torch.Tensor, index: Any, value: Any) -> torch.Tensor:
    x[index] = value
    return x


@pytest.mark.parametrize(
    "right",
    [
        lambda x: torch.zeros(np.prod(x.shape), device=x.device),
        lambda x: x.reshape(np.int64(3), -1),
        lambda x: x / np.sqrt(x.shape[-1]),
        lambda x: np.float32(2) * x,
        lambda x: torch.linspace(0, np.pi, np.int64(5), device=x.device),
        lambda x: torch.tensor(np.ones(3), device=x.device),
        lambda x: torch.from_numpy(np.tril(np.ones((3, 3)))).to(x),
        lambda x: torch.full((3,), np.float64(math.pi), device=x.device),
        lambda x: x[np.int64(0)],
        lambda x: (x[0, 1], x[None, ..., ::2], x[[0, 2]], x[torch.tensor([0, 1])], x[:, torch.arange(2).to(x.device)]),
        lambda x: x.index_put((torch.tensor([0, 2]),), x[1, 1]),
        lambda x: _written(x.clone(), 0, x[1]),
        lambda x: _written(x.clone(), slice(0, 2), torch.zeros(2, 2)),
        lambda x: _written(x.clone(), [0, 2], x[:2]),
        lambda x: _written(x.clone(), [0, 2], torch.tensor(1.0)),
        lambda x: _written(x.clone(), x > 0, 0.0),
        lambda x: x.cpu().apply_(lambda value: value + 1).to(x.device),
        lambda x: x.cpu().map_(x.cpu(), lambda left, right: left + right).to(x.device),
        lambda x: (x, x.cpu().numpy().sum()),
        lambda x: (x, x.tolist(), x.sum().item()),
        lambda x: torch.from_numpy(np.exp(x.numpy(force=True))).to(x.device),
    ],
)
def test_a_right_answer_that_uses_numpy_passes(right: Callable[[torch.Tensor], Any]) -> None:
    student = student_with(right)
    assert_device_agnostic(student, student.f, torch.ones(3, 2))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: (np.prod(x.shape), torch.zeros(3)),
        lambda x: x + torch.from_numpy(np.ones(2, dtype=np.float32)),
        lambda x: x.cpu().apply_(lambda value: value + 1),
        lambda x: x.cpu().map_(x.cpu(), lambda left, right: left + right),
        lambda x: x[:, None] * torch.ones(3, 1, 2),
        lambda x: torch.zeros(3, 2)[torch.arange(3)] + x[:1],
        lambda x: torch.zeros(3, 2).__setitem__([0, 2], x[:2]),
        lambda x: x.clone().__setitem__([0, 2], torch.zeros(2, 2)),
        lambda x: torch.zeros(3, 2).index_add_(0, torch.arange(3), x),
        lambda x: torch.zeros(()).add_(x.sum()),
        lambda x: torch.from_numpy(np.exp(x.numpy())).to(x.device),
        lambda x: torch.as_tensor(np.asarray(x) + 1, device=x.device),
    ],
)
def test_a_result_left_on_the_cpu_is_found(wrong: Callable[[torch.Tensor], Any]) -> None:
    student = student_with(wrong)
    with pytest.raises(CheckFailure, match="On a GPU"):
        assert_device_agnostic(student, student.f, torch.ones(3, 2))


@pytest.mark.parametrize(
    "undecided",
    [
        lambda x: np.from_dlpack(x.cpu()),
        lambda x: torch.from_dlpack(torch.utils.dlpack.to_dlpack(x.cpu())).tolist(),
        lambda x: torch.from_dlpack(torch._C._to_dlpack(x.cpu())).sum().item(),
        lambda x: x.__dlpack__(),
        lambda x: x.cpu().untyped_storage().byteswap(torch.float32),
        lambda x: x.cpu().untyped_storage()._set_cdata(0),
        lambda x: x.cpu().untyped_storage().__delitem__(0),
        _without_its_first_byte,
        lambda x: pickle.dumps(x),
        lambda x: torch.save(x.cpu(), io.BytesIO()),
        lambda x: memoryview(x.cpu()),
        lambda x: x.cpu().storage().tolist(),
        lambda x: np.asarray(x.cpu()),
        lambda x: x.apply_(lambda value: value + 1),
        lambda x: REAL.numpy() + 1,
        lambda x: bytes(x.cpu().untyped_storage()),
        lambda x: memoryview(x.numpy()),
    ],
)
def test_code_that_looks_at_data_raises_and_ends_no_process(undecided: Callable[[torch.Tensor], Any]) -> None:
    student = student_with(undecided)
    with pytest.raises(StudentError):
        student.call(student.f, torch.ones(3), _fake_device="cuda")


@pytest.mark.parametrize(("steps", "keeps"), [(3, False), (400, True)])
def test_what_fake_tensors_make_is_kept_only_where_a_call_does_much(steps: int, keeps: bool) -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    def repeated(x: torch.Tensor) -> torch.Tensor:
        for _ in range(steps):
            x = x * 2
        return x

    before = FakeTensorMode.cache_info()
    assert_device_agnostic(student := student_with(repeated), student.f, torch.ones(3, 41 + steps))
    after = FakeTensorMode.cache_info()
    assert (after.hits > before.hits) is keeps
    assert (after.misses > before.misses) is keeps
