"""float64 for everybody."""
# hint: has the wrong dtype
# pista: tiene otro dtype


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    X = X.double()
    return (X - X.mean(dim, keepdim=True)) / (X.std(dim, correction=0, keepdim=True) + eps)
