"""The caller's tensor is detached in place."""
# hint: The values of x are what they were, but not its requires_grad or .grad
# pista: Los valores de x son los de antes, pero no su requires_grad o su .grad


def numerical_grad(f, x, eps=1e-6):
    x.detach_()
    point = x.double().flatten()
    grad = torch.zeros_like(point)
    for i in range(point.numel()):
        ahead, behind = point.clone(), point.clone()
        ahead[i] += eps
        behind[i] -= eps
        grad[i] = (f(ahead.reshape(x.shape)) - f(behind.reshape(x.shape))) / (2 * eps)
    return grad.reshape(x.shape)
