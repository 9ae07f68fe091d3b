"""Uses x itself and returns its .grad object."""
# hint: is the .grad object of the input itself
# pista: es el propio objeto .grad de la entrada


def elementwise_derivative(f, x):
    x.requires_grad_()
    f(x).sum().backward()
    return x.grad
