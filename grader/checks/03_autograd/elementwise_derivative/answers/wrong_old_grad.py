"""backward on an x that has something in its .grad."""
# hint.en: x already had something in its .grad
# hint.es: x ya tenía algo en su .grad


def elementwise_derivative(f, x):
    if not x.requires_grad:
        x = x.detach().clone().requires_grad_()
    f(x).sum().backward()
    slope = x.grad.clone()
    if x.grad_fn is None:
        x.grad = None
    return slope
