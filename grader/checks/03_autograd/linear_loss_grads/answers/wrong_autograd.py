"""Autograd does the work."""
# hint.en: Write down the two formulas
# hint.es: Escribe las dos fórmulas


def linear_loss_grads(w, b, x, y):
    w, b = (p.detach().clone().requires_grad_() for p in (w, b))
    return torch.autograd.grad(((w * x + b - y) ** 2).mean(), (w, b))
