"""The mean in place of the sum."""
# hint: Backward from a mean divides every derivative
# pista: backward desde una media divide cada derivada


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    f(x).mean().backward()
    return x.grad
