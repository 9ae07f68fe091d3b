"""Forward mode: torch.func.jvp."""


def elementwise_derivative(f, x):
    point = x.detach()
    return torch.func.jvp(f, (point,), (torch.ones_like(point),))[1]
