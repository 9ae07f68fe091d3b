"""Differences that cancel."""
# hint: without being squared
# pista: sin elevarlas al cuadrado


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return (X[:, None] - Y).sum(-1)
