"""Converts only the result."""
# hint: compute in .double()
# pista: calcula con .double()


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().clone(memory_format=torch.contiguous_format)
    grad = torch.zeros_like(point)
    for i in range(point.numel()):
        step = torch.zeros_like(point)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(point + step) - f(point - step)) / (2 * eps)
    return grad.double()
