"""A clone moves, ahead and behind."""


def numerical_grad(f, x, eps=1e-6):
    x = x.detach().double().clone(memory_format=torch.contiguous_format)
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad
