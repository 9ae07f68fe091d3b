"""The quotient is upside down."""
# hint: The quotient is upside down
# pista: El cociente está al revés


def numerical_grad(f, x, eps=1e-6):
    x = x.detach().double().clone(memory_format=torch.contiguous_format)
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (2 * eps) / (f(x + step) - f(x - step))
    return grad
