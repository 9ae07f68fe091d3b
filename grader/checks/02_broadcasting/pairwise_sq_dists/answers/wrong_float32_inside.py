"""float64 computed in float32 and cast back."""
# hint: something on the way was float32
# pista: algo por el camino era float32


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return (X.float()[:, None] - Y.float()).pow(2).sum(-1).to(X.dtype)
