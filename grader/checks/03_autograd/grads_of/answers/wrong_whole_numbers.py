"""Whole numbers are asked to require a gradient."""
# hint: Only floating-point tensors have gradients
# pista: Solo los tensores con decimales tienen gradiente


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = [x.detach().clone().requires_grad_() for x in xs]
    return torch.autograd.grad(f(*leaves), leaves)
