"""One number: the sum of all derivatives."""
# hint: One derivative for each value was asked
# pista: Se pidió una derivada para cada valor


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0].sum()
