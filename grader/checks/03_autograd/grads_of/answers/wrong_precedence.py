"""2 a - b + c."""
# hint: a minus b is doubled
# pista: Se duplica a menos b


def compute_z(a, b, c):
    return 2 * a - b + c


def grads_of(f, *xs):
    leaves = [(x.detach().clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    return torch.autograd.grad(f(*leaves), leaves)
