"""X is centred in place."""
# hint: Your function changed its input in place
# pista: Tu función ha cambiado su entrada


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    X -= Y.mean(0) * 0
    return (X[:, None] - Y).pow(2).sum(-1)
