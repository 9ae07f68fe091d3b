"""Divided by eps, not by 2 eps."""
# hint: divide by that
# pista: divide entre eso


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().clone(memory_format=torch.contiguous_format)
    grad = torch.zeros_like(point)
    for i in range(point.numel()):
        step = torch.zeros_like(point)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(point + step) - f(point - step)) / eps
    return grad
