"""float64 tensors become float32 as well."""
# hint: Convert only what is not floating-point yet
# pista: Convierte solo lo que aún no tiene decimales


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    leaves = [x.detach().clone().float().requires_grad_() for x in xs]
    return torch.autograd.grad(f(*leaves), leaves)
