"""f is given a flat tensor, whatever the shape of x."""
# title.es: A f le llega un tensor plano, sea cual sea la forma de x.
# hint.en: Your code gives f a tensor of one dimension. f may look at rows and columns: it needs a tensor of the shape of x.
# hint.es: Tu código le da a f un tensor de una dimensión. f puede mirar filas y columnas: necesita un tensor de la forma de x.
# class: serious


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().flatten()
    grad = torch.zeros_like(point)
    for i in range(point.numel()):
        step = torch.zeros_like(point)
        step[i] = eps
        with torch.no_grad():
            grad[i] = (f(point + step) - f(point - step)) / (2 * eps)
    return grad.reshape(x.shape)
