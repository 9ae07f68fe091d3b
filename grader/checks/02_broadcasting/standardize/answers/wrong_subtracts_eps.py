"""eps is subtracted."""
# hint: eps belongs in the divisor, added
# pista: eps va en el divisor, sumado


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    deviation = X.std(dim, correction=0, keepdim=True)
    return (X - X.mean(dim, keepdim=True)) / (deviation - eps)
