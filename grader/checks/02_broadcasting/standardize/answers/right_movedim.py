"""Moves the axis to the front."""


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    rows = X.movedim(dim, 0)
    deviation, mean = torch.std_mean(rows, 0, unbiased=False)
    return ((rows - mean) / (deviation + eps)).movedim(0, dim)
