"""Differences with a small step, not exact."""
# hint: The derivative has the right shape but wrong values
# pista: La derivada


def elementwise_derivative(f, x):
    x = x.detach()
    return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4
