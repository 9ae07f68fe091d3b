"""The graph is freed by the first backward."""
# hint: backward frees the graph
# pista: retain_graph=True


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    y.sum().backward()
    dy_dx = x.grad
    x.grad = None
    z.sum().backward()
    return dy_dx, x.grad
