"""The step goes into a copy where x is not contiguous."""
# title.es: El paso va a parar a una copia cuando x no es contigua.
# hint.en: Your step is written into point.reshape(-1), which is a copy where x is not contiguous, so f never sees it. Try a transpose.
# hint.es: Tu paso se escribe en point.reshape(-1), que es una copia cuando x no es contigua, así que f nunca lo ve. Prueba con una transpuesta.
# class: serious


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
