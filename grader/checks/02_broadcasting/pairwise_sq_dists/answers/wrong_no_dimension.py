"""(N, D) - (M, D)."""
# hint: Insert a dimension of size 1
# pista: Inserta una dimensión de tamaño 1


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return ((X - Y) ** 2).sum(-1)
