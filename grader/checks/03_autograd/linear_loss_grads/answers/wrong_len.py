"""len() of a single sample."""
# hint: fewer or more dimensions
# pista: menos o más dimensiones


def linear_loss_grads(w, b, x, y):
    n = len(x)
    e = w * x + b - y
    return 2 / n * (e * x).sum(), 2 / n * e.sum()
