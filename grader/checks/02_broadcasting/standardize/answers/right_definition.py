"""Mean and deviation written out."""


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    centred = X - X.sum(dim, keepdim=True) / X.shape[dim]
    variance = (centred**2).sum(dim, keepdim=True) / X.shape[dim]
    return centred / (variance.sqrt() + eps)
