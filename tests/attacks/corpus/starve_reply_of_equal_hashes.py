"""Answers with a set of numbers that all have the same hash: comparing each with each takes minutes."""

# score: 0
# verdicts: error crashed
# triple: 0

# %%
from grader.wire import answering
from grader.wire.frames import Frame


def handle(self, request):
    numbers = [{"int": hex((2**61 - 1) * k)} for k in range(8, 49_000)]
    return Frame(
        {"status": "ok", "value": {"set": numbers}, "effects": [{}], "random_changed": [], "seconds": 0.0}
    )


answering.NamespaceServer.handle = handle


def double(x):
    return x
