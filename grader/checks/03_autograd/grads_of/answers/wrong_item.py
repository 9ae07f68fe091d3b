"""backward on a Python number."""
# hint: .item() takes the value out of the graph
# pista: .item() saca el valor del grafo


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = [(x.detach().clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    f(*leaves).item().backward()
    return tuple(leaf.grad for leaf in leaves)
