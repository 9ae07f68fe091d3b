"""Half of the rows at a time."""
# hint.en: There is a Python loop (recursion)
# hint.es: Hay un bucle de Python (recursion)


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    if len(X) <= 1:
        return (X[:, None] - Y).pow(2).sum(-1)
    half = len(X) // 2
    return torch.cat([pairwise_sq_dists(X[:half], Y), pairwise_sq_dists(X[half:], Y)])
