"""float64 computed in float32 and cast back."""
# hint: something on the way was float32
# pista: algo por el camino era float32


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    x = X.float()
    return ((x - x.mean(dim, keepdim=True)) / (x.std(dim, correction=0, keepdim=True) + eps)).to(X.dtype)
