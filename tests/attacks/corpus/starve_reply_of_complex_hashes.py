"""Answers with a set of complex numbers, and with keys that are tuples of them, that all have one hash."""

# score: 0
# verdicts: error crashed
# triple: 0

# %%
import itertools

from grader.wire import answering
from grader.wire.frames import Frame

numbers = [{"complex": [-1_000_003 * k, k]} for k in range(16_000)]
values = itertools.cycle([{"set": numbers}, {"dict": [[{"tuple": [number]}, 1] for number in numbers[:12_000]]}])


def handle(self, request):
    value = next(values)
    return Frame({"status": "ok", "value": value, "effects": [{}], "random_changed": [], "seconds": 0.0})


answering.NamespaceServer.handle = handle


def double(x):
    return x
