"""compute_z computes in NumPy."""
# hint: .numpy() takes the value out of the graph
# pista: .numpy() saca el valor del grafo


def compute_z(a, b, c):
    return torch.from_numpy(2 * (a.detach().numpy() - b.detach().numpy()) + c.detach().numpy())


def grads_of(f, *xs):
    leaves = [(x.detach().clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    return torch.autograd.grad(f(*leaves), leaves)
