"""The forward difference."""
# hint: That is the forward difference
# pista: Es la diferencia hacia delante


def numerical_grad(f, x, eps=1e-6):
    point = x.detach().double().clone(memory_format=torch.contiguous_format)
    grad = torch.zeros_like(point)
    for i in range(point.numel()):
        step = torch.zeros_like(point)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(point + step) - f(point)) / eps
    return grad
