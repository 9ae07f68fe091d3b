"""Y along the rows."""
# hint: The result is the transpose
# pista: El resultado es el transpuesto


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return (Y[:, None] - X).pow(2).sum(-1)
