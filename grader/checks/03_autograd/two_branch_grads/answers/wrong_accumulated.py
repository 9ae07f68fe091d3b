"""The gradient is not reset before the second backward."""
# hint: x.grad accumulated: it holds both derivatives
# pista: x.grad se ha acumulado: contiene las dos derivadas


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    y.sum().backward(retain_graph=True)
    dy_dx = x.grad.clone()
    z.sum().backward()
    return dy_dx, x.grad
