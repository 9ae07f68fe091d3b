"""The exact gradient, by autograd."""
# hint.en: That is the exact derivative, whatever eps is
# hint.es: Esa es la derivada exacta, sea cual sea eps


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().requires_grad_()
    return torch.autograd.grad(f(point), point)[0]
