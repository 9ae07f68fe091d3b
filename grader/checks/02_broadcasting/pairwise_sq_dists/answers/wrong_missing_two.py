"""The product comes once."""
# hint.en: comes twice
# hint.es: sale dos veces


def pairwise_sq_dists(X, Y):
    return ((X**2).sum(1)[:, None] + (Y**2).sum(1)[None] - X @ Y.T).clamp(min=0)
