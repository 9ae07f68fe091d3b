"""The mean of the squares minus the square of the mean."""
# hint: the mean of x² minus the square of the mean loses the digits
# pista: la media de x² menos el cuadrado de la media pierde las cifras


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    mean = X.mean(dim, keepdim=True)
    variance = (X * X).mean(dim, keepdim=True) - mean * mean
    return (X - mean) / (variance.clamp(min=0).sqrt() + eps)
