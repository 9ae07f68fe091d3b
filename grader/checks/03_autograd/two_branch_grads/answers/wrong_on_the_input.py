"""backward on the caller's x."""
# hint: is the .grad object of the input itself
# pista: es el propio objeto .grad de la entrada


def two_branch_grads(x):
    x.requires_grad_()
    x.grad = None
    z = torch.sin(2 * x)
    y = z**2 / 2
    y.sum().backward(retain_graph=True)
    dy_dx = x.grad
    x.grad = None
    z.sum().backward()
    return dy_dx, x.grad
