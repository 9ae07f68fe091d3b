"""compute_z wraps its result in a new tensor."""
# hint: torch.tensor(…) takes the value out of the graph
# pista: torch.tensor(…) saca el valor del grafo


def compute_z(a, b, c):
    return torch.tensor(2 * (a - b) + c)


def grads_of(f, *xs):
    leaves = [(x.detach().clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    return torch.autograd.grad(f(*leaves), leaves)
