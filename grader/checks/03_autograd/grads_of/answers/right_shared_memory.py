"""Leaves that share the memory of the inputs, and change nothing."""


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = [(x if x.is_floating_point() else x.float()).data.requires_grad_() for x in xs]
    f(*leaves).backward()
    return tuple(x.grad for x in leaves)
