"""The expanded form rounds below 0."""
# hint: A squared distance is never negative
# pista: Una distancia al cuadrado nunca es negativa


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return X.pow(2).sum(1)[:, None] + Y.pow(2).sum(1) - 2 * X @ Y.T
