"""requires_grad_ without parentheses."""
# hint: requires_grad_ without parentheses does nothing
# pista: requires_grad_ sin paréntesis no hace nada


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = []
    for x in xs:
        leaf = x.detach().clone().float()
        leaf.requires_grad_
        leaves.append(leaf)
    f(*leaves).backward()
    return tuple(leaf.grad for leaf in leaves)
