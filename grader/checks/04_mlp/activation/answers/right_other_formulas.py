"""tanh from exp(-2|x|), ReLU from where, closures by if."""


def activation(name):
    if name == "sigmoid":
        return lambda x: torch.where(x < 0, torch.exp(x.clamp(max=0)) / (1 + torch.exp(x.clamp(max=0))), 1 / (1 + torch.exp(-x.clamp(min=0))))
    if name == "tanh":
        def tanh(x):
            e = torch.exp(-2 * x.abs())
            return x.sign() * (1 - e) / (1 + e)
        return tanh
    return lambda x: torch.where(x > 0, x, torch.zeros_like(x))


def act_grad(name):
    def slope(x):
        y = activation(name)(x)
        if name == "sigmoid":
            return y - y * y
        if name == "tanh":
            return (1 - y) * (1 + y)
        return torch.where(x >= 0, torch.ones_like(x), torch.zeros_like(x))
    return slope
