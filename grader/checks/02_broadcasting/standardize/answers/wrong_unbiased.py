"""torch.std divides by n - 1."""
# hint: divides by n - 1 unless told otherwise
# pista: divide entre n - 1


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return (X - X.mean(dim, keepdim=True)) / (X.std(dim, keepdim=True) + eps)
