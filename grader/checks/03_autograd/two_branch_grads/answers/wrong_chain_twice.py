"""dy/dx is multiplied by dz/dx once more."""
# hint: applies the chain rule twice
# pista: aplica la regla de la cadena dos veces


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    (dz_dx,) = torch.autograd.grad(z.sum(), x, retain_graph=True)
    (dy_dx,) = torch.autograd.grad(y.sum(), x)
    return dy_dx * dz_dx, dz_dx
