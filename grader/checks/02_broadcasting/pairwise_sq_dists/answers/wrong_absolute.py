"""The distance of l1."""
# hint: sums of absolute differences
# pista: sumas de diferencias en valor absoluto


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return (X[:, None] - Y).abs().sum(-1)
