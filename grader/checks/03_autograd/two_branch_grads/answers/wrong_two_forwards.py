"""A forward pass for each derivative."""
# hint: pass retain_graph=True
# pista: si pasas retain_graph=True


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    (torch.sin(2 * x) ** 2 / 2).sum().backward()
    dy_dx = x.grad
    x.grad = None
    torch.sin(2 * x).sum().backward()
    return dy_dx, x.grad
