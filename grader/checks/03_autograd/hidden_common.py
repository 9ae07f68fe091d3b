"""Inputs of several hidden checks of 03_autograd."""

import pytest
import torch

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
