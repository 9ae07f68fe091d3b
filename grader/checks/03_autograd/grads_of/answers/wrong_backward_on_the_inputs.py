"""backward on the caller's tensors; their .grad objects are returned."""
# hint: is the .grad object of the input itself
# pista: es el propio objeto .grad de la entrada


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    xs = [x if x.is_floating_point() else x.float() for x in xs]
    for x in xs:
        x.requires_grad_()
    f(*xs).backward()
    return tuple(x.grad for x in xs)
