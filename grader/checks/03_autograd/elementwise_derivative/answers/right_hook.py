"""A hook catches the gradient on its way."""


def elementwise_derivative(f, x):
    caught = []
    leaf = x.detach().clone().requires_grad_()
    leaf.register_hook(caught.append)
    f(leaf).sum().backward()
    return caught[0].detach()
