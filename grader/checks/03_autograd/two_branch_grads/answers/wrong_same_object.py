"""Reset in place, while dy_dx is still that object."""
# hint: Both results hold the derivative that came last
# pista: Los dos resultados contienen la derivada que llegó al final


def two_branch_grads(x):
    x = x.detach().clone().requires_grad_()
    z = torch.sin(2 * x)
    y = z**2 / 2
    y.sum().backward(retain_graph=True)
    dy_dx = x.grad
    x.grad.zero_()
    z.sum().backward()
    return dy_dx, x.grad
