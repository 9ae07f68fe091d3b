"""Moves the axis to the front; the deviation is at least eps."""


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    rows = X.movedim(dim, 0)
    deviation = rows.std(0, unbiased=False).clamp_min(eps)
    return ((rows - rows.mean(0)) / deviation).movedim(0, dim)
