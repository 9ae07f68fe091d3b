"""Modules of their own, max with zero, the simple sigmoid, autograd for the derivative."""


class Logistic(nn.Module):
    def forward(self, x):
        return 1 / (1 + torch.exp(-x))


class Hyperbolic(nn.Module):
    def forward(self, x):
        return 1 - 2 / (torch.exp(2 * x) + 1)


def rectify(x):
    return torch.maximum(x, torch.zeros_like(x))


def activation(name):
    if name == "relu":
        return rectify
    return Logistic() if name == "sigmoid" else Hyperbolic()


def act_grad(name):
    def slope(x):
        if name == "relu":
            return torch.heaviside(x, torch.full_like(x[..., :1] if x.ndim else x, 0.5))
        y = activation(name)(x)
        return y * (1 - y) if name == "sigmoid" else 1 - y.square()
    return slope
