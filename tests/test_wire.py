"""The wire holds: whatever a worker answers, a check comes to a verdict of the student's, and soon."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.results import Verdict
from grader.checking.verdicts import judge
from grader.kit.connections import Loopback
from grader.kit.failures import WorkerReplyError
from grader.kit.student import Student
from grader.wire.answering import NamespaceServer
from grader.wire.decoding import Decoder
from grader.wire.frames import (
    HEADER,
    MAGIC,
    MAX_JSON,
    ConnectionLostError,
    Frame,
    FrameError,
    dump,
    receive,
    send,
)
from grader.wire.replies import require_reply
from grader.wire.values import MAX_EQUAL_HASHES, MAX_HEADER, TENSOR_DTYPES, Encoder, ValueFormatError

EFFORT = int(os.environ.get("AULATORCH_FUZZ", "1"))
"""How many times as many examples as in everyday runs."""

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["t0", "t1", "torch.float32", "torch.complex64", "<f4", "|O", "cuda:99", "nan", "0x1f", "V8"])
)  # fmt: skip
KINDS = st.sampled_from(
    ["tensor", "array", "scalar", "object", "name", "list", "tuple", "set", "dict", "int", "float", "complex", "bytes",
     "size", "dtype", "device", "shape", "stride", "shares", "requires_grad", "grad_fn", "type"]
)  # fmt: skip
NODES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KINDS | st.text(max_size=5), inner, max_size=6),
    max_leaves=20,
)
BUFFERS = Encoder()
BUFFERS.encode([torch.arange(6.0).reshape(2, 3), np.arange(4)])
NAMESPACE: dict[str, Any] = {
    "f": lambda x, y=None: (2 * x, [1, "a"], {"k": x.sum()}, object()),
    "g": lambda x, y=None: x.add_(1),
    "h": lambda x, y=None: 1 / 0,
}


@pytest.mark.parametrize("seconds", [10**400, float("inf"), -1.0, True, "1", None])
def test_a_duration_that_is_none_is_refused(seconds: object) -> None:
    reply = {"status": "ok", "value": None, "effects": [], "random_changed": [], "seconds": seconds}
    with pytest.raises(ValueFormatError):
        require_reply({"op": "call", "args": []}, reply)


@given(NODES)
@settings(max_examples=200 * EFFORT, deadline=None)
def test_any_node_is_a_value_or_is_refused(node: Any) -> None:
    decoder = Decoder(BUFFERS.buffers(), resolve=lambda found: found)
    with contextlib.suppress(ValueFormatError):
        decoder.decode(node)


def of_hash_zero(number: int) -> dict[str, Any]:
    """Complex numbers, one for each whole number, that all have the hash 0."""
    return {"complex": [-1_000_003 * number, number]}


@pytest.mark.parametrize("kind", ["set", "dict"])
@pytest.mark.parametrize(
    "member",
    [
        of_hash_zero,
        lambda number: {"tuple": [of_hash_zero(number), 1]},
        lambda number: {"tuple": [{"tuple": [of_hash_zero(number)]}]},
        lambda number: {"int": hex((2**61 - 1) * (number + 8))},
        lambda _: 1,
    ],
    ids=["complex", "tuple", "nested", "whole", "equal"],
)
def test_many_keys_of_one_hash_are_refused(kind: str, member: Callable[[int], Any]) -> None:
    members = [member(number) for number in range(MAX_EQUAL_HASHES + 1)]
    for count in (MAX_EQUAL_HASHES, MAX_EQUAL_HASHES + 1):
        chosen = members[:count] if kind == "set" else [[item, 0] for item in members[:count]]
        with (
            pytest.raises(ValueFormatError, match="one hash") if count > MAX_EQUAL_HASHES else contextlib.nullcontext()
        ):
            decoder_of([]).decode({kind: chosen})


@pytest.mark.parametrize(
    "value",
    [
        {1, 2.5, "a", b"b", (1, 2), None, 1j},
        {2.0**power for power in range(-1000, 1000)},
        {number: str(number) for number in range(-5000, 5000)},
        {np.int64(3): 1, np.float32(0.5): 2},
    ],
)
def test_honest_sets_and_dicts_arrive(value: Any) -> None:
    encoder = Encoder()
    node = encoder.encode(value)
    assert Decoder(encoder.buffers(), resolve=lambda found: found).decode(node) == value


def decoder_of(values: list[Any], **limits: Any) -> Decoder:
    """A decoder of a message that holds these tensors and arrays, as t0, t1 and so on."""
    encoder = Encoder()
    encoder.encode(values)
    return Decoder(encoder.buffers(), resolve=lambda found: found, **limits)


def safetensors(header: Any, data: bytes = b"") -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


SIZES = st.sampled_from([0, 1, 2, 2**31, 2**32, 2**61, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -1]) | st.integers()


@given(
    st.lists(SIZES, max_size=4),
    st.sampled_from(["F32", "U8", "BOOL", "C64", "F8_E4M3", "F4", "F6_E2M3", "I64", "BF16", "X", ""]),
    st.lists(SIZES, min_size=2, max_size=2),
    st.binary(max_size=32),
)
@settings(max_examples=200 * EFFORT, deadline=None)
def test_any_header_of_a_tensor_is_read_or_is_refused(
    shape: list[int], dtype: str, offsets: list[int], data: bytes
) -> None:
    for ends in (offsets, [0, len(data)]):
        buffers = safetensors({"t0": {"dtype": dtype, "shape": shape, "data_offsets": ends}}, data)
        with contextlib.suppress(ValueFormatError):
            Decoder(buffers, resolve=lambda found: found).decode({"bytes": "t0"})


@pytest.mark.parametrize("shape", [[0, 2**63], [2**63, 0], [0, 2**64 - 1], [0] * 100])
def test_an_empty_tensor_of_a_size_that_is_none_is_refused(shape: list[int]) -> None:
    buffers = safetensors({"t0": {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]}})
    node = {"tensor": "t0", "dtype": "torch.float32", "shape": shape, "stride": [1] * len(shape)}
    with pytest.raises(ValueFormatError):
        Decoder(buffers, resolve=lambda found: found).decode(node)


@pytest.mark.parametrize("header", [b"", b"{", b"[]", b"null", b'{"t0": 1}', b'{"__metadata__": {"a": 1}}', b"\xff"])
def test_a_header_that_is_none_is_refused(header: bytes) -> None:
    with pytest.raises(ValueFormatError):
        Decoder(safetensors(header), resolve=lambda found: found)


def test_a_tensor_is_named_once() -> None:
    node = {"tensor": "t0", "dtype": "torch.float32", "shape": [3], "stride": [1]}
    assert len(decoder_of([torch.ones(3)]).decode({"list": [node]})) == 1
    with pytest.raises(ValueFormatError, match="does not hold"):
        decoder_of([torch.ones(3)]).decode({"list": [node, node]})


def test_reading_has_a_budget_of_time() -> None:
    with pytest.raises(ValueFormatError, match="too long"):
        decoder_of([], max_seconds=0.0).decode({"list": [0] * 1000})


@pytest.mark.parametrize(
    "node",
    [
        {"size": [0] * 100_000},
        {"device": 0},
        {"device": "c" * 1000},
        {"bytes": "t0"},
        {"array": "t1", "dtype": "f4," * 1000, "shape": [3]},
        {"array": "t1", "dtype": {"names": ["a"], "formats": ["f4"]}, "shape": [1]},
        {"tensor": None, "dtype": "torch.float32", "shape": [1] * 100, "stride": []},
        {"tensor": None, "dtype": "torch.bits8", "shape": [1], "stride": [1]},
    ],
)
def test_a_part_that_is_none_of_its_kind_is_refused(node: Any) -> None:
    with pytest.raises(ValueFormatError):
        decoder_of([torch.ones(3), np.ones(3)]).decode(node)


@pytest.mark.parametrize("dtype", sorted(TENSOR_DTYPES, key=str), ids=str)
def test_every_dtype_that_arrives_can_be_compared(dtype: torch.dtype) -> None:
    encoder = Encoder()
    node = encoder.encode(torch.ones(3).to(dtype))
    arrived = Decoder(encoder.buffers(), resolve=lambda found: found).decode(node)
    assert arrived.dtype == dtype
    assert torch.equal(arrived.to(torch.complex128), torch.ones(3, dtype=torch.complex128))


def test_a_list_of_too_many_tensors_is_refused_by_its_length() -> None:
    with pytest.raises(ValueFormatError, match="too many tensors"):
        Decoder((MAX_HEADER + 1).to_bytes(8, "little") + b"{", resolve=lambda found: found)


@given(st.binary(max_size=300))
@settings(max_examples=100 * EFFORT, deadline=None)
def test_any_bytes_are_tensors_or_are_refused(buffers: bytes) -> None:
    with contextlib.suppress(ValueFormatError):
        Decoder(buffers, resolve=lambda found: found)


def received(data: bytes, max_buffers: int = 1000) -> Frame:
    """What comes out at the other end of a socket that is closed after `data`, which must fit its buffer."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(data)
        return receive(ours, max_buffers, time.monotonic() + 10)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: MAGIC + rest))
@settings(max_examples=100 * EFFORT, deadline=None)
def test_any_bytes_are_a_frame_or_an_error_of_the_worker(data: bytes) -> None:
    with pytest.raises((FrameError, ConnectionLostError)):
        received(data)


@given(NODES)
@settings(max_examples=200 * EFFORT, deadline=None)
def test_any_json_is_a_frame_or_an_error_of_the_worker(content: Any) -> None:
    text = json.dumps(content).encode()
    data = HEADER.pack(MAGIC, len(text), 0) + text
    try:
        assert isinstance(received(data).content, dict)
    except FrameError:
        assert not isinstance(content, dict) or "NaN" in text.decode() or "Infinity" in text.decode()


@pytest.mark.parametrize("sizes", [(MAX_JSON + 1, 0), (2**32 - 1, 0), (2, 1001), (2, 2**64 - 1)])
def test_a_frame_that_is_too_large_is_refused_by_its_header(sizes: tuple[int, int]) -> None:
    with pytest.raises(FrameError, match="too large"):
        received(HEADER.pack(MAGIC, *sizes))


@pytest.mark.parametrize(
    "text", [b"[" * 50_000, b'{"a":' * 10_000, b'{"a": NaN}', b"\xff\xfe", b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_hostile_json_is_refused(text: bytes) -> None:
    with pytest.raises(FrameError):
        received(HEADER.pack(MAGIC, len(text), 0) + text)


@pytest.mark.parametrize("sent", [b"", b"AU", dump(Frame({"status": "ok"}))[:-1]])
def test_an_answer_that_does_not_come_in_time_is_a_timeout(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        with pytest.raises(TimeoutError):
            receive(ours, 1000, time.monotonic() + 0.01)


@pytest.mark.parametrize("has_deadline", [True, False])
def test_a_frame_larger_than_the_sockets_buffer_arrives(has_deadline: bool) -> None:
    ours, theirs = socket.socketpair()
    deadline = time.monotonic() + 60 if has_deadline else None
    frame = Frame({"text": "a" * 10_000}, os.urandom(3 * 2**20))
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send, theirs, frame, deadline)
        assert receive(ours, 2**22, deadline) == frame
        sent.result()


def test_a_frame_that_nobody_reads_is_a_timeout() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        send(ours, Frame({}, bytes(2**23)), time.monotonic() + 0.05)


@pytest.mark.parametrize(
    ("name", "draw"),
    [("torch", lambda: torch.rand(1)), ("numpy", np.random.rand), ("random", random.random),
     ("random", lambda: random.gauss(0.0, 1.0))],
)  # fmt: skip
def test_each_draw_of_a_global_generator_is_noticed(name: str, draw: Callable[[], object]) -> None:
    def drawing() -> None:
        draw()

    student = Student(Loopback(NamespaceServer({"drawing": drawing, "still": lambda: None})))
    random.seed(0)
    for _ in range(3):  # every second number of `gauss` is there already
        assert student.call(student.drawing).random_changed == (name,)
        assert student.call(student.still).random_changed == ()


class Lying:
    """A connection to a worker whose replies are changed on the way, checked as in grading."""

    def __init__(self, change: Callable[[Frame], Frame]) -> None:
        self.server = NamespaceServer(dict(NAMESPACE))
        self.change = change

    def request(self, frame: Frame, timeout: float | None) -> Frame:
        reply = self.change(self.server.handle(frame))
        try:
            require_reply(frame.content, reply.content)
        except ValueFormatError as error:
            raise WorkerReplyError(str(error)) from error
        return reply

    def cells(self) -> Sequence[str]:
        return ()

    def read_file(self, name: str, size: int) -> bytes | None:
        return None


def paths(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every part of a JSON value."""
    yield here
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield from paths(part, (*here, key))


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The JSON value with one part replaced."""
    if not path:
        return value
    node = copy.copy(node)
    node[path[0]] = replaced(node[path[0]], path[1:], value)
    return node


def changed_somewhere(data: st.DataObject, value: Any) -> Callable[[Frame], Frame]:
    """A change of one part of a reply, wherever hypothesis likes."""

    def change(reply: Frame) -> Frame:
        path = data.draw(st.sampled_from(list(paths(reply.content))))
        content = replaced(reply.content, path, value)
        return Frame(content if isinstance(content, dict) else {}, reply.buffers)

    return change


def verdict_of(ask: Callable[[], object]) -> Verdict:
    """The verdict of a check that only asks."""
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - whatever comes of it is what is tested
        return judge(error, reveal=True)[0]
    return Verdict.PASSED


@given(data=st.data(), name=st.sampled_from(sorted(NAMESPACE)), value=NODES)
@settings(max_examples=200 * EFFORT, deadline=None)
def test_a_call_with_any_part_of_its_reply_replaced_is_no_fault_of_the_grader(
    data: st.DataObject, name: str, value: Any
) -> None:
    student = Student(Lying(changed_somewhere(data, value)))
    x = torch.arange(3.0, requires_grad=name == "f")
    cotangents = [torch.ones(3)] if name == "f" else None

    def ask() -> None:
        assert len(student.call(student[name], x, y=np.ones(2), _cotangents=cotangents).effects) == 2

    assert verdict_of(ask) is not Verdict.GRADER_ERROR


@pytest.mark.parametrize(
    "ask",
    [
        lambda student: student.fetch("f"),
        lambda student: student.attribute(student["f"], "__name__"),
        lambda student: student.put(torch.ones(2)),
        lambda student: student.define("def k(x): return x", "k"),
    ],
    ids=["value", "attribute", "put", "define"],
)
@given(data=st.data(), value=NODES)
@settings(max_examples=40 * EFFORT, deadline=None)
def test_any_other_reply_with_a_part_replaced_is_no_fault_of_the_grader(
    ask: Callable[[Student], object], data: st.DataObject, value: Any
) -> None:
    student = Student(Lying(changed_somewhere(data, value)))
    assert verdict_of(lambda: ask(student)) is not Verdict.GRADER_ERROR
