"""What was in x.grad before is counted, and deleted."""
# title.es: Lo que había antes en x.grad se cuenta, y se borra.
# hint.en: Your backward runs on an x that requires a gradient already: it adds to what is in x.grad, and you empty that afterwards. Begin with a leaf of your own.
# hint.es: Tu backward se ejecuta sobre una x que ya requiere gradiente: suma a lo que hay en x.grad, y después lo vacías. Empieza con una hoja tuya.
# class: serious


def elementwise_derivative(f, x):
    if not x.requires_grad:
        x = x.detach().clone().requires_grad_()
    f(x).sum().backward()
    slope = x.grad.clone()
    if x.grad_fn is None:
        x.grad = None
    return slope
