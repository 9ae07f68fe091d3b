"""torch.autograd.grad, z first."""


def two_branch_grads(x):
    x = x.detach().requires_grad_()
    z = (2 * x).sin()
    y = 0.5 * z**2
    (dz_dx,) = torch.autograd.grad(z.sum(), x, retain_graph=True)
    (dy_dx,) = torch.autograd.grad(y.sum(), x)
    return dy_dx, dz_dx
