"""A constant column gives 0/0."""
# hint: 0/0 is NaN
# pista: 0/0 da NaN


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return (X - X.mean(dim, keepdim=True)) / X.std(dim, correction=0, keepdim=True)
