"""Answers with memory that a thread, and a finalizer, go on changing after the answer."""

# score: 0
# verdicts: failed error

# %%
import threading
import time
import weakref

import torch


def double(x):
    answer = torch.zeros_like(x)

    def change():
        for _ in range(200):
            answer.add_(torch.rand(()))
            time.sleep(0.001)

    threading.Thread(target=change, daemon=True).start()
    weakref.finalize(x, answer.zero_)
    return answer
