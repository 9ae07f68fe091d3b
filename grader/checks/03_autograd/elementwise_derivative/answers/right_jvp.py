"""Forward mode."""


def elementwise_derivative(f, x):
    x = x.detach()
    return torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]
