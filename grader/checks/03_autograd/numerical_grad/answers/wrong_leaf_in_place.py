"""A leaf that requires a gradient is changed in place."""
# title.es: Una hoja que requiere gradiente se cambia in-place.
# hint.en: Your code writes into x itself where it requires a gradient, and autograd refuses. Which tensor may you change?
# hint.es: Tu código escribe en la propia x cuando requiere gradiente, y autograd se niega. ¿Qué tensor puedes cambiar?
# class: serious


def numerical_grad(f, x, eps=1e-6):
    grad = torch.zeros(x.shape, dtype=torch.float64)
    point = x if x.requires_grad else x.double().clone()
    for index in [tuple(i) for i in torch.ones(x.shape).nonzero().tolist()]:
        kept = point[index].item()
        point[index] = kept + eps
        ahead = f(point)
        point[index] = kept - eps
        behind = f(point)
        point[index] = kept
        grad[index] = (ahead - behind) / (2 * eps)
    return grad
