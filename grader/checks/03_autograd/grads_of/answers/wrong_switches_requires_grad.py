"""The caller's tensors are switched to requires_grad."""
# hint: Your function switched requires_grad of its input
# pista: requires_grad


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    xs = [x if x.is_floating_point() else x.float() for x in xs]
    for x in xs:
        x.requires_grad_()
    return torch.autograd.grad(f(*xs), xs)
