"""Answers with a list that names one large tensor forty thousand times: a copy of each would fill the memory."""

# score: 0
# verdicts: error crashed
# triple: 0

# %%
import json
import struct

from grader.wire import answering
from grader.wire.frames import Frame

size = 32 * 2**20
header = json.dumps({"t0": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
large = {"tensor": "t0", "dtype": "torch.float32", "shape": [size // 4], "stride": [1]}


def handle(self, request):
    value = {"list": [large] * 40_000}
    return Frame(
        {"status": "ok", "value": value, "effects": [{}], "random_changed": [], "seconds": 0.0},
        struct.pack("<Q", len(header)) + header + bytes(size),
    )


answering.NamespaceServer.handle = handle


def double(x):
    return x
