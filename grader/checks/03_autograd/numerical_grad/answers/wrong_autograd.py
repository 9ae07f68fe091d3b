"""Autograd computes the gradient."""
# title.es: El gradiente lo calcula autograd.
# hint.en: Your result is the exact gradient, whatever eps is: it comes from autograd. The text allows values of f alone.
# hint.es: Tu resultado es el gradiente exacto, sea cual sea eps: sale de autograd. El enunciado solo permite valores de f.
# class: fatal


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().requires_grad_()
    return torch.autograd.grad(f(point), point)[0]
