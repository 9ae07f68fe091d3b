"""The input changes."""
# hint: Your function changed its input in place
# pista: Tu función ha cambiado su entrada


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    X -= X.mean(dim, keepdim=True)
    X /= X.std(dim, correction=0, keepdim=True) + eps
    return X
