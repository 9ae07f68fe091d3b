"""Its own eps."""
# hint: eps is not used
# pista: eps no se usa


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return (X - X.mean(dim, keepdim=True)) / (X.std(dim, correction=0, keepdim=True) + 1e-8)
