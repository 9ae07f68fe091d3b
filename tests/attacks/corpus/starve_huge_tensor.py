"""Asks for a tensor of a petabyte."""

# score: 0
# verdicts: error
# plain: harmful

# %%
import torch


def double(x):
    return torch.empty(10**15)
