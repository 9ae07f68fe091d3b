"""Answers with numbers that no float can hold, shapes that no tensor has, and tensors that have no data."""

# score: 0
# verdicts: failed error crashed
# triple: 0

# %%
import itertools

import grader.sandbox.kernel as kernel
from grader.wire.frames import Frame

send, number = kernel.send, itertools.count()
EMPTY = {"tensor": None, "dtype": "torch.float32", "shape": [3], "stride": [1], "is_leaf": True}
ODD = [
    {"seconds": 10**400},
    {"value": {**EMPTY, "shape": [2**61, 2**61]}},
    {"value": EMPTY},
    {"value": {**EMPTY, "dtype": "torch.bits8"}},
    {"value": 10**4000},
    {"value": {"object": 10**400, "type": "x" * 100_000}},
    {"value": {"name": "EXPECTED"}},
]


def send_odd(stream, frame, deadline=None):
    send(stream, Frame({**frame.content, **ODD[next(number) % len(ODD)]}))


kernel.send = send_odd


def double(x):
    return x
