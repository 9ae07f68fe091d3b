"""A list where a tuple was asked."""
# hint: A tuple was asked
# pista: Se pidió una tupla


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = [(x.detach().clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    return list(torch.autograd.grad(f(*leaves), leaves))
