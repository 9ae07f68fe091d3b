"""The deviation is at least eps."""
# hint: The deviation is never less than eps in your code
# pista: En tu código la desviación nunca es menor que eps


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    deviation = X.std(dim, unbiased=False, keepdim=True).clamp_min(eps)
    return (X - X.mean(dim, keepdim=True)) / deviation
