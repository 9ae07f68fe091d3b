"""dy/dz in place of dy/dx."""
# hint: ends at z: the chain goes on to x
# pista: acaba en z: la cadena sigue hasta x


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    (dy_dz,) = torch.autograd.grad(y.sum(), z, retain_graph=True)
    (dz_dx,) = torch.autograd.grad(z.sum(), x)
    return dy_dz, dz_dx
