"""The sum in place of the mean."""
# hint: so the gradient is a mean too
# pista: así que el gradiente también es una media


def linear_loss_grads(w, b, x, y):
    error = w * x + b - y
    return 2 * (error * x).sum(), 2 * error.sum()
