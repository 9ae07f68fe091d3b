"""backward twice, with the gradient reset between."""


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z.pow(2) / 2
    y.backward(torch.ones_like(y), retain_graph=True)
    dy_dx = x.grad.clone()
    x.grad.zero_()
    z.backward(torch.ones_like(z))
    return dy_dx, x.grad
