"""One mean for the whole table."""
# hint: those of the whole tensor
# pista: las del tensor entero


def standardize(X: torch.Tensor, dim: int = 0, eps: float = 1e-8) -> torch.Tensor:
    return (X - X.mean()) / (X.std(correction=0) + eps)
