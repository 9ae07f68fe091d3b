"""backward on a result with several values."""
# hint: reduce it to one (sum), or pass torch.ones_like(y)
# pista: torch.ones_like(y)


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    f(x).backward()
    return x.grad
