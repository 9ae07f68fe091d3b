"""In place, on a copy."""


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    Z = X.clone()
    Z -= X.mean(dim, keepdim=True)
    Z /= X.std(dim, unbiased=False, keepdim=True) + eps
    return Z
