"""The square of the sum."""
# hint: square each difference first
# pista: primero el cuadrado de cada una


def pairwise_sq_dists(X, Y):
    return (X.unsqueeze(1) - Y.unsqueeze(0)).sum(-1) ** 2
