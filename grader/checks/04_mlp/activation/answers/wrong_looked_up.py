"""PyTorch's own functions, by name."""
# hint.en: are for comparing
# hint.es: sirven para comparar


def activation(name):
    return getattr(torch, name)


def act_grad(name):
    def slope(x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(activation(name)(x).sum(), x)[0]
    return slope
