"""create_graph=True, and no detach."""
# hint: still hangs on a computation graph
# pista: sigue colgando de un grafo


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x, create_graph=True)[0] + 0 * x
