"""Computes in float32 whatever comes in."""
# hint: wrong values
# pista: valores equivocados


def linear_loss_grads(w, b, x, y):
    w, b, x, y = (v.float() for v in (w, b, x, y))
    error = w * x + b - y
    return (2 * (error * x).mean()).double(), (2 * error.mean()).double()
