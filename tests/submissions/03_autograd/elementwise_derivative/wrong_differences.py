"""Differences with a small step, not exact."""
# hint: wrong values
# pista: valores equivocados


def elementwise_derivative(f, x):
    x = x.detach()
    return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4
