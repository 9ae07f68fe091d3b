"""Shares tensors without end, each of them within the limits: they lie in files of its folder."""

# score: 10
# verdicts: passed
# restarts: 1
# plain: harmful

# %%
import time

import torch

kept = []
for _ in range(40):
    kept.append(torch.ones(2**24).share_memory_())
time.sleep(10)

# %%
def double(x):
    return 2 * x
