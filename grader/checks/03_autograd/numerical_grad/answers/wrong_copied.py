"""The step goes into a copy, for a transpose."""
# hint.en: did the step go into a copy?
# hint.es: ¿fue el paso a parar a una copia?


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().clone()
    grad = torch.zeros(x.shape, dtype=torch.float64)
    for i in range(point.numel()):
        kept = point.reshape(-1)[i].item()
        point.reshape(-1)[i] = kept + eps
        ahead = f(point)
        point.reshape(-1)[i] = kept - eps
        behind = f(point)
        point.reshape(-1)[i] = kept
        grad.view(-1)[i] = (ahead - behind) / (2 * eps)
    return grad
