"""dz/dx first."""
# hint: The two derivatives are in the opposite order
# pista: Las dos derivadas están en el orden contrario


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    (dz_dx,) = torch.autograd.grad(z.sum(), x, retain_graph=True)
    (dy_dx,) = torch.autograd.grad(y.sum(), x)
    return dz_dx, dy_dx
