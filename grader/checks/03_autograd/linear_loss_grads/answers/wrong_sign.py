"""y - z in place of z - y."""
# hint: The sign is the other way round
# pista: El signo está al revés


def linear_loss_grads(w, b, x, y):
    error = y - (w * x + b)
    return 2 * (error * x).mean(), 2 * error.mean()
