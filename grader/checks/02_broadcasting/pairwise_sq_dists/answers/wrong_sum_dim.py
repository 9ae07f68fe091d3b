"""Sums over the points of Y."""
# hint: The sum went over the wrong dimension
# pista: La suma ha recorrido la dimensión equivocada


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return ((X[:, None] - Y) ** 2).sum(1)
