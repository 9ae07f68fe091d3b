"""Leaves of its own, and backward."""


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = []
    for x in xs:
        if not x.is_floating_point():
            x = x.to(torch.float32)
        leaves.append(x.detach().clone().requires_grad_(True))
    f(*leaves).backward()
    return tuple(leaf.grad for leaf in leaves)
