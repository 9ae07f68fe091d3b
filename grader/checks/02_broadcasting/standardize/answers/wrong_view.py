"""view(-1, 1) fits for dim=1 only."""
# hint: Without keepdim=True
# pista: Sin keepdim=True


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return (X - X.mean(dim).view(-1, 1)) / (X.std(dim, correction=0).view(-1, 1) + eps)
