"""Reset in place, while dy_dx is still that object."""
# hint: Both results are one tensor
# pista: Los dos resultados son un mismo tensor


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    y.sum().backward(retain_graph=True)
    dy_dx = x.grad
    x.grad.zero_()
    z.sum().backward()
    return dy_dx, x.grad
