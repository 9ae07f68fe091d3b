"""Returns a tensor of 40 GB that takes four bytes in memory."""

# score: 0
# verdicts: error memory
# plain: harmful

# %%
import torch


def double(x):
    return torch.zeros(1).expand(10**10)
