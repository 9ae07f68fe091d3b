"""A copy that hangs on the caller's graph: backward goes on to the caller's leaves."""
# hint.en: Your backward walked on
# hint.es: Tu backward siguió de largo


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = []
    for x in xs:
        if x.requires_grad and not x.is_leaf:
            x = x.clone()
            x.retain_grad()
        else:
            x = (x.detach() if x.is_floating_point() else x.float()).requires_grad_()
        leaves.append(x)
    f(*leaves).backward()
    return tuple(x.grad for x in leaves)
