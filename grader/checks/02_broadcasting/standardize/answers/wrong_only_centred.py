"""Not divided by the deviation."""
# hint: divide by the standard deviation
# pista: divide entre la desviación


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return X - X.mean(dim, keepdim=True)
