"""backward with ones_like, on a leaf of its own."""


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    y.backward(gradient=torch.ones_like(y))
    return x.grad
