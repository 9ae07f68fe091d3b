"""Moves a leaf that requires a gradient in place."""
# hint.en: A leaf that requires a gradient cannot change in place
# hint.es: Una hoja que pide gradiente no puede cambiar


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
