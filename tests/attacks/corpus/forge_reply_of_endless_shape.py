"""Answers with an empty tensor, one of whose sizes is larger than any whole number that PyTorch has."""

# score: 0
# verdicts: error crashed
# triple: 0

# %%
import json
import struct

from grader.wire import answering
from grader.wire.frames import Frame

header = json.dumps({"t0": {"dtype": "F32", "shape": [0, 2**63], "data_offsets": [0, 0]}}).encode()
empty = {"tensor": "t0", "dtype": "torch.float32", "shape": [0, 2**63], "stride": [1, 1]}


def handle(self, request):
    value = {"status": "ok", "value": empty, "effects": [{}], "random_changed": [], "seconds": 0.0}
    return Frame(value, struct.pack("<Q", len(header)) + header)


answering.NamespaceServer.handle = handle


def double(x):
    return x
