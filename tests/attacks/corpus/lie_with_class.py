"""Claims another class and other contents than it has."""

# score: 0
# verdicts: failed error

# %%
import torch


class Fake(list):
    __class__ = torch.Tensor
    shape, dtype, device = (3,), torch.float32, torch.device("cpu")


def double(x):
    return Fake(x.tolist())
