"""All elements move at once."""
# hint.en: All elements move at once
# hint.es: Se mueven todos los elementos a la vez


def numerical_grad(f, x, eps=1e-6):
    x = x.detach().double()
    return torch.ones_like(x) * (f(x + eps) - f(x - eps)) / (2 * eps)
